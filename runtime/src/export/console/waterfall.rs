//! One trace: the rows get their columns, and the bars their length.

use super::row::{Row, Timing, count_of, rows_of};
use super::style::Style;
use super::text::{Text, Tint, human_duration};
use super::tree;
use crate::export::span::Span;

/// Narrower terminals have no room for bars.
const MIN_WIDTH_WITH_BAR: usize = 60;
const MIN_BAR: usize = 20;
const MAX_BAR: usize = 40;
/// The longest offset, `+213503d`, fills it; all others leave a blank on their left.
const TIME_COLUMN: usize = 8;
/// Between time and bar.
const GAP: usize = 2;

/// Draws a trace from its spans, sorted by their begin; there is at least one.
pub(super) fn draw(spans: &[&Span], style: &Style) -> String {
    let extent = Extent::of(spans);
    let longest_text = longest_text(style.columns());
    // Half of the room belongs to names, however deep the tree; one guide takes two columns.
    let levels = longest_text / 4;
    let nodes = tree::in_reading_order(spans, levels);
    let mut rows = Vec::new();
    for node in &nodes {
        rows.extend(rows_of(node, longest_text));
    }
    let columns = Columns::for_rows(&rows, style.columns());

    let mut block = String::new();
    head_line(nodes[0].span, spans, extent, style.columns()).print(&mut block, style.color);
    for row in &rows {
        columns.line(row, extent).print(&mut block, style.color);
    }
    block
}

/// From the first begin to the last end.
#[derive(Clone, Copy)]
struct Extent {
    start_unix_ns: u64,
    duration_ns: u64,
}

impl Extent {
    fn of(spans: &[&Span]) -> Self {
        let start_unix_ns = spans.iter().map(|span| span.start_unix_ns).min().unwrap_or(0);
        let end_unix_ns = spans.iter().map(|span| span.end_unix_ns).max().unwrap_or(0);
        Self { start_unix_ns, duration_ns: end_unix_ns.saturating_sub(start_unix_ns) }
    }

    fn offset_ns(self, unix_ns: u64) -> u64 {
        unix_ns.saturating_sub(self.start_unix_ns)
    }

    /// How many parts of `parts` have passed after so many nanoseconds.
    fn scale(self, ns: u64, parts: usize) -> usize {
        let passed = u128::from(ns) * parts as u128 / u128::from(self.duration_ns.max(1));
        usize::try_from(passed).unwrap_or(parts).min(parts)
    }
}

fn head_line(root: &Span, spans: &[&Span], extent: Extent, width: usize) -> Text {
    let calls = spans.iter().fold(0_u64, |calls, span| {
        let count = count_of(span).and_then(|count| u64::try_from(count).ok()).unwrap_or(1);
        calls.saturating_add(count)
    });
    let plural = if calls == 1 { "" } else { "s" };
    let duration = human_duration(extent.duration_ns);
    let facts = format!(" · {duration} · {calls} span{plural} · ");

    let mut head = Text::default();
    head.push(Tint::Strong, &root.name);
    // The whole id is there to be copied; its beginning is enough to tell traces apart.
    let mut id = root.trace_id.to_string();
    if head.width() + facts.chars().count() + id.len() > width {
        id.truncate(8);
    }
    head.cut(width.saturating_sub(facts.chars().count() + id.len()));
    head.push(Tint::Plain, facts);
    head.push(Tint::Dim, id);
    head.cut(width);
    head
}

/// How much text may stand before the times.
fn longest_text(width: usize) -> usize {
    let bar = if width < MIN_WIDTH_WITH_BAR { 0 } else { GAP + MIN_BAR };
    width - TIME_COLUMN - bar
}

/// Where things stand in a line; text that is short leaves its room to the bars.
struct Columns {
    width: usize,
    text: usize,
    bar: usize,
}

impl Columns {
    fn for_rows(rows: &[Row], width: usize) -> Self {
        let timed = rows.iter().filter(|row| !matches!(row.timing, Timing::None));
        let widest = timed.map(|row| row.text.width()).max().unwrap_or(0);
        let text = widest.min(longest_text(width));
        let bar = if width < MIN_WIDTH_WITH_BAR {
            0
        } else {
            (width - text - TIME_COLUMN - GAP).min(MAX_BAR)
        };
        Self { width, text, bar }
    }

    fn line(&self, row: &Row, extent: Extent) -> Text {
        let mut line = row.text.clone();
        match row.timing {
            Timing::None => line.cut(self.width),
            Timing::Lasted { start_unix_ns, duration_ns, tint } => {
                self.push_time(&mut line, Tint::Plain, &human_duration(duration_ns));
                let bar = bar(extent, extent.offset_ns(start_unix_ns), duration_ns, self.bar);
                self.push_picture(&mut line, tint, &bar);
            }
            Timing::Happened { unix_ns } => {
                let offset_ns = extent.offset_ns(unix_ns);
                self.push_time(&mut line, Tint::Dim, &format!("+{}", human_duration(offset_ns)));
                let mark = " ".repeat(column_of(extent, offset_ns, self.bar)) + "·";
                self.push_picture(&mut line, Tint::Dim, &mark);
            }
        }
        line
    }

    fn push_time(&self, line: &mut Text, tint: Tint, time: &str) {
        line.cut(self.text);
        line.pad(self.text);
        line.push(tint, format_args!("{time:>TIME_COLUMN$}"));
    }

    fn push_picture(&self, line: &mut Text, tint: Tint, picture: &str) {
        if self.bar > 0 {
            line.pad(line.width() + GAP);
            line.push(tint, picture);
        }
    }
}

/// The column of a moment; the last moment stands in the last column, not behind it.
fn column_of(extent: Extent, offset_ns: u64, columns: usize) -> usize {
    extent.scale(offset_ns, columns).min(columns.saturating_sub(1))
}

/// A bar that begins at a whole column and ends at an eighth of one; it is never empty.
fn bar(extent: Extent, offset_ns: u64, duration_ns: u64, columns: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let start = column_of(extent, offset_ns, columns);
    let end_eighths = extent.scale(offset_ns.saturating_add(duration_ns), columns * 8);
    let eighths = end_eighths.saturating_sub(start * 8).max(1);
    " ".repeat(start) + &"█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent { start_unix_ns: 1_000, duration_ns: 800 };

    #[test]
    fn a_bar_shows_offset_and_length_in_proportion() {
        assert_eq!(bar(EXTENT, 0, 800, 4), "████");
        assert_eq!(bar(EXTENT, 200, 400, 4), " ██");
        assert_eq!(bar(EXTENT, 400, 100, 4), "  ▌");
    }

    #[test]
    fn a_bar_is_never_empty_and_never_too_long() {
        assert_eq!(bar(EXTENT, 0, 0, 4), "▏");
        assert_eq!(bar(EXTENT, 800, 0, 4), "   █");
        assert_eq!(bar(EXTENT, 600, u64::MAX, 4), "   █");
        let instant = Extent { start_unix_ns: 7, duration_ns: 0 };
        assert_eq!(bar(instant, 0, 0, 4), "▏");
    }
}
