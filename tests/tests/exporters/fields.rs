//! Every field of a span arrives as the SDK describes it.

use opentelemetry::trace::{SpanKind, Status};
use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use std::borrow::Cow;
use std::time::{Duration, SystemTime};
use traced::data::{Attribute, Event, Key, Link, Resource, Scope, Span, SpanId, TraceId};
use traced::{Export, data};

fn exported(span: Span) -> SpanData {
    let theirs = InMemorySpanExporter::default();
    // Its end would empty the list.
    let mut exporter = traced::sdk::Exporter::new(theirs.clone());
    exporter.export(&[span]).unwrap();
    theirs.get_finished_spans().unwrap().remove(0)
}

fn span() -> Span {
    Span::new("charge", TraceId::from_u128(0x0102_0304), SpanId::from_u64(0x0506))
}

fn key(name: &'static str) -> Key {
    Cow::Borrowed(name)
}

fn at(ns: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(ns)
}

#[test]
fn who_when_and_under_whom() {
    let mut span = span();
    span.parent_id = SpanId::from_u64(0x0708);
    span.parent_is_remote = true;
    span.trace_state = Some("a=1,b=2".into());
    span.start_unix_ns = 1_700_000_000_123_456_789;
    span.end_unix_ns = 1_700_000_001_987_654_321;
    let data = exported(span);
    assert_eq!(data.name, "charge");
    assert_eq!(data.span_context.trace_id().to_string(), format!("{:032x}", 0x0102_0304));
    assert_eq!(data.span_context.span_id().to_string(), format!("{:016x}", 0x0506));
    assert_eq!(data.parent_span_id.to_string(), format!("{:016x}", 0x0708));
    assert!(data.parent_span_is_remote && !data.span_context.is_remote());
    assert!(data.span_context.is_sampled());
    assert_eq!(data.span_context.trace_state().header(), "a=1,b=2");
    assert_eq!(data.start_time, at(1_700_000_000_123_456_789));
    assert_eq!(data.end_time, at(1_700_000_001_987_654_321));
}

#[test]
fn a_root_has_no_parent_and_odd_trace_state_is_left_out() {
    let mut span = span();
    span.trace_flags = 0b10;
    span.trace_state = Some("no member".into());
    let data = exported(span);
    assert_eq!(data.parent_span_id, opentelemetry::SpanId::INVALID);
    assert_eq!(data.span_context.trace_state().header(), "");
    assert_eq!(data.span_context.trace_flags().to_u8(), 0b10);
}

#[test]
fn attributes_of_every_kind() {
    let mut span = span();
    let values = [
        (key("i64"), Attribute::I64(-7)),
        (key("f64"), Attribute::F64(0.5)),
        (key("bool"), Attribute::Bool(true)),
        (key("text"), Attribute::Text("über".into())),
        (key("i64s"), Attribute::I64s(vec![1, -2])),
        (key("f64s"), Attribute::F64s(vec![0.5])),
        (key("bools"), Attribute::Bools(vec![true, false])),
        (Cow::Owned("texts".to_owned()), Attribute::Texts(vec!["a".into(), String::new()])),
    ];
    span.attributes.extend(values);
    span.dropped_attributes = 3;
    let data = exported(span);
    let expected = [
        KeyValue::new("i64", -7),
        KeyValue::new("f64", 0.5),
        KeyValue::new("bool", true),
        KeyValue::new("text", "über"),
        KeyValue::new("i64s", Value::Array(Array::I64(vec![1, -2]))),
        KeyValue::new("f64s", Value::Array(Array::F64(vec![0.5]))),
        KeyValue::new("bools", Value::Array(Array::Bool(vec![true, false]))),
        KeyValue::new("texts", Value::Array(Array::String(vec!["a".into(), "".into()]))),
    ];
    assert_eq!(data.attributes, expected);
    assert_eq!(data.dropped_attributes_count, 3);
}

