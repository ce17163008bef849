//! Finished spans as waterfalls for a terminal: one block a trace.
//!
//! ```text
//! checkout · 128ms · 44 spans · 4bf92f3577b34da6a3ce929d0e0e4736
//! checkout order=7 currency=eur   128ms  █████████████████████
//! ├ load_account slow order=7    20.4ms  ███▌
//! ├ charge ✗ PayError::Declined  80.2ms     █████████████▊
//! │   · validated checks=3      +25.0ms      ·
//! └ reserve ×40                  19.9ms                  ████▏
//!     sum=18.0ms min=200µs max=3.10ms
//! ```
//!
//! Spans become a tree (`tree`), the tree becomes rows (`row`), and `waterfall` gives the rows their
//! columns. All text passes through one pen (`text`), which escapes what could steer a terminal and ends
//! each line where the terminal ends. The price is paid where somebody looks, never by traced code.

#[cfg(feature = "console")]
mod exporter;
mod row;
mod style;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod waterfall;

use super::span::Span;
use crate::id::TraceId;
use crate::order::sort_by_number;
use std::collections::HashMap;

#[cfg(feature = "console")]
pub use exporter::Console;
pub use style::Style;

/// Draws each trace among these spans, the earliest first; the spans may come in any order.
///
/// Many calls that were collapsed into one span (`traced.count`) are one line, and count in the head line.
/// A span whose parent is not among them stands as a further root of its trace. Offsets of bars and of
/// events count from the trace's first moment.
///
/// Columns are counted as characters: text whose characters are wider or narrower than one column, as in
/// Chinese or with combining accents, shifts what stands to its right.
pub fn render(spans: &[Span], style: &Style) -> String {
    let blocks = by_trace(spans).into_iter().map(|trace| waterfall::draw(&trace, style));
    blocks.collect::<Vec<_>>().join("\n")
}

/// Traces by their first moment, and the spans of each by their own.
fn by_trace(spans: &[Span]) -> Vec<Vec<&Span>> {
    let mut in_order: Vec<&Span> = spans.iter().collect();
    sort_by_number(&mut in_order, |span| span.start_unix_ns);

    let mut places: HashMap<TraceId, usize> = HashMap::new();
    let mut traces: Vec<Vec<&Span>> = Vec::new();
    for span in in_order {
        let place = *places.entry(span.trace_id).or_insert(traces.len());
        if place == traces.len() {
            traces.push(Vec::new());
        }
        traces[place].push(span);
    }
    traces
}
