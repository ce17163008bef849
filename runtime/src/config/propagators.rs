//! `OTEL_PROPAGATORS`: the headers in which a trace goes from process to process.

use super::values::{items, one_of, word};
use super::variables::{Setting, Source, Variables, named};
use crate::propagation::Format;

const PROPAGATORS: &str = "OTEL_PROPAGATORS";
const KNOWN: [(&str, Option<Format>); 7] = [
    (Format::TraceContext.name(), Some(Format::TraceContext)),
    (Format::Baggage.name(), Some(Format::Baggage)),
    (Format::B3.name(), Some(Format::B3)),
    (Format::B3Multi.name(), Some(Format::B3Multi)),
    (Format::Jaeger.name(), Some(Format::Jaeger)),
    (Format::Datadog.name(), Some(Format::Datadog)),
    ("none", None),
];

/// The formats, each once; an empty list is `none`.
pub(super) fn read(variables: &mut Variables<'_>) -> Setting<Vec<Format>> {
    let default = Setting::default_of(vec![Format::TraceContext, Format::Baggage]);
    let Some(text) = variables.text(PROPAGATORS) else { return default };
    let mut formats = Vec::new();
    let mut mistakes = Vec::new();
    let mut says_none = false;
    if items(&text).next().is_none() {
        mistakes.push("an empty list".to_owned());
    }
    for name in items(&text) {
        match word(name, &KNOWN) {
            Some(None) => says_none = true,
            Some(Some(format)) if formats.contains(&format) => {}
            Some(Some(format)) => formats.push(format),
            None => mistakes.push(format!("{} is {}", named(name), one_of(&KNOWN))),
        }
    }
    if says_none && !formats.is_empty() {
        mistakes.push("`none` beside others means nothing".to_owned());
    }
    let chosen = if says_none || !formats.is_empty() {
        Setting { value: formats, source: Source::Variable(PROPAGATORS) }
    } else {
        default
    };
    if !mistakes.is_empty() {
        let instead = format!("using {}", names(&chosen.value));
        variables.warn(PROPAGATORS, text, mistakes.join(", "), instead);
    }
    chosen
}

/// As the variable would say it.
pub(crate) fn names(formats: &[Format]) -> String {
    match formats {
        [] => "none".to_owned(),
        _ => formats.iter().map(|format| format.name()).collect::<Vec<_>>().join(","),
    }
}
