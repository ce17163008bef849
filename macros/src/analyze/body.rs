//! What can be told about a body without parsing it.

use crate::model::BoxedFuture;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::Ident;

/// Macros of the standard library, which evaluate their arguments where they stand.
const TRANSPARENT: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "column",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "file",
    "format",
    "format_args",
    "include_bytes",
    "include_str",
    "line",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "print",
    "println",
    "stringify",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Words that may stand in front of a `!` which negates.
const BEFORE_NEGATION: &[&str] = &["if", "in", "match", "while", "else", "move"];

/// Whether something may leave the body before its end: `return` and `?`, also in closures and where a macro
/// may hide them.
pub(super) fn leaves_early(tokens: &TokenStream) -> bool {
    let mut before: Option<Ident> = None;
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let leaves = match &token {
            TokenTree::Ident(word) => word == "return",
            TokenTree::Punct(punct) if punct.as_char() == '!' => {
                let is_call = matches!(tokens.peek(), Some(TokenTree::Group(_)));
                is_call && before.as_ref().is_some_and(|name| !is_transparent(name))
            }
            TokenTree::Punct(punct) => punct.as_char() == '?',
            TokenTree::Group(group) => leaves_early(&group.stream()),
            TokenTree::Literal(_) => false,
        };
        if leaves {
            return true;
        }
        before = match token {
            TokenTree::Ident(word) => Some(word),
            _ => None,
        };
    }
    false
}

pub(super) fn is_transparent(name: &Ident) -> bool {
    [TRANSPARENT, BEFORE_NEGATION].into_iter().flatten().any(|known| name == known)
}

/// Whether the body ends with a value, not with a statement behind which nothing comes.
///
/// The value of a body that diverges could be bound as well, but lints would speak of that.
pub(crate) fn ends_with_value(body: &TokenStream) -> bool {
    let Some(braces) = only_braces(body) else { return true };
    let mut statement_starts_with = None;
    let mut last = None;
    for token in braces.stream() {
        let is_end =
            |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
        if last.as_ref().is_none_or(is_end) {
            statement_starts_with = Some(token.to_string());
        }
        last = Some(token);
    }
    let leaves = ["return", "break", "continue"];
    let ends_open = !matches!(&last, Some(TokenTree::Punct(punct)) if punct.as_char() == ';');
    ends_open && !statement_starts_with.is_some_and(|word| leaves.contains(&word.as_str()))
}

/// The parts of a body that ends with `Box::pin(async { … })`.
pub(super) fn boxed_future(body: &TokenStream) -> Option<BoxedFuture> {
    let mut tokens: Vec<_> = only_braces(body)?.stream().into_iter().collect();
    let TokenTree::Group(argument) = tokens.pop()? else { return None };
    if argument.delimiter() != Delimiter::Parenthesis {
        return None;
    }
    let constructor = tokens.split_off(path_start(&tokens, "pin")?);
    let block = async_block(&argument.stream())?;
    Some(BoxedFuture {
        statements: tokens.into_iter().collect(),
        constructor: constructor.into_iter().collect(),
        future: argument.stream(),
        body: block.stream(),
    })
}

fn only_braces(body: &TokenStream) -> Option<Group> {
    match body.clone().into_iter().next()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

/// Where the path begins that stands at the end and ends with this name, if a statement could begin there.
fn path_start(tokens: &[TokenTree], name: &str) -> Option<usize> {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ':');
    let ends_with = |tokens: &[TokenTree]| match tokens {
        [.., first, second] => is_colon(first) && is_colon(second),
        _ => false,
    };
    if !matches!(tokens.last()?, TokenTree::Ident(last) if last == name) {
        return None;
    }
    let mut start = tokens.len() - 1;
    while ends_with(&tokens[..start]) {
        start -= 2;
        match tokens[..start].last() {
            Some(TokenTree::Ident(_)) => start -= 1,
            _ => break,
        }
    }
    let is_statement = match tokens[..start].last() {
        None => true,
        Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        Some(_) => false,
    };
    is_statement.then_some(start)
}

/// `async move { … }` and nothing else.
fn async_block(tokens: &TokenStream) -> Option<Group> {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    let is =
        |token: &TokenTree, wanted: &str| matches!(token, TokenTree::Ident(word) if word == wanted);
    let block = match tokens.as_slice() {
        [word, TokenTree::Group(block)] if is(word, "async") => block,
        [word, mv, TokenTree::Group(block)] if is(word, "async") && is(mv, "move") => block,
        _ => return None,
    };
    (block.delimiter() == Delimiter::Brace).then(|| block.clone())
}

#[cfg(test)]
mod tests {
    use super::{boxed_future, leaves_early};
    use proc_macro2::TokenStream;

    fn tokens(text: &str) -> TokenStream {
        text.parse().expect("tokens")
    }

    #[test]
    fn what_leaves_early_is_seen_also_where_it_is_hidden() {
        for early in ["{ a()?; b }", "{ if x { return 1; } 2 }", "{ bail!(x) }", "{ vec![a?] }"] {
            assert!(leaves_early(&tokens(early)), "{early}");
        }
        for whole in ["{ a(); b }", "{ if !(a) { 1 } else { 2 } }", "{ vec![1] }", "{ a != (b) }"] {
            assert!(!leaves_early(&tokens(whole)), "{whole}");
        }
    }

    #[test]
    fn a_boxed_future_is_seen_at_the_end_of_a_body() {
        for boxed in [
            "{ Box::pin(async move { 1 }) }",
            "{ ::std::boxed::Box::pin(async { 1 }) }",
            "{ let a = 1; Box::pin(async move { a }) }",
            "{ if a { b() } Box::pin(async move { a }) }",
        ] {
            assert!(boxed_future(&tokens(boxed)).is_some(), "{boxed}");
        }
        for other in [
            "{ Box::pin(future) }",
            "{ Box::pin(async { 1 }.map(f)) }",
            "{ let a = Box::pin(async { 1 }); }",
            "{ return Box::pin(async { 1 }) }",
            "{ f(Box::pin(async { 1 })) }",
            "{ Box::new(async { 1 }) }",
        ] {
            assert!(boxed_future(&tokens(other)).is_none(), "{other}");
        }
    }
}
