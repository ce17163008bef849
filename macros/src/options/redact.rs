//! Which arguments are recorded, and how: `skip(a)`, `skip_all`, `public(a)`, `redact(a, hash(b), last(c, 4))`,
//! `rename(a = "order.id")`, `strict`.

use super::{Options, no_value};
use crate::redact::attribute;
use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{LitStr, Token, parenthesized, token};

pub(super) fn skip(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    options.skip.extend(arguments(key, input)?);
    Ok(())
}

pub(super) fn skip_all(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    options.skip_all = true;
    no_value(key, input)
}

pub(super) fn strict(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    options.strict = true;
    no_value(key, input)
}

/// `public(a, each(b, max = 3))` and `redact(a, hash(b), last(c, 4))`.
pub(super) fn policies(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    let list = list(key, input)?;
    while !list.is_empty() {
        let word = list.call(Ident::parse_any)?;
        let (argument, words) = if list.peek(token::Paren) {
            let inner;
            parenthesized!(inner in list);
            of_word(&word, &inner)?
        } else {
            (word, TokenStream::new())
        };
        let read = |input: ParseStream<'_>| attribute::words(key, Some(input));
        let mut policy = read.parse2(words)?;
        policy.span = argument.span();
        options.policies.push((argument, policy));
        if !list.is_empty() {
            list.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// `hash(b)` names the argument and the words that would stand on it: `hash`; `last(c, 4)`: `last = 4`.
fn of_word(word: &Ident, inner: ParseStream<'_>) -> syn::Result<(Ident, TokenStream)> {
    let argument = inner.call(Ident::parse_any)?;
    let mut value = TokenStream::new();
    if inner.parse::<Option<Token![,]>>()?.is_some() && (word == "last" || word == "with") {
        let given: syn::Expr = inner.parse()?;
        value = quote_spanned! { word.span() => = #given };
        inner.parse::<Option<Token![,]>>()?;
    }
    let rest: TokenStream = inner.parse()?;
    Ok((argument, quote_spanned! { word.span() => #word #value, #rest }))
}

/// `rename(a = "order.id")`.
pub(super) fn rename(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    let list = list(key, input)?;
    while !list.is_empty() {
        let argument = list.call(Ident::parse_any)?;
        list.parse::<Token![=]>()?;
        let name: LitStr = list.parse()?;
        if name.value().is_empty() {
            return Err(syn::Error::new(name.span(), "a key is not empty"));
        }
        options.renames.push((argument, name));
        if !list.is_empty() {
            list.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

fn arguments(key: &Ident, input: ParseStream<'_>) -> syn::Result<Punctuated<Ident, Token![,]>> {
    let list = list(key, input)?;
    Punctuated::parse_terminated_with(&list, Ident::parse_any)
}

fn list<'a>(key: &Ident, input: ParseStream<'a>) -> syn::Result<syn::parse::ParseBuffer<'a>> {
    if !input.peek(token::Paren) {
        let message = format!("`{key}` needs the names of arguments, as in `{key}(a, b)`");
        return Err(syn::Error::new(key.span(), message));
    }
    let list;
    parenthesized!(list in input);
    Ok(list)
}
