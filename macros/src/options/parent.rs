//! Where a span hangs: `root` and `parent = expr`.

use super::{Options, equals, no_value};
use crate::model::Parent;
use proc_macro2::Ident;
use syn::parse::ParseStream;

pub(super) fn root(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    options.parent = Parent::Root;
    no_value(key, input)
}

pub(super) fn parent(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    options.parent = Parent::Of(equals(key, input, "headers")?.parse()?);
    Ok(())
}
