//! What `#[traced]` does to functions, option by option and shape by shape.

#![allow(
    // The functions are what people write, not what we would.
    clippy::unused_async,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    clippy::trivially_copy_pass_by_ref,
    missing_docs
)]

mod blocks;
mod conditions;
mod err;
mod links;
mod parent;
mod polls;
mod ret;
mod returned_futures;
mod section;

use traced::data::{Span, Status};

/// Whether a span's status is an error.
fn failed(span: &Span) -> bool {
    matches!(span.status, Status::Error(_))
}
