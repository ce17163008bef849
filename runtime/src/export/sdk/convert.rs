//! Our spans as the SDK describes them.

use crate::callsite::SpanKind;
use crate::export::code::code_attributes;
use crate::export::resource::Resource;
use crate::export::span::{Attribute, Event, Key, Link, Scope, Span, Status};
use crate::id::{SpanId, TraceId};
use opentelemetry::trace::{SpanContext, TraceFlags, TraceState};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, Value, trace};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

/// A span of ours, as any exporter of the SDK understands it. `own` is the scope of spans that name none.
pub(super) fn span(span: &Span, own: &InstrumentationScope) -> SpanData {
    let mut events = SpanEvents::default();
    events.events = span.events.iter().map(event).collect();
    events.dropped_count = span.dropped_events;
    let mut links = SpanLinks::default();
    links.links = span.links.iter().map(link).collect();
    links.dropped_count = span.dropped_links;
    let code = span.place.map(code_attributes).unwrap_or_default();
    SpanData {
        span_context: context(
            span.trace_id,
            span.span_id,
            span.trace_flags,
            false,
            span.trace_state.as_deref(),
        ),
        parent_span_id: span_id(span.parent_id),
        parent_span_is_remote: span.parent_is_remote,
        span_kind: kind(span.kind),
        name: span.name.clone(),
        start_time: time(span.start_unix_ns),
        end_time: time(span.end_unix_ns),
        attributes: span.attributes.iter().chain(&code).map(pair).collect(),
        dropped_attributes_count: span.dropped_attributes,
        events,
        links,
        status: status(&span.status),
        instrumentation_scope: span.scope.as_deref().map_or_else(|| own.clone(), scope),
    }
}

/// Who sends the spans.
pub(super) fn resource(resource: &Resource) -> opentelemetry_sdk::Resource {
    let builder = opentelemetry_sdk::Resource::builder_empty();
    let attributes = attributes(&resource.attributes);
    match &resource.schema_url {
        Some(url) => builder.with_schema_url(attributes, url.clone()).build(),
        None => builder.with_attributes(attributes).build(),
    }
}

/// The scope of spans that we made.
pub(super) fn own_scope() -> InstrumentationScope {
    InstrumentationScope::builder("traced").with_version(env!("CARGO_PKG_VERSION")).build()
}

fn scope(scope: &Scope) -> InstrumentationScope {
    let mut builder = InstrumentationScope::builder(scope.name.clone());
    if let Some(version) = &scope.version {
        builder = builder.with_version(version.clone());
    }
    if let Some(url) = &scope.schema_url {
        builder = builder.with_schema_url(url.clone());
    }
    builder.with_attributes(attributes(&scope.attributes)).build()
}

fn context(
    trace: TraceId,
    span: SpanId,
    flags: u8,
    is_remote: bool,
    state: Option<&str>,
) -> SpanContext {
    let trace = opentelemetry::TraceId::from_bytes(trace.to_u128().to_be_bytes());
    // What others wrote into the header is theirs, and may be more than the SDK takes.
    let state = state.and_then(|state| TraceState::from_str(state).ok()).unwrap_or_default();
    SpanContext::new(trace, span_id(span), TraceFlags::new(flags), is_remote, state)
}

fn span_id(id: SpanId) -> opentelemetry::SpanId {
    opentelemetry::SpanId::from_bytes(id.to_u64().to_be_bytes())
}

fn event(event: &Event) -> trace::Event {
    trace::Event::new(
        event.name.clone(),
        time(event.unix_ns),
        attributes(&event.attributes),
        event.dropped_attributes,
    )
}

fn link(link: &Link) -> trace::Link {
    let is_remote = link.is_remote.unwrap_or(false);
    let state = link.trace_state.as_deref();
    trace::Link::new(
        context(link.trace_id, link.span_id, link.trace_flags, is_remote, state),
        attributes(&link.attributes),
        link.dropped_attributes,
    )
}

pub(super) fn kind(kind: SpanKind) -> trace::SpanKind {
    match kind {
        SpanKind::Internal => trace::SpanKind::Internal,
        SpanKind::Server => trace::SpanKind::Server,
        SpanKind::Client => trace::SpanKind::Client,
        SpanKind::Producer => trace::SpanKind::Producer,
        SpanKind::Consumer => trace::SpanKind::Consumer,
    }
}

fn status(status: &Status) -> trace::Status {
    match status {
        Status::Unset => trace::Status::Unset,
        Status::Ok => trace::Status::Ok,
        Status::Error(description) => trace::Status::error(description.clone()),
    }
}

fn time(unix_ns: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(unix_ns)
}

fn attributes(attributes: &[(Key, Attribute)]) -> Vec<KeyValue> {
    attributes.iter().map(pair).collect()
}

fn pair((key, attribute): &(Key, Attribute)) -> KeyValue {
    KeyValue::new(key.clone(), value(attribute))
}

fn value(attribute: &Attribute) -> Value {
    match attribute {
        Attribute::I64(number) => Value::I64(*number),
        Attribute::F64(number) => Value::F64(*number),
        Attribute::Bool(is_so) => Value::Bool(*is_so),
        Attribute::Text(text) => Value::String(text.clone().into()),
        Attribute::I64s(all) => Value::Array(Array::I64(all.clone())),
        Attribute::F64s(all) => Value::Array(Array::F64(all.clone())),
        Attribute::Bools(all) => Value::Array(Array::Bool(all.clone())),
        Attribute::Texts(all) => {
            let texts = all.iter().map(|text| StringValue::from(text.clone()));
            Value::Array(Array::String(texts.collect()))
        }
    }
}
