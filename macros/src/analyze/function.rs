//! A function with its body unparsed: whatever the user wrote there is re-emitted as it is.

use crate::model::Function;
use crate::names::generated;
use crate::report::here;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Signature, Token, Visibility};

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        let defaultness = input.parse()?;
        expect_function(input)?;
        let sig: Signature = input.parse()?;
        expect_body(input)?;
        let body = hoist_inner_attributes(input.parse()?, &mut attrs)?;
        Ok(Self { attrs, vis, defaultness, sig, body })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attrs);
        self.vis.to_tokens(tokens);
        self.defaultness.to_tokens(tokens);
        self.sig.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

fn expect_function(input: ParseStream<'_>) -> syn::Result<()> {
    let is_function = input.peek(Token![fn])
        || input.peek(Token![const])
        || input.peek(Token![async])
        || input.peek(Token![unsafe])
        || input.peek(Token![extern]);
    if is_function {
        return Ok(());
    }
    Err(here(
        input,
        "`#[traced]` stands on a function, an `impl`, a trait, or a module with its content",
    ))
}

fn expect_body(input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![;]) {
        let message = "a function without a body has nothing to trace; \
                       put `#[traced]` where it is implemented";
        return Err(here(input, message));
    }
    Ok(())
}

/// `{ #![allow(x)] … }` becomes `#[allow(x)]` on the function, because the block will be an expression,
/// where most inner attributes are not allowed.
fn hoist_inner_attributes(body: TokenTree, attrs: &mut Vec<Attribute>) -> syn::Result<TokenStream> {
    let TokenTree::Group(block) = body else {
        return Err(syn::Error::new(body.span(), "expected the body of the function"));
    };
    if block.delimiter() != Delimiter::Brace || !starts_with_inner_attribute(&block) {
        return Ok(block.into_token_stream());
    }
    let split = |input: ParseStream<'_>| {
        Ok((input.call(Attribute::parse_inner)?, input.parse::<TokenStream>()?))
    };
    let (inner, statements) = split.parse2(block.stream())?;
    for attribute in inner {
        let meta = attribute.meta;
        attrs.extend(Attribute::parse_outer.parse2(generated! { #[#meta] })?);
    }
    let mut hoisted = Group::new(Delimiter::Brace, statements);
    // The edition of the braces decides when temporaries of the last expression drop.
    hoisted.set_span(block.span());
    Ok(hoisted.into_token_stream())
}

fn starts_with_inner_attribute(block: &Group) -> bool {
    let mut tokens = block.stream().into_iter();
    let mut is = |wanted: char| matches!(tokens.next(), Some(TokenTree::Punct(found)) if found.as_char() == wanted);
    is('#') && is('!')
}
