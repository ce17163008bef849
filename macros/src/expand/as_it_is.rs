//! What is not traced.

use crate::model::{Block, Member};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};

/// A block without its own `#[untraced]`; what stands in it may be traced by itself.
pub(crate) fn block_as_it_is(block: Block) -> TokenStream {
    let Block { attrs, header, inner, members, span, .. } = block;
    let members = members.into_iter().map(|member| match member {
        Member::Function(function) => function.into_token_stream(),
        Member::Block(block) => block_as_it_is(block),
        Member::Other(tokens) => tokens,
    });
    let braces = quote_spanned! { span => { #(#inner)* #(#members)* } };
    quote! { #(#attrs)* #header #braces }
}
