//! The model becomes code. Everything was decided before; nothing here can fail.

mod arguments;
mod as_it_is;
mod as_written;
mod async_fn;
mod block;
mod boxed_fn;
mod callsite;
mod future_fn;
mod inline;
pub(crate) mod manifest;
mod opening;
mod outcome;
mod perhaps_boxed_fn;
pub(crate) mod policy;
mod record;
mod sync_fn;
mod values;

pub(crate) use as_it_is::block_as_it_is;
pub(crate) use inline::inline;

use crate::model::{Shape, TracedFn};
use crate::names::Runtime;
use proc_macro2::TokenStream;

pub(crate) fn function(traced: &TracedFn) -> TokenStream {
    let runtime = Runtime::new(traced.crate_path.clone());
    let expanded = match &traced.shape {
        Shape::Sync => sync_fn::expand(traced, &runtime),
        Shape::Async => async_fn::expand(traced, &runtime),
        Shape::AsyncKept => async_fn::expand_kept(traced, &runtime),
        Shape::Boxed(boxed) => boxed_fn::expand(traced, boxed, &runtime),
        Shape::Future(output) => future_fn::expand(traced, output.as_ref(), &runtime),
        Shape::Stream => future_fn::expand(traced, None, &runtime),
        Shape::PerhapsBoxed(boxed) => perhaps_boxed_fn::expand(traced, boxed.as_ref(), &runtime),
    };
    as_written::beside(traced, expanded)
}
