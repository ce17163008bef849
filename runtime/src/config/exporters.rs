//! `OTEL_TRACES_EXPORTER`, and what happens where nobody says anything.

use super::built::Built;
use super::values::{items, one_of, word};
use super::variables::{Setting, Source, Variables, named};

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
const KNOWN: [(&str, Option<Destination>); 4] = [
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
    let automatic = automatic(variables, built, surroundings);
    let Some(text) = variables.text(EXPORTER) else { return automatic };
    let mut destinations = Vec::new();
    let mut mistakes = Vec::new();
    let mut says_none = false;
    if items(&text).next().is_none() {
        mistakes.push("an empty list".to_owned());
    }
    for name in items(&text) {
        match word(name, &KNOWN) {
            Some(None) => says_none = true,
            Some(Some(destination)) if !destination.is_built(built) => {
                mistakes.push(format!(
                    "this program was built without feature `{name}` of `traced`: \
                     `cargo add traced -F {name}`"
                ));
            }
            Some(Some(destination)) if destinations.contains(&destination) => {}
            Some(Some(destination)) => destinations.push(destination),
            None => mistakes.push(format!("{} is {}", named(name), one_of(&KNOWN))),
        }
    }
    if says_none && !destinations.is_empty() {
        mistakes.push("`none` beside others means nothing".to_owned());
    }
    let is_usable = says_none || !destinations.is_empty();
    let chosen = if is_usable {
        Setting { value: destinations, source: Source::Variable(EXPORTER) }
    } else {
        automatic
    };
    if !mistakes.is_empty() {
        let instead = format!("using {}", names(&chosen.value));
        variables.warn(EXPORTER, text, mistakes.join(", "), instead);
    }
    chosen
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
    match destinations {
        [] => "none".to_owned(),
        _ => destinations.iter().map(|one| one.name()).collect::<Vec<_>>().join(","),
    }
}
