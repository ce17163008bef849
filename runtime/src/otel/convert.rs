//! What other libraries say about their spans, in our words.

use crate::callsite::SpanKind;
use crate::context::remote;
use crate::export::span::{Attribute, Event, Key, Link, Scope, Status};
use crate::id::{SpanId, TraceId};
use opentelemetry::trace;
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, Value};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) fn kind(kind: &trace::SpanKind) -> SpanKind {
    match kind {
        trace::SpanKind::Client => SpanKind::Client,
        trace::SpanKind::Server => SpanKind::Server,
        trace::SpanKind::Producer => SpanKind::Producer,
        trace::SpanKind::Consumer => SpanKind::Consumer,
        trace::SpanKind::Internal => SpanKind::Internal,
    }
}

pub(super) fn status(status: trace::Status) -> Status {
    match status {
        trace::Status::Unset => Status::Unset,
        trace::Status::Ok => Status::Ok,
        trace::Status::Error { description } => Status::Error(description),
    }
}

/// A time before 1970, or after 2554, is one of the two.
pub(super) fn unix_ns(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

pub(super) fn attributes(all: Vec<KeyValue>) -> Vec<(Key, Attribute)> {
    all.into_iter().map(attribute).collect()
}

pub(super) fn attribute(KeyValue { key, value, .. }: KeyValue) -> (Key, Attribute) {
    // A key that is static stays so only if it says so, which it does not.
    (Key::Owned(String::from(key)), self::value(value))
}

fn value(value: Value) -> Attribute {
    match value {
        Value::Bool(b) => Attribute::Bool(b),
        Value::I64(n) => Attribute::I64(n),
        Value::F64(n) => Attribute::F64(n),
        Value::String(text) => Attribute::Text(text.into()),
        Value::Array(Array::Bool(all)) => Attribute::Bools(all),
        Value::Array(Array::I64(all)) => Attribute::I64s(all),
        Value::Array(Array::F64(all)) => Attribute::F64s(all),
        Value::Array(Array::String(all)) => {
            Attribute::Texts(all.into_iter().map(StringValue::into).collect())
        }
        // What a later version adds is at least written down.
        other => Attribute::Text(other.to_string()),
    }
}

pub(super) fn event(event: trace::Event) -> Event {
    let dropped = event.dropped_attributes_count;
    Event {
        attributes: attributes(event.attributes),
        dropped_attributes: dropped,
        ..Event::new(event.name, unix_ns(event.timestamp))
    }
}

pub(super) fn link(ids: &trace::SpanContext, all: Vec<KeyValue>) -> Link {
    let (trace, span) = (TraceId::from(ids.trace_id()), SpanId::from(ids.span_id()));
    let trace_state = ids.trace_state().header();
    Link {
        is_remote: Some(ids.is_remote()),
        trace_flags: ids.trace_flags().to_u8() & (remote::SAMPLED | remote::RANDOM),
        trace_state: (!trace_state.is_empty()).then(|| trace_state.into()),
        attributes: attributes(all),
        ..Link::new(trace, span)
    }
}

pub(super) fn scope(scope: &InstrumentationScope) -> Arc<Scope> {
    let owned = |text: &str| text.to_owned().into();
    Arc::new(Scope {
        version: scope.version().map(owned),
        schema_url: scope.schema_url().map(owned),
        attributes: scope.attributes().cloned().map(attribute).collect(),
        ..Scope::new(scope.name().to_owned())
    })
}
