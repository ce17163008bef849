//! `OTEL_ATTRIBUTE_*`, `OTEL_SPAN_*`, `OTEL_EVENT_*`, `OTEL_LINK_*`: how much a span may hold.

use super::values::COUNT;
use super::variables::{Setting, Source, Variables};
use crate::export::limits::Limits;

/// What the variables say about how much a span may hold, each with its source.
#[derive(Clone, Debug)]
pub(crate) struct LimitSettings {
    pub(crate) value_length: Setting<Option<usize>>,
    pub(crate) attributes: Setting<usize>,
    pub(crate) events: Setting<usize>,
    pub(crate) links: Setting<usize>,
    pub(crate) event_attributes: Setting<usize>,
    pub(crate) link_attributes: Setting<usize>,
}

const VALUE_LENGTH: [&str; 2] =
    ["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"];
const GENERAL: &str = "OTEL_ATTRIBUTE_COUNT_LIMIT";

impl LimitSettings {
    pub(crate) fn read(variables: &mut Variables<'_>) -> Self {
        let default = Limits::default();
        // A bad general value is told once, whoever falls back on it.
        let general = variables.find(&[GENERAL], &COUNT, &default.attributes.to_string());
        let mut count = |name, default: usize, general: Option<Setting<usize>>| {
            let fallback = general.unwrap_or(Setting::default_of(default));
            let found = variables.find(&[name], &COUNT, &fallback.value.to_string());
            found.unwrap_or(fallback)
        };
        Self {
            attributes: count(
                "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
                default.attributes,
                general.clone(),
            ),
            events: count("OTEL_SPAN_EVENT_COUNT_LIMIT", default.events, None),
            links: count("OTEL_SPAN_LINK_COUNT_LIMIT", default.links, None),
            event_attributes: count(
                "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
                default.event_attributes,
                general.clone(),
            ),
            link_attributes: count(
                "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
                default.link_attributes,
                general,
            ),
            value_length: variables
                .find(&VALUE_LENGTH, &COUNT, "no limit")
                .map_or(Setting::default_of(None), |length| length.map(Some)),
        }
    }

    /// All of them as code says.
    pub(crate) fn of_code(limits: &Limits) -> Self {
        fn said<T>(value: T) -> Setting<T> {
            Setting { value, source: Source::Code }
        }
        Self {
            value_length: said(limits.value_length),
            attributes: said(limits.attributes),
            events: said(limits.events),
            links: said(limits.links),
            event_attributes: said(limits.event_attributes),
            link_attributes: said(limits.link_attributes),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            value_length: self.value_length.value,
            attributes: self.attributes.value,
            events: self.events.value,
            links: self.links.value,
            event_attributes: self.event_attributes.value,
            link_attributes: self.link_attributes.value,
        }
    }
}
