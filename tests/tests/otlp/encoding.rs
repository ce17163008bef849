//! What is encoded straight from records is what is decoded from them.

use crate::compare::{assert_same, decode};
use crate::program::{Random, run};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::sync::Arc;
use std::time::{Duration, Instant};
use traced::__private::{About, Callsite, Name, Target, Value, enter_with, event, record as say};
use traced::data::{Attribute, Event, Limits, Link, Resource, Scope, Span, Status};
use traced::otlp::proof::{Recording, Reused, record};
use traced::{SpanId, TraceId};
use traced_tests::site;

fn encoder(code: bool) -> Reused {
    Reused::new(Limits::default(), code, Resource::new().with("service.name", "shop"))
}

/// However slow the machine is.
const LEAST_PROGRAMS: u64 = 300;

#[test]
fn random_programs_are_encoded_as_they_are_decoded() {
    let seconds = std::env::var("TRACED_MODEL_SECONDS").map_or(2, |text| text.parse().unwrap());
    let fixed = std::env::var("TRACED_MODEL_SEED").ok().map(|text| text.parse::<u64>().unwrap());
    let begun = Instant::now();
    let mut seed = fixed.unwrap_or(1);
    let (mut with_code, mut bare) = (encoder(true), encoder(false));
    loop {
        println!("TRACED_MODEL_SEED={seed} repeats what fails after this line");
        let mut random = Random::Seeded(seed);
        let recording = record(|| {
            for _ in 0..=random.below(3) {
                run(&mut random, 4);
            }
        });
        let spans = recording.spans();
        assert_same(&spans, recording.encode(&mut with_code), true);
        assert_same(&spans, recording.encode(&mut bare), false);
        seed += 1;
        let enough = seed > LEAST_PROGRAMS && begun.elapsed() > Duration::from_secs(seconds);
        if fixed.is_some() || enough {
            break;
        }
    }
}

/// Of the quickest way, the most that goes it: the longest keys, the most values, the most that is said behind a span.
#[test]
fn the_longest_of_usual_spans_are_encoded_as_they_are_decoded() {
    let place = |first: char| -> &'static Callsite {
        let keys = ('a'..='p').map(|last| &*format!("{first}{}{last}", "k".repeat(41)).leak());
        let name = Name::Literal("a name that is as long as a name may be to be copied whole");
        let about = About::new(name, module_path!(), file!(), line!());
        let about = about.keys(keys.collect::<Vec<_>>().leak());
        Box::leak(Box::new(Callsite::new(about)))
    };
    let values = || [const { Value::Bool(true) }; 16];
    let recording = record(|| {
        let _span = enter_with(place('a'), values);
        say(place('b'), Target::Current, values);
        say(place('c'), Target::Current, values);
        event(place('d'), values);
        event(place('e'), values);
    });
    let spans = recording.spans();
    assert_eq!((spans[0].attributes.len(), spans[0].events.len()), (48, 2));
    for code in [true, false] {
        assert_same(&spans, recording.encode(&mut encoder(code)), code);
    }
}

/// One word more or less, one byte more of a length: whatever ends where something else begins.
#[test]
fn values_of_every_length_are_encoded_as_they_are_decoded() {
    let text = "ab".repeat(70);
    let (mut with_code, mut bare) = (encoder(true), encoder(false));
    for length in 0..=text.len() {
        let short = &text[..length / 3];
        let number = 1_u64.checked_shl(u32::try_from(length).unwrap()).unwrap_or(7);
        let recording = record(|| {
            let root = || [Value::U64(number - 1), Value::Text(&text[..length])];
            let _root = enter_with(site!("root", "n", "text"), root);
            event(site!("said", "n", "text"), || [Value::U64(number), Value::Text(short)]);
            for _ in 0..3 {
                let _leaf = enter_with(site!("leaf", "text", "is"), || {
                    [Value::Text(&text[..length]), Value::Bool(true)]
                });
                say(site!("late", "more"), Target::Current, || [Value::Text(short)]);
            }
            // Nothing is behind it.
            drop(enter_with(site!("last", "a", "b"), || [Value::Text(short), Value::Marker]));
        });
        let spans = recording.spans();
        assert_eq!(spans.len(), 5);
        assert_same(&spans, recording.encode(&mut with_code), true);
        assert_same(&spans, recording.encode(&mut bare), false);
    }
}

fn some_spans() -> Recording {
    record(|| run(&mut Random::Seeded(7), 4))
}

#[test]
fn limits_hold_on_the_way_out_and_what_is_over_them_is_counted() {
    let mut limits = Limits::default();
    limits.attributes = 2;
    limits.value_length = Some(3);
    limits.events = 1;
    limits.links = 0;
    limits.event_attributes = 1;
    let mut encoder = Reused::new(limits, false, Resource::new());
    let mut over = 0;
    for seed in 0..200 {
        let recording = record(|| run(&mut Random::Seeded(seed), 4));
        let all = recording.spans();
        let body = recording.encode(&mut encoder);
        for (_, span) in decode(body).into_values() {
            let id = SpanId::from_u64(u64::from_be_bytes(span.span_id[..].try_into().unwrap()));
            let whole = all.iter().find(|whole| whole.span_id == id).unwrap();
            let lost = whole.attributes.len().saturating_sub(2);
            assert_eq!(span.attributes.len(), whole.attributes.len().min(2));
            assert_eq!(span.dropped_attributes_count as usize, lost);
            assert_eq!(span.events.len(), whole.events.len().min(1));
            assert_eq!(span.dropped_events_count as usize, whole.events.len().saturating_sub(1));
            assert_eq!(span.dropped_links_count as usize, whole.links.len());
            over += lost;
        }
    }
    assert!(over > 0, "nothing was over a limit");
}

