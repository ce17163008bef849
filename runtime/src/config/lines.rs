//! Every setting with its value and who said it, for people. Secrets are left out.

use super::values::{BYTES, DURATION, TIMEOUT};
use super::variables::{Setting, Source};
use super::{Config, exporters, own, privacy, propagators, url};
use crate::sampling::Budget;
use std::path::PathBuf;
use std::time::Duration;

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) what: &'static str,
    pub(crate) value: String,
    pub(crate) source: Source,
}

fn line<T>(what: &'static str, setting: &Setting<T>, show: impl FnOnce(&T) -> String) -> Line {
    Line { what, value: show(&setting.value), source: setting.source }
}

fn listed(pairs: &[(String, String)]) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if pairs.is_empty() { "none".to_owned() } else { pairs.join(",") }
}

fn optional<T>(
    show: impl FnOnce(&T) -> String,
    otherwise: &str,
) -> impl FnOnce(&Option<T>) -> String {
    move |value| value.as_ref().map_or(otherwise.to_owned(), show)
}

impl Config {
    /// What the service is called is not among them: code, variables and the executable decide it together.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut lines = vec![
            line("disabled", &self.disabled, bool::to_string),
            line("log level", &self.chattiness, own::CHATTINESS.show),
            line("service name", &self.identity.service_name, optional(String::clone, "unknown")),
            line("resource attributes", &self.identity.attributes, |all| listed(all)),
            line("exporter", &self.destinations, |all| exporters::names(all)),
        ];
        #[cfg(feature = "otlp")]
        self.otlp_lines(&mut lines);
        lines.extend([
            line("zipkin endpoint", &self.zipkin.endpoint, |address| url::shown(address)),
            line("zipkin timeout", &self.zipkin.timeout, in_ms(TIMEOUT.show)),
            line("interval", &self.batch.interval, in_ms(DURATION.show)),
            line("export timeout", &self.batch.export_timeout, in_ms(TIMEOUT.show)),
            line("memory limit", &self.batch.memory_limit, BYTES.show),
            line(
                "spans in a request",
                &self.batch.spans_in_request,
                optional(usize::to_string, "no limit"),
            ),
            line("attributes of a span", &self.limits.attributes, usize::to_string),
            line(
                "characters of a value",
                &self.limits.value_length,
                optional(usize::to_string, "no limit"),
            ),
            line("events of a span", &self.limits.events, usize::to_string),
            line("links of a span", &self.limits.links, usize::to_string),
            line("attributes of an event", &self.limits.event_attributes, usize::to_string),
            line("attributes of a link", &self.limits.link_attributes, usize::to_string),
            line("sampler", &self.sampler, |choice| choice.name()),
            line("budget", &self.budget, Budget::to_string),
            line("sampling rules", &self.sampling_rules, super::sampler::RULES.show),
            line("propagators", &self.propagators, |all| propagators::names(all)),
            line("filter", &self.filter.text, String::clone),
            line("told at most", &self.privacy.caps, privacy::shown),
            line(
                "key of hashes",
                &self.privacy.hash_key_file,
                optional(|path: &PathBuf| path.display().to_string(), "none in a file"),
            ),
            line("code attributes", &self.code_attributes, own::SWITCH.show),
        ]);
        lines
    }

    #[cfg(feature = "otlp")]
    fn otlp_lines(&self, lines: &mut Vec<Line>) {
        use super::otlp::compression_name;
        use crate::export::otlp::Pem;

        let file = |pem: &Pem| match pem {
            Pem::File(path) => path.display().to_string(),
            Pem::Bytes(_) => "in code".to_owned(),
        };
        let otlp = &self.otlp;
        lines.extend([
            line("otlp protocol", &otlp.protocol, |protocol| protocol.name().to_owned()),
            line("otlp endpoint", &otlp.endpoint, |address| url::shown(address)),
            line("otlp headers", &otlp.headers, |headers| {
                let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
                if names.is_empty() { "none".to_owned() } else { names.join(",") }
            }),
            line("otlp timeout", &otlp.timeout, in_ms(TIMEOUT.show)),
            line("otlp compression", &otlp.compression, |one| compression_name(*one).to_owned()),
            line("otlp certificate", &otlp.certificate, optional(file, "built in")),
            line("otlp client certificate", &otlp.client_certificate, optional(file, "none")),
            line("otlp client key", &otlp.client_key, optional(file, "none")),
        ]);
    }
}

fn in_ms(show: fn(&Duration) -> String) -> impl FnOnce(&Duration) -> String {
    move |duration| match show(duration) {
        number if number.ends_with(|c: char| c.is_ascii_digit()) => format!("{number}ms"),
        words => words,
    }
}
