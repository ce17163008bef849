//! `crate = path`, for who reaches `traced` under another name.

use super::{Options, equals};
use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{LitStr, Path, Token};

pub(super) fn crate_path(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    options.crate_path = Some(path(equals(key, input, "my::traced")?)?);
    Ok(())
}

/// `crate = path;` in front of the arguments of a function-like macro.
pub(crate) fn leading_crate_path(input: ParseStream<'_>) -> syn::Result<Option<Path>> {
    if !(input.peek(Token![crate]) && input.peek2(Token![=])) {
        return Ok(None);
    }
    input.parse::<Token![crate]>()?;
    input.parse::<Token![=]>()?;
    let path = path(input)?;
    input.parse::<Token![;]>()?;
    Ok(Some(path))
}

/// Other derives write the path as a string; both are understood.
fn path(input: ParseStream<'_>) -> syn::Result<Path> {
    if input.peek(LitStr) {
        return input.parse::<LitStr>()?.parse_with(Path::parse_mod_style);
    }
    input.call(Path::parse_mod_style)
}
