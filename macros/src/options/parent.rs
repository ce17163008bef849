//! Where a span hangs: `root` and `parent = expr`; and what else it refers to: `links = expr`.

use super::{Options, equals, no_value};
use crate::model::Parent;
use proc_macro2::Ident;
use syn::Expr;
use syn::parse::ParseStream;

pub(super) fn root(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    options.root_span = Some(key.span());
    options.parent = Some(Parent::Root);
    no_value(key, input)
}

pub(super) fn parent(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    options.parent_span = Some(key.span());
    let parent: Expr = equals(key, input, "headers")?.parse()?;
    options.parent = Some(if is_none(&parent) { Parent::Root } else { Parent::Of(parent) });
    Ok(())
}

/// `parent = None` is how `tracing` says `root`.
fn is_none(parent: &Expr) -> bool {
    matches!(parent, Expr::Path(path) if path.path.is_ident("None"))
}

pub(super) fn links(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    options.links = Some(equals(key, input, "message.context()")?.parse()?);
    Ok(())
}