#[test]
fn a_body_says_who_sends_and_by_which_library() {
    let mut resource = Resource::new().with("service.name", "shop").with("numbers", 7);
    resource.schema_url = Some("https://opentelemetry.io/schemas/1.40.0".into());
    let mut encoder = Reused::new(Limits::default(), true, resource);
    let body = some_spans();
    let request = ExportTraceServiceRequest::decode(body.encode(&mut encoder)).unwrap();
    let [resource_spans] = &request.resource_spans[..] else { panic!("{request:?}") };
    assert_eq!(resource_spans.schema_url, "https://opentelemetry.io/schemas/1.40.0");
    let resource = resource_spans.resource.as_ref().unwrap();
    assert_eq!(resource.attributes[0].key, "service.name");
    assert_eq!(resource.attributes.len(), 2);
    let [scope_spans] = &resource_spans.scope_spans[..] else { panic!("{request:?}") };
    let scope = scope_spans.scope.as_ref().unwrap();
    assert_eq!((&*scope.name, &*scope.version), ("traced", "0.1.0"));
}

/// A span of another library, with everything that one can have.
fn foreign() -> Span {
    let mut span =
        Span::new("GET /", TraceId::from_u128(1 << 100 | 5), SpanId::from_u64(1 << 60 | 6));
    span.parent_id = SpanId::from_u64(77);
    span.parent_is_remote = true;
    span.trace_flags = 3;
    span.trace_state = Some(Arc::from("vendor=1"));
    span.start_unix_ns = 1_700_000_000_000_000_000;
    span.end_unix_ns = 1_700_000_000_000_000_001;
    span.attributes.push((String::from("http.method").into(), "GET".into()));
    span.attributes.push(("all".into(), Attribute::Texts(vec!["a".into(), String::new()])));
    let mut event = Event::new(String::from("sent"), 1_700_000_000_000_000_000);
    event.attributes.push(("n".into(), 1.into()));
    event.dropped_attributes = 2;
    span.events.push(event);
    for is_remote in [None, Some(false), Some(true)] {
        let mut link = Link::new(TraceId::from_u128(3), SpanId::from_u64(4));
        link.is_remote = is_remote;
        link.trace_flags = 1;
        link.trace_state = Some(Arc::from("a=b"));
        link.attributes.push(("why".into(), true.into()));
        link.dropped_attributes = 1;
        span.links.push(link);
    }
    span.status = Status::Error("gone".into());
    (span.dropped_attributes, span.dropped_events, span.dropped_links) = (4, 5, 6);
    let mut scope = Scope::new("reqwest");
    scope.version = Some("1.2".into());
    scope.schema_url = Some("https://example.com".into());
    scope.attributes.push(("x".into(), 1.into()));
    span.scope = Some(Arc::new(scope));
    span
}

#[test]
fn spans_of_other_libraries_go_out_whole_under_their_own_scope() {
    let mut another = foreign();
    another.span_id = SpanId::from_u64(8);
    another.scope = Some(Arc::new(Scope::new("sqlx")));
    let mut ours = Span::new("ours", TraceId::from_u128(5), SpanId::from_u64(9));
    ours.status = Status::Ok;
    let spans = [foreign(), another, ours];
    let mut encoder = encoder(true);
    let body = encoder.encode_decoded(&spans).to_vec();
    assert_same(&spans, &body, true);
    let request = ExportTraceServiceRequest::decode(&body[..]).unwrap();
    let scopes = &request.resource_spans[0].scope_spans;
    assert_eq!(scopes.len(), 3);
    let reqwest = scopes.iter().find(|scope| scope.schema_url == "https://example.com").unwrap();
    assert_eq!(reqwest.scope.as_ref().unwrap().version, "1.2");
    assert_same(&spans[..1], encoder.encode_decoded(&spans[..1]), true);
}

mod shop {
    pub(super) struct Orders;

    impl Orders {
        #[traced::traced]
        pub(super) fn place() {}
    }
}

#[test]
fn a_span_says_where_in_the_source_it_comes_from_unless_told_not_to() {
    let recording = record(shop::Orders::place);
    let body = decode(recording.encode(&mut encoder(true)));
    let (_, span) = body.into_values().next().unwrap();
    let text = |key: &str| {
        let found = span.attributes.iter().find(|attribute| attribute.key == key);
        format!("{:?}", found.and_then(|found| found.value.as_ref()?.value.as_ref()))
    };
    assert!(text("code.function.name").contains("\"otlp::encoding::shop::Orders::place\""));
    assert!(text("code.file.path").contains("otlp/encoding.rs"));
    assert!(text("code.line.number").contains("IntValue"));
    let bare = decode(recording.encode(&mut encoder(false)));
    assert!(bare.values().all(|(_, span)| span.attributes.is_empty()));
}