#[test]
fn events_and_links_with_what_was_left_out() {
    let mut span = span();
    let mut event = Event::new("validated", 42);
    event.attributes.push((key("checks"), Attribute::I64(3)));
    event.dropped_attributes = 1;
    span.events.push(event);
    span.dropped_events = 2;
    let mut link = Link::new(TraceId::from_u128(9), SpanId::from_u64(8));
    link.is_remote = Some(true);
    link.trace_flags = 1;
    link.trace_state = Some("x=y".into());
    link.attributes.push((key("why"), Attribute::Text("batch".into())));
    link.dropped_attributes = 4;
    span.links.push(link);
    span.dropped_links = 5;

    let data = exported(span);
    let event = &data.events.events[0];
    assert_eq!((&*event.name, event.timestamp), ("validated", at(42)));
    assert_eq!(event.attributes, [KeyValue::new("checks", 3)]);
    assert_eq!((event.dropped_attributes_count, data.events.dropped_count), (1, 2));
    let link = &data.links.links[0];
    assert_eq!(link.span_context.trace_id().to_string(), format!("{:032x}", 9));
    assert_eq!(link.span_context.span_id().to_string(), format!("{:016x}", 8));
    assert!(link.span_context.is_remote() && link.span_context.is_sampled());
    assert_eq!(link.span_context.trace_state().header(), "x=y");
    assert_eq!(link.attributes, [KeyValue::new("why", "batch")]);
    assert_eq!((link.dropped_attributes_count, data.links.dropped_count), (4, 5));
}

#[test]
fn kinds_and_outcomes() {
    let kinds = [
        (data::SpanKind::Internal, SpanKind::Internal),
        (data::SpanKind::Server, SpanKind::Server),
        (data::SpanKind::Client, SpanKind::Client),
        (data::SpanKind::Producer, SpanKind::Producer),
        (data::SpanKind::Consumer, SpanKind::Consumer),
    ];
    for (ours, theirs) in kinds {
        let mut span = span();
        span.kind = ours;
        assert_eq!(exported(span).span_kind, theirs);
    }
    let outcomes = [
        (data::Status::Unset, Status::Unset),
        (data::Status::Ok, Status::Ok),
        (data::Status::Error("why".into()), Status::error("why")),
    ];
    for (ours, theirs) in outcomes {
        let mut span = span();
        span.status = ours;
        assert_eq!(exported(span).status, theirs);
    }
}

#[test]
fn spans_of_other_libraries_keep_their_scope_and_ours_have_one() {
    let ours = exported(span()).instrumentation_scope;
    assert_eq!((ours.name(), ours.version()), ("traced", Some("0.1.0")));
    let mut scope = Scope::new("sqlx");
    scope.version = Some("0.9".into());
    scope.schema_url = Some("https://example.com/schema".into());
    scope.attributes.push((key("a"), Attribute::I64(1)));
    let mut foreign = span();
    foreign.scope = Some(std::sync::Arc::new(scope));
    let theirs = exported(foreign).instrumentation_scope;
    assert_eq!((theirs.name(), theirs.version()), ("sqlx", Some("0.9")));
    assert_eq!(theirs.schema_url(), Some("https://example.com/schema"));
    assert_eq!(theirs.attributes().collect::<Vec<_>>(), [&KeyValue::new("a", 1)]);
}

#[test]
fn the_resource_is_set_with_its_schema() {
    let theirs = super::sdk::Recording::default();
    let mut exporter = traced::sdk::Exporter::new(theirs.clone());
    let mut resource = Resource::new().with("service.name", "orders").with("pid", 7);
    resource.schema_url = Some("https://example.com/schema".into());
    exporter.resource(&resource);
    let set = theirs.resource().unwrap();
    assert_eq!(set.get(&"service.name".into()), Some("orders".into()));
    assert_eq!(set.get(&"pid".into()), Some(7.into()));
    assert_eq!((set.len(), set.schema_url()), (2, Some("https://example.com/schema")));
}
