//! Real libraries that emit spans and events of `tracing`, between ours: parents are right in both directions, and what
//! is not ours to publish stays where it is.
//!
//! One subscriber and one pipeline for all tests; each makes traces of its own.

#![allow(missing_docs)]

mod hyper;
mod sqlx;
mod tower_http;

use traced::data::Span;

/// Whether any text that a span tells contains this.
fn tells(span: &Span, text: &str) -> bool {
    // Names, attributes and events: all that leaves.
    format!("{span:?}").contains(text)
}
