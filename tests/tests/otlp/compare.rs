//! Decoded spans and what came over the wire, field by field.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1 as proto;
use prost::Message;
use std::collections::HashMap;
use traced::data::{Attribute, Key, Span, Status};

/// All spans of a body, by id, and the scope that each came in.
pub(crate) fn decode(body: &[u8]) -> HashMap<Vec<u8>, (String, proto::Span)> {
    let request = ExportTraceServiceRequest::decode(body).expect("protobuf");
    let mut all = HashMap::new();
    for scope_spans in request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans)
    {
        let scope = scope_spans.scope.map(|scope| scope.name).unwrap_or_default();
        for span in scope_spans.spans {
            let earlier = all.insert(span.span_id.clone(), (scope.clone(), span));
            assert!(earlier.is_none(), "a span came twice: {earlier:?}");
        }
    }
    all
}

/// Everything that is in one is in the other.
#[track_caller]
pub(crate) fn assert_same(spans: &[Span], body: &[u8], code: bool) {
    let mut decoded = decode(body);
    for span in spans {
        let id = span.span_id.to_u64().to_be_bytes();
        let (scope, found) = decoded.remove(&id[..]).unwrap_or_else(|| panic!("missing: {span:?}"));
        assert_eq!(scope, span.scope.as_ref().map_or("traced", |scope| &*scope.name));
        assert_span(span, &found, code);
    }
    assert!(decoded.is_empty(), "nobody made these: {decoded:?}");
}

#[track_caller]
fn assert_span(span: &Span, found: &proto::Span, code: bool) {
    let mut expected = proto::Span {
        trace_id: span.trace_id.to_u128().to_be_bytes().to_vec(),
        span_id: span.span_id.to_u64().to_be_bytes().to_vec(),
        trace_state: span.trace_state.as_deref().unwrap_or_default().to_owned(),
        name: span.name.clone().into_owned(),
        kind: span.kind as i32 + 1,
        start_time_unix_nano: span.start_unix_ns,
        end_time_unix_nano: span.end_unix_ns,
        attributes: attributes(&span.attributes),
        dropped_attributes_count: span.dropped_attributes,
        dropped_events_count: span.dropped_events,
        dropped_links_count: span.dropped_links,
        flags: u32::from(span.trace_flags) | 0x100 | if span.parent_is_remote { 0x200 } else { 0 },
        ..proto::Span::default()
    };
    if span.parent_id.is_valid() {
        expected.parent_span_id = span.parent_id.to_u64().to_be_bytes().to_vec();
    }
    expected.events.extend(span.events.iter().map(|event| proto::span::Event {
        time_unix_nano: event.unix_ns,
        name: event.name.clone().into_owned(),
        attributes: attributes(&event.attributes),
        dropped_attributes_count: event.dropped_attributes,
    }));
    expected.links.extend(span.links.iter().map(|link| {
        let remote = link.is_remote.map_or(0, |remote| if remote { 0x300 } else { 0x100 });
        proto::span::Link {
            trace_id: link.trace_id.to_u128().to_be_bytes().to_vec(),
            span_id: link.span_id.to_u64().to_be_bytes().to_vec(),
            trace_state: link.trace_state.as_deref().unwrap_or_default().to_owned(),
            attributes: attributes(&link.attributes),
            dropped_attributes_count: link.dropped_attributes,
            flags: u32::from(link.trace_flags) | remote,
        }
    }));
    expected.status = match &span.status {
        Status::Unset => None,
        Status::Ok => Some(proto::Status { code: 1, ..proto::Status::default() }),
        Status::Error(text) => Some(proto::Status { code: 2, message: text.clone().into_owned() }),
    };
    let mut found = found.clone();
    if let (true, Some(place)) = (code, span.place) {
        let own = |key: &str| span.attribute(key).is_none();
        if own("code.line.number") {
            let line = key_value("code.line.number", Value::IntValue(place.line.into()));
            expected.attributes.push(line);
        }
        if own("code.file.path") {
            let file = Value::StringValue(place.file.into());
            expected.attributes.push(key_value("code.file.path", file));
        }
    }
    let sort = |span: &mut proto::Span| span.attributes.sort_by(|a, b| a.key.cmp(&b.key));
    sort(&mut found);
    sort(&mut expected);
    assert_eq!(found, expected);
}

fn key_value(key: &str, value: Value) -> KeyValue {
    let value = Some(AnyValue { value: Some(value) });
    KeyValue { key: key.into(), value, ..KeyValue::default() }
}

fn attributes(attributes: &[(Key, Attribute)]) -> Vec<KeyValue> {
    attributes.iter().map(|(key, value)| key_value(key, value_of(value))).collect()
}

fn value_of(value: &Attribute) -> Value {
    fn array<T>(all: &[T], value: impl Fn(&T) -> Value) -> Value {
        let values = all.iter().map(|one| AnyValue { value: Some(value(one)) }).collect();
        Value::ArrayValue(opentelemetry_proto::tonic::common::v1::ArrayValue { values })
    }
    match value {
        Attribute::I64(n) => Value::IntValue(*n),
        Attribute::F64(n) => Value::DoubleValue(*n),
        Attribute::Bool(b) => Value::BoolValue(*b),
        Attribute::Text(text) => Value::StringValue(text.clone()),
        Attribute::I64s(all) => array(all, |n| Value::IntValue(*n)),
        Attribute::F64s(all) => array(all, |n| Value::DoubleValue(*n)),
        Attribute::Bools(all) => array(all, |b| Value::BoolValue(*b)),
        Attribute::Texts(all) => array(all, |text| Value::StringValue(text.clone())),
        other => panic!("unknown to this test: {other:?}"),
    }
}
