//! `#[async_trait]` (0.1) on the `impl` or trait is expanded before `#[traced]` on its methods, which then
//! are sync functions whose body is `Box::pin(async move { … })`: the future is what is to be traced.
//!
//! To be removed when `async fn` in traits is dyn-compatible and nobody uses the crate any more.

use crate::model::{BoxedFuture, Function};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::TokenStreamExt;
use syn::GenericParam;

/// The parts of the body, where it is one of those.
pub(super) fn boxed_future(function: &Function) -> Option<BoxedFuture> {
    let is_mark = |parameter: &GenericParam| matches!(parameter, GenericParam::Lifetime(l) if l.lifetime.ident == "async_trait");
    if !function.sig.generics.params.iter().any(is_mark) {
        return None;
    }
    let (constructor, argument) = call(&only_group(&function.body, Delimiter::Brace)?)?;
    let mut future: Vec<_> = argument.stream().into_iter().collect();
    let TokenTree::Group(body) = future.pop()? else { return None };
    let is_async = matches!(future.first(), Some(TokenTree::Ident(first)) if first == "async");
    (is_async && body.delimiter() == Delimiter::Brace)
        .then(|| BoxedFuture { constructor, body: body.stream() })
}

/// Whether an argument was a pattern before it was called `__arg1`.
pub(super) fn is_pattern(name: &str) -> bool {
    name.strip_prefix("__arg").is_some_and(|rest| rest.parse::<u32>().is_ok())
}

fn only_group(tokens: &TokenStream, delimiter: Delimiter) -> Option<Group> {
    match tokens.clone().into_iter().next()? {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// `Box::pin` and `(…)`.
fn call(block: &Group) -> Option<(TokenStream, Group)> {
    let mut tokens: Vec<_> = block.stream().into_iter().collect();
    let TokenTree::Group(argument) = tokens.pop()? else { return None };
    let is_pin = matches!(tokens.last(), Some(TokenTree::Ident(last)) if last == "pin");
    if !is_pin || argument.delimiter() != Delimiter::Parenthesis {
        return None;
    }
    let mut constructor = TokenStream::new();
    constructor.append_all(tokens);
    Some((constructor, argument))
}
