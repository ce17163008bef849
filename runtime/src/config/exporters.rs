//! `OTEL_TRACES_EXPORTER`, and what happens where nobody says anything.

use super::built::Built;
use super::choices::{self, Word};
use super::variables::{Setting, Variables};

/// Where spans can go without an exporter of one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Destination {
    /// A collector, or whatever else takes OTLP; with feature `otlp`, or `grpc`.
    Otlp,
    /// Standard error, as waterfalls; with feature `console`.
    Console,
    /// Zipkin; with feature `zipkin`.
    Zipkin,
}

/// Where a program runs, as far as it decides where spans go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Surroundings {
    pub(crate) has_terminal: bool,
}

const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
const KNOWN: [Word<Destination>; 4] = [
    ("otlp", Some(Destination::Otlp)),
    ("console", Some(Destination::Console)),
    ("zipkin", Some(Destination::Zipkin)),
    ("none", None),
];

/// Who sets one of these has a collector in mind.
const COLLECTOR: [&str; 6] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
];

/// The destinations; an empty list is `none`.
pub(super) fn read(
    variables: &mut Variables<'_>,
    built: Built,
    surroundings: Surroundings,
) -> Setting<Vec<Destination>> {
    let missing = |destination: Destination| {
        let name = destination.name();
        (!destination.is_built(built)).then(|| {
            format!(
                "this program was built without feature `{name}` of `traced`: \
                 `cargo add traced -F {name}`"
            )
        })
    };
    let automatic = automatic(variables, built, surroundings);
    choices::read(variables, EXPORTER, &KNOWN, missing, automatic)
}

/// A developer looks at a terminal; everybody else has a collector.
fn automatic(
    variables: &Variables<'_>,
    built: Built,
    surroundings: Surroundings,
) -> Setting<Vec<Destination>> {
    let is_unattended = variables.is_set("CI") || variables.is_set("KUBERNETES_SERVICE_HOST");
    let names_a_collector = COLLECTOR.iter().any(|name| variables.is_set(name));
    let somebody_looks = surroundings.has_terminal && !is_unattended && !names_a_collector;
    let destination = match (built.otlp, built.console) {
        (true, true) if somebody_looks => Destination::Console,
        (false, true) => Destination::Console,
        (false, false) if built.zipkin => Destination::Zipkin,
        (false, false) => return Setting::default_of(Vec::new()),
        (true, _) => Destination::Otlp,
    };
    Setting::default_of(vec![destination])
}

impl Destination {
    pub(crate) fn is_built(self, built: Built) -> bool {
        match self {
            Self::Otlp => built.otlp,
            Self::Console => built.console,
            Self::Zipkin => built.zipkin,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Otlp => "otlp",
            Self::Console => "console",
            Self::Zipkin => "zipkin",
        }
    }
}

/// As the variable would say it.
pub(crate) fn names(destinations: &[Destination]) -> String {
    choices::names(destinations, &KNOWN)
}
