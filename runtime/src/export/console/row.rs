//! What is said about one span: a row for itself, rows for attributes that found no room in it, and a row
//! for each event.

use super::text::{Text, Tint, human_duration};
use super::tree::Node;
use crate::export::span::{Attribute, Event, Span, Status};
use std::fmt::{self, Display, Write};

/// One line, before it has its columns.
pub(super) struct Row {
    pub(super) text: Text,
    pub(super) timing: Timing,
}

/// What stands on the right of a row.
pub(super) enum Timing {
    /// Nothing: the text may use the whole width.
    None,
    /// The duration, and a bar.
    Lasted { start_unix_ns: u64, duration_ns: u64, tint: Tint },
    /// The offset, and a mark.
    Happened { unix_ns: u64 },
}

/// The rows of one span; attributes stand behind its name where both fit into `width`.
pub(super) fn rows_of(node: &Node<'_>, width: usize) -> Vec<Row> {
    let span = node.span;
    let tint = tint_of(span);
    let mut title = Text::default();
    title.push(Tint::Dim, &node.guide);
    title.push(tint, &span.name);
    if let Some(count) = count_of(span) {
        title.push(tint, format_args!(" ×{count}"));
    }
    let details = details_of(span);
    let fits = title.width() + details.width() <= width;
    if fits {
        title.append(&details);
    }

    let timing = Timing::Lasted {
        start_unix_ns: span.start_unix_ns,
        duration_ns: span.end_unix_ns.saturating_sub(span.start_unix_ns),
        tint: if tint == Tint::Plain { Tint::Bar } else { tint },
    };
    let mut rows = vec![Row { text: title, timing }];
    if !fits {
        rows.push(Row { text: below(node, &details), timing: Timing::None });
    }
    rows.extend(span.events.iter().map(|event| row_of_event(node, event)));
    rows
}

/// How many calls a span stands for, where it is more than itself.
pub(super) fn count_of(span: &Span) -> Option<i64> {
    match span.attribute("traced.count") {
        Some(Attribute::I64(count)) => Some(*count),
        _ => None,
    }
}

fn tint_of(span: &Span) -> Tint {
    if matches!(span.status, Status::Error(_)) {
        Tint::Failed
    } else if is_slow(span) {
        Tint::Slow
    } else {
        Tint::Plain
    }
}

fn is_slow(span: &Span) -> bool {
    span.attribute("traced.slow") == Some(&Attribute::Bool(true))
}

fn row_of_event(node: &Node<'_>, event: &Event) -> Row {
    let mut happened = Text::default();
    happened.push(Tint::Dim, " · ");
    happened.push(Tint::Plain, &event.name);
    for (key, value) in &event.attributes {
        happened.push(Tint::Dim, format_args!(" {key}={}", Shown(value)));
    }
    Row { text: below(node, &happened), timing: Timing::Happened { unix_ns: event.unix_ns } }
}

fn below(node: &Node<'_>, text: &Text) -> Text {
    let mut row = Text::default();
    // The text begins with the blank that would part it from a name.
    row.push(Tint::Dim, node.guide_below.strip_suffix(' ').unwrap_or_default());
    row.append(text);
    row
}

/// Everything but name and time, each with a blank before it, the most urgent first.
fn details_of(span: &Span) -> Text {
    let mut details = Text::default();
    if let Status::Error(description) = &span.status {
        push_failure(&mut details, span, description);
    }
    if is_slow(span) {
        details.push(Tint::Slow, " slow");
    }
    for (key, value) in &span.attributes {
        push_attribute(&mut details, span, key, value);
    }
    if !span.links.is_empty() {
        details.push(Tint::Dim, format_args!(" links={}", span.links.len()));
    }
    if span.dropped_attributes > 0 {
        details.push(Tint::Dim, format_args!(" +{} dropped", span.dropped_attributes));
    }
    details
}

fn push_failure(details: &mut Text, span: &Span, description: &str) {
    details.push(Tint::Failed, " ✗");
    if let Some(error_type) = span.attribute("error.type") {
        let colon = if description.is_empty() { "" } else { ":" };
        details.push(Tint::Failed, format_args!(" {}{colon}", Shown(error_type)));
    }
    if !description.is_empty() {
        details.push(Tint::Failed, format_args!(" {description}"));
    }
}

/// One of the attributes, unless the name or something before it says the same.
fn push_attribute(details: &mut Text, span: &Span, key: &str, value: &Attribute) {
    let failed = matches!(span.status, Status::Error(_));
    match (key, value) {
        ("traced.slow", Attribute::Bool(true)) | ("traced.count", Attribute::I64(_)) => {}
        ("error.type", _) if failed => {}
        (
            "http.request.method" | "http.route" | "url.template" | "rpc.method",
            Attribute::Text(text),
        ) if span.name.split(' ').any(|word| word == text) => {}
        ("traced.sum_ns" | "traced.min_ns" | "traced.max_ns", Attribute::I64(ns)) => {
            let what = key.trim_start_matches("traced.").trim_end_matches("_ns");
            let duration = human_duration(u64::try_from(*ns).unwrap_or(0));
            details.push(Tint::Dim, format_args!(" {what}={duration}"));
        }
        _ => details.push(Tint::Dim, format_args!(" {key}={}", Shown(value))),
    }
}

/// A value as the right side of `key=value`.
struct Shown<'a>(&'a Attribute);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Attribute::I64(number) => number.fmt(f),
            // `Debug` knows exponents, `Display` writes three hundred zeros.
            Attribute::F64(number) => fmt::Debug::fmt(number, f),
            Attribute::Bool(truth) => truth.fmt(f),
            Attribute::Text(text) => show_text(text, f),
            Attribute::I64s(all) => show_list(all, f, Display::fmt),
            Attribute::F64s(all) => show_list(all, f, fmt::Debug::fmt),
            Attribute::Bools(all) => show_list(all, f, Display::fmt),
            Attribute::Texts(all) => show_list(all, f, |text, f| show_text(text, f)),
        }
    }
}

/// Bare where it is one word; else quoted, so that it cannot pose as a further attribute.
fn show_text(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let is_word = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '"');
    if is_word {
        return f.write_str(text);
    }
    f.write_char('"')?;
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(character)?;
    }
    f.write_char('"')
}

fn show_list<T>(
    all: &[T],
    f: &mut fmt::Formatter<'_>,
    show: impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    f.write_char('[')?;
    for (index, one) in all.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        show(one, f)?;
    }
    f.write_char(']')
}
