//! Which arguments are recorded: `skip(a)`, `skip_all`, `public(a)`, `redact(a)`.

use super::{Options, no_value};
use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Token, parenthesized, token};

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

pub(super) fn public(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    options.public.extend(arguments(key, input)?);
    Ok(())
}

pub(super) fn redact(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    options.redact.extend(arguments(key, input)?);
    Ok(())
}

fn arguments(key: &Ident, input: ParseStream<'_>) -> syn::Result<Punctuated<Ident, Token![,]>> {
    if !input.peek(token::Paren) {
        let message = format!("`{key}` needs the names of arguments, as in `{key}(a, b)`");
        return Err(syn::Error::new(key.span(), message));
    }
    let list;
    parenthesized!(list in input);
    Punctuated::parse_terminated_with(&list, Ident::parse_any)
}
