//! What leaves the process, by each way that needs no server; `interference` has the others.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use traced::console::{Style, render};
use traced::data::{Limits, Resource, Span};
use traced::otlp::proof::{Recording, Reused, record};

/// By memory, the console, and OTLP with and without `code.…`.
pub(crate) const WAYS: [&str; 4] = ["memory", "console", "OTLP", "OTLP without code"];

/// Everything that leaves the process, by each way, without ids and times.
pub(crate) fn exported(work: impl FnOnce()) -> Vec<Vec<u8>> {
    let recording = record(work);
    let spans: Vec<Span> = recording.spans();
    vec![memory(&spans), console(spans), otlp(&recording, true), otlp(&recording, false)]
}

pub(crate) fn memory(spans: &[Span]) -> Vec<u8> {
    let lines = spans.iter().map(|span| {
        let events: Vec<_> = span.events.iter().map(|e| (&e.name, &e.attributes)).collect();
        let Span { name, kind, attributes, status, dropped_attributes, .. } = span;
        format!("{name} {kind:?} {attributes:?} {events:?} {status:?} {dropped_attributes}\n")
    });
    lines.collect::<String>().into_bytes()
}

fn console(mut spans: Vec<Span>) -> Vec<u8> {
    let ids: Vec<String> = spans
        .iter()
        .flat_map(|span| [span.trace_id.to_string(), span.span_id.to_string()])
        .collect();
    for span in &mut spans {
        span.start_unix_ns = 0;
        span.end_unix_ns = 0;
        span.events.iter_mut().for_each(|event| event.unix_ns = 0);
    }
    let drawn = render(&spans, &Style::detect());
    ids.iter().fold(drawn, |drawn, id| drawn.replace(id.as_str(), "id")).into_bytes()
}

fn otlp(recording: &Recording, code: bool) -> Vec<u8> {
    let resource = Resource::new().with("service.name", "leaks");
    let mut encoder = Reused::new(Limits::default(), code, resource);
    let mut body = ExportTraceServiceRequest::decode(recording.encode(&mut encoder)).unwrap();
    for scope in body.resource_spans.iter_mut().flat_map(|spans| &mut spans.scope_spans) {
        for span in &mut scope.spans {
            span.trace_id.clear();
            span.span_id.clear();
            span.parent_span_id.clear();
            span.trace_state.clear();
            (span.start_time_unix_nano, span.end_time_unix_nano) = (0, 0);
            span.events.iter_mut().for_each(|event| event.time_unix_nano = 0);
        }
        scope.spans.sort_by_cached_key(Message::encode_to_vec);
    }
    body.encode_to_vec()
}
