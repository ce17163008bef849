//! Trace ids in the lines of `tracing_subscriber::fmt`.

use crate::facts::Facts;
use std::fmt;
use tracing_core::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// A format whose lines say in which span of `traced` they were written.
///
/// ```
/// use tracing_subscriber::fmt;
/// use traced_tracing::Correlated;
///
/// // … checked out trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7 user_id=7
/// let text = fmt::layer::<tracing_subscriber::Registry>()
///     .event_format(Correlated::new(fmt::format()).log_fields(["user_id"]));
/// // … checked out dd.trace_id=11803532876627986230 dd.span_id=67667974448284343
/// let for_datadog = fmt::layer::<tracing_subscriber::Registry>()
///     .event_format(Correlated::new(fmt::format().compact()).datadog());
/// ```
///
/// Lines that are an object of JSON get members, all others text at their end. Lines outside of any span stay as they
/// are. Colours are those that the format was told to use, `fmt::format().with_ansi(true)`: it cannot see here
/// whether it writes to a terminal.
#[derive(Clone, Debug)]
pub struct Correlated<F> {
    format: F,
    facts: Facts,
}

impl<F> Correlated<F> {
    /// With `trace_id` and `span_id`, in the hexadecimal digits of W3C and OpenTelemetry.
    pub fn new(format: F) -> Self {
        Self { format, facts: Facts::default() }
    }

    /// With `dd.trace_id` and `dd.span_id` in their place, as Datadog reads them: in decimal, of the trace the lower 64
    /// bits.
    #[must_use]
    pub fn datadog(mut self) -> Self {
        self.facts.is_datadog = true;
        self
    }

    /// Also with these attributes, of the innermost span that has recorded them in this task or thread. What a span
    /// records may be exported; nothing else is told.
    #[must_use]
    pub fn log_fields<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.facts.fields.extend(keys.into_iter().map(Into::into));
        self
    }
}

impl<S, N, F> FormatEvent<S, N> for Correlated<F>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
    N: for<'w> FormatFields<'w> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if traced::current().is_none() {
            return self.format.format_event(ctx, writer, event);
        }
        let mut line = String::new();
        self.format.format_event(ctx, Writer::new(&mut line), event)?;
        writer.write_str(&self.completed(&line))
    }
}

impl<F> Correlated<F> {
    /// The line, with what there is to say before its end.
    fn completed(&self, line: &str) -> String {
        let text = line.trim_end_matches(['\n', '\r']);
        let end = &line[text.len()..];
        match text.strip_suffix('}') {
            Some(object) if text.starts_with('{') => {
                let members = self.facts.as_members();
                let members =
                    if object.len() == 1 { members.trim_start_matches(',') } else { &members };
                format!("{object}{members}}}{end}")
            }
            _ => format!("{text}{}{end}", self.facts.as_text()),
        }
    }
}
