//! What was set up, in one line.

use super::resource;
use crate::config::Config;
use crate::config::exporters::Destination;
use crate::config::sampler::Choice;
use crate::config::url::shown_in_general;
use crate::config::variables::Source;
use crate::export::resource::Resource;

/// `orders 1.4.2 → http://localhost:4318 (default, nothing configured), budget 100/s`.
pub(super) fn compose(config: &Config, resource: &Resource, in_code: bool) -> String {
    let mut places: Vec<String> =
        config.destinations.value.iter().map(|one| place(*one, config)).collect();
    if in_code {
        places.insert(0, "an exporter in code".to_owned());
    }
    let (who, places) = (resource::shown(resource), places.join(" and "));
    format!("{who} → {places}, {}", what_is_kept(config))
}

fn what_is_kept(config: &Config) -> String {
    match (config.sampler.value, config.budget.value) {
        (Choice::Adaptive(_), budget) if config.budget.is_default() => {
            format!("budget {}/s", budget.traces_per_second)
        }
        (Choice::Adaptive(_), budget) => format!("budget {budget}"),
        (other, _) => format!("sampler {}", other.name()),
    }
}

fn place(destination: Destination, config: &Config) -> String {
    let (place, source) = match destination {
        Destination::Console => ("standard error".to_owned(), Source::Default),
        Destination::Zipkin => {
            (shown_in_general(&config.zipkin.endpoint.value), config.zipkin.endpoint.source)
        }
        #[cfg(feature = "otlp")]
        Destination::Otlp => {
            (shown_in_general(&config.otlp.endpoint.value), config.otlp.endpoint.source)
        }
        #[cfg(not(feature = "otlp"))]
        Destination::Otlp => (String::new(), Source::Default),
    };
    let why = match (source, config.destinations.source) {
        (Source::Default, Source::Default) if destination == Destination::Console => {
            "a terminal, and nothing configured".to_owned()
        }
        (Source::Default, Source::Default) => "default, nothing configured".to_owned(),
        (Source::Default, source) | (source, _) => source.to_string(),
    };
    format!("{place} ({why})")
}
