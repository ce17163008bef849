//! `OTEL_PROPAGATORS`: the headers in which a trace goes from process to process.

use super::choices::{self, Word};
use super::variables::{Setting, Variables};
use crate::propagation::Format;

const PROPAGATORS: &str = "OTEL_PROPAGATORS";
const KNOWN: [Word<Format>; 7] = [
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
    choices::read(variables, PROPAGATORS, &KNOWN, |_| None, default)
}

/// As the variable would say it.
pub(crate) fn names(formats: &[Format]) -> String {
    choices::names(formats, &KNOWN)
}
