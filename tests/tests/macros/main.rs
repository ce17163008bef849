//! What `#[traced]` does to functions, option by option and shape by shape.

#![allow(
    // The functions are what people write, not what we would.
    clippy::all,
    clippy::pedantic,
    missing_docs
)]

mod blocks;
mod conditions;
mod depth;
mod err;
mod facade;
mod from_tracing;
mod links;
mod parent;
mod polls;
mod ret;
mod returned_futures;
mod section;
mod section_macro;

use traced::data::{Span, Status};

/// Whether a span's status is an error.
fn failed(span: &Span) -> bool {
    matches!(span.status, Status::Error(_))
}
