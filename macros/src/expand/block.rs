//! The user's block, as it is, behind what must come first.

use crate::model::TracedFn;
use crate::names::{self, generated};
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

/// The body of the function: ours, in braces that are where the user's are, so that for lints the function
/// is one that was written. The inner braces are of this crate's edition, like [`last`] needs it.
pub(super) fn function(traced: &TracedFn, content: &TokenStream) -> TokenStream {
    let body = traced.function.body.clone().into_iter().next();
    let mut braces = Group::new(Delimiter::Brace, generated! { { #content } });
    braces.set_span(body.map_or_else(Span::call_site, |first| first.span()));
    braces.into_token_stream()
}

/// A block with the prologue, and the user's block where it is needed.
pub(super) fn after(prologue: &TokenStream, block: &TokenStream) -> TokenStream {
    if prologue.is_empty() && is_plain_block(block) {
        return block.clone();
    }
    let block = last(block);
    generated! { { #prologue #block } }
}

/// The user's block as the last expression of one of ours, whose braces are of this crate's edition: what
/// the user's last expression borrows from temporaries drops before what our block binds.
///
/// The label does nothing, but a block around a single expression would be reported as needless without.
pub(super) fn last(block: &TokenStream) -> TokenStream {
    let span = block.clone().into_iter().next().map_or_else(Span::call_site, |first| first.span());
    let label = names::body(span);
    quote_spanned! { span => #label: #block }
}

/// A block that was handed on by a `macro_rules!` macro is an expression, and needs braces around it.
fn is_plain_block(block: &TokenStream) -> bool {
    let first = block.clone().into_iter().next();
    matches!(first, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
}
