//! `OTEL_PROPAGATORS`: the headers in which a trace goes from process to process.

use super::values::{items, one_of, word};
use super::variables::{Setting, Source, Variables};

/// A format of headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagator {
    TraceContext,
    Baggage,
    B3,
    B3Multi,
    Jaeger,
    Datadog,
}

const PROPAGATORS: &str = "OTEL_PROPAGATORS";
const KNOWN: [(&str, Option<Propagator>); 7] = [
    ("tracecontext", Some(Propagator::TraceContext)),
    ("baggage", Some(Propagator::Baggage)),
    ("b3", Some(Propagator::B3)),
    ("b3multi", Some(Propagator::B3Multi)),
    ("jaeger", Some(Propagator::Jaeger)),
    ("datadog", Some(Propagator::Datadog)),
    ("none", None),
];

/// The formats, each once; an empty list is `none`.
pub(super) fn read(variables: &mut Variables<'_>) -> Setting<Vec<Propagator>> {
    let default = Setting::default_of(vec![Propagator::TraceContext, Propagator::Baggage]);
    let Some(text) = variables.text(PROPAGATORS) else { return default };
    let mut propagators = Vec::new();
    let mut mistakes = Vec::new();
    let mut says_none = false;
    if items(&text).next().is_none() {
        mistakes.push("an empty list".to_owned());
    }
    for name in items(&text) {
        match word(name, &KNOWN) {
            Some(None) => says_none = true,
            Some(Some(propagator)) if propagators.contains(&propagator) => {}
            Some(Some(propagator)) => propagators.push(propagator),
            None => mistakes.push(format!("`{name}` is {}", one_of(&KNOWN))),
        }
    }
    if says_none && !propagators.is_empty() {
        mistakes.push("`none` beside others means nothing".to_owned());
    }
    let chosen = if says_none || !propagators.is_empty() {
        Setting { value: propagators, source: Source::Variable(PROPAGATORS) }
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
pub(crate) fn names(propagators: &[Propagator]) -> String {
    let name = |one: &Propagator| {
        KNOWN.iter().find(|(_, known)| *known == Some(*one)).map_or("", |(name, _)| *name)
    };
    match propagators {
        [] => "none".to_owned(),
        _ => propagators.iter().map(name).collect::<Vec<_>>().join(","),
    }
}
