//! Functions as people write them, each annotated, under `#![deny(warnings)]`; and what their spans must be.

#![deny(warnings)]
#![allow(
    // Shapes are what people write, `unsafe` and all.
    unsafe_code,
    dead_code,
    dropping_copy_types,
    missing_docs,
    async_fn_in_trait,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::undocumented_unsafe_blocks,
    reason = "they are no code of ours"
)]

mod attributes;
mod borrows;
mod drops;
mod generics;
mod hostile;
mod macros;
mod other_macros;
mod patterns;
mod plain;
mod promises;
mod receivers;
mod results;

use traced::data::{Span, Status};
use traced::test::capture;

/// The only root of what `work` does.
#[track_caller]
fn span(name: &str, work: impl FnOnce()) -> Span {
    let spans = capture(work);
    let roots: Vec<_> = spans.iter().filter(|span| !span.parent_id.is_valid()).collect();
    assert_eq!(roots.len(), 1, "{spans}");
    assert_eq!(roots[0].name, name);
    roots[0].clone()
}

#[track_caller]
fn is_error(span: &Span) {
    assert!(matches!(span.status, Status::Error(_)), "{span:?}");
}
