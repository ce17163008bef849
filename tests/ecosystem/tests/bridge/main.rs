//! Real libraries that emit spans and events of `tracing`, between ours: parents are right in both directions, and what
//! is not ours to publish stays where it is.
//!
//! One subscriber and one pipeline for all tests; each makes traces of its own.

#![allow(missing_docs)]

mod hyper;
mod sqlx;
mod tower_http;

use traced::data::Span;
use traced_tests_http::Trace;

/// Whether any text that a span tells contains this.
fn tells(span: &Span, text: &str) -> bool {
    // Names, attributes and events: all that leaves.
    format!("{span:?}").contains(text)
}

/// The spans of a trace, once there are so many, without those that h2 has inside of it as it sees fit.
async fn without_h2(trace: Trace, count: usize) -> Vec<Span> {
    let is_other = |span: &Span| span.place.is_none_or(|place| !place.target.starts_with("h2"));
    let others = |spans: &[Span]| spans.iter().filter(|span| is_other(span)).count();
    let mut spans = trace.spans_until(|spans| others(spans) >= count).await;
    spans.retain(is_other);
    assert_eq!(spans.len(), count, "{spans:?}");
    spans
}
