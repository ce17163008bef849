//! `name = "…"`, the bare string that means the same, and `target = "…"`.

use super::{Options, equals};
use crate::report::here;
use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Expr, Lit, LitStr};

pub(super) fn bare(options: &mut Options, input: ParseStream<'_>) -> syn::Result<()> {
    options.name = Some(not_empty(input.parse()?)?);
    Ok(())
}

pub(super) fn name(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    let input = equals(key, input, "\"…\"")?;
    if !input.peek(LitStr) {
        let message = "the name of a span is a string literal, so that it never carries data and can be found in the source";
        return Err(here(input, message));
    }
    bare(options, input)
}

pub(super) fn target(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    let target: Expr = equals(key, input, "\"…\"")?.parse()?;
    let accepted = match &target {
        Expr::Lit(literal) => matches!(literal.lit, Lit::Str(_)),
        Expr::Path(_) => true,
        _ => false,
    };
    if !accepted {
        return Err(syn::Error::new_spanned(
            target,
            "`target` is a string literal or the path of a constant",
        ));
    }
    options.target = Some(target);
    Ok(())
}

fn not_empty(name: LitStr) -> syn::Result<LitStr> {
    if name.value().is_empty() {
        return Err(syn::Error::new(name.span(), "the name of a span is not empty"));
    }
    Ok(name)
}
