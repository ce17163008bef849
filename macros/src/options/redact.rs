//! Which arguments are recorded: `skip(a)`, `skip_all`, `public(a)`, `redact(a)`.

use super::Options;
use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Token, parenthesized, token};

pub(super) fn skip(options: &mut Options, input: ParseStream<'_>) -> syn::Result<()> {
    options.skip.extend(arguments(input, "skip")?);
    Ok(())
}

pub(super) fn skip_all(options: &mut Options, input: ParseStream<'_>) -> syn::Result<()> {
    options.skip_all = true;
    if input.peek(token::Paren) || input.peek(Token![=]) {
        return Err(input.error("`skip_all` takes no value"));
    }
    Ok(())
}

pub(super) fn public(options: &mut Options, input: ParseStream<'_>) -> syn::Result<()> {
    options.public.extend(arguments(input, "public")?);
    Ok(())
}

pub(super) fn redact(options: &mut Options, input: ParseStream<'_>) -> syn::Result<()> {
    options.redact.extend(arguments(input, "redact")?);
    Ok(())
}

fn arguments(input: ParseStream<'_>, option: &str) -> syn::Result<Punctuated<Ident, Token![,]>> {
    if !input.peek(token::Paren) {
        let message = format!("`{option}` needs the names of arguments, as in `{option}(a, b)`");
        return Err(input.error(message));
    }
    let list;
    parenthesized!(list in input);
    Punctuated::parse_terminated_with(&list, Ident::parse_any)
}
