//! Where a span hangs: `root` and `parent = expr`.

use super::{Options, equals};
use crate::model::Parent;
use syn::parse::ParseStream;
use syn::{Token, token};

pub(super) fn root(options: &mut Options, input: ParseStream<'_>) -> syn::Result<()> {
    options.parent = Parent::Root;
    if input.peek(token::Paren) || input.peek(Token![=]) {
        return Err(input.error("`root` takes no value"));
    }
    Ok(())
}

pub(super) fn parent(options: &mut Options, input: ParseStream<'_>) -> syn::Result<()> {
    options.parent = Parent::Of(equals(input, "parent", "headers")?.parse()?);
    Ok(())
}
