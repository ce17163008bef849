//! What other libraries say about their spans.

use super::{foreign, library};
use opentelemetry::trace::{
    Event, Link, Span as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags,
    TraceId, TraceState, Tracer, TracerProvider,
};
use opentelemetry::{Array, Context, InstrumentationScope, KeyValue, StringValue, Value, global};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, UNIX_EPOCH};
use traced::data::{self, Attribute};
use traced::sampling::{End, Head, Sampler, Start, Verdict};
use traced::test::{Capturing, capture};
use traced::traced;

#[traced(name = "ours")]
fn ours(work: impl FnOnce()) {
    work();
}

fn other() -> SpanContext {
    let flags = TraceFlags::SAMPLED;
    let state: TraceState = "rojo=1".parse().unwrap();
    SpanContext::new(TraceId::from(7_u128), SpanId::from(8_u64), flags, true, state)
}

#[test]
fn attributes_events_links_status_kind_and_times() {
    let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    library();
    let spans = capture(|| {
        ours(|| {
            let mut event = Event::with_name("first");
            event.timestamp = at(101);
            let mut span = library()
                .span_builder("before")
                .with_kind(SpanKind::Client)
                .with_start_time(at(100))
                .with_attributes([KeyValue::new("n", 1), KeyValue::new("text", "one")])
                .with_events(vec![event])
                .with_links(vec![Link::new(other(), vec![KeyValue::new("why", "because")], 0)])
                .start(&library());
            span.update_name("after");
            span.set_attribute(KeyValue::new("n", 2));
            span.set_attributes([KeyValue::new("yes", true), KeyValue::new("half", 0.5)]);
            let texts = Array::String(vec![StringValue::from("a"), StringValue::from("b")]);
            span.set_attribute(KeyValue::new("texts", Value::Array(texts)));
            span.set_attribute(KeyValue::new("numbers", Value::Array(Array::I64(vec![1, 2]))));
            span.add_event_with_timestamp("second", at(102), vec![KeyValue::new("k", 3)]);
            span.add_link(other(), vec![]);
            span.set_status(Status::error("broken"));
            span.end_with_timestamp(at(103));
            // Nothing is said of a span that has ended.
            span.set_attribute(KeyValue::new("late", 1));
            assert!(!span.is_recording());
            span.end();
        });
    });
    assert_eq!(spans.to_string(), "ours(after)");
    let span = spans.named("after");
    assert_eq!(span.parent_id, spans.named("ours").span_id);
    assert_eq!(span.kind, data::SpanKind::Client);
    assert_eq!(span.start_unix_ns, 100_000_000_000);
    assert_eq!(span.end_unix_ns, 103_000_000_000);
    assert_eq!(span.status, data::Status::Error("broken".into()));
    let attributes: Vec<_> = span.attributes.iter().map(|(key, _)| &**key).collect();
    assert_eq!(attributes, ["n", "text", "yes", "half", "texts", "numbers"]);
    assert_eq!(span.attribute("n"), Some(&Attribute::I64(2)));
    assert_eq!(span.attribute("text"), Some(&Attribute::Text("one".into())));
    assert_eq!(span.attribute("yes"), Some(&Attribute::Bool(true)));
    assert_eq!(span.attribute("half"), Some(&Attribute::F64(0.5)));
    assert_eq!(span.attribute("texts"), Some(&Attribute::Texts(vec!["a".into(), "b".into()])));
    assert_eq!(span.attribute("numbers"), Some(&Attribute::I64s(vec![1, 2])));
    let events: Vec<_> = span.events.iter().map(|event| (&*event.name, event.unix_ns)).collect();
    assert_eq!(events, [("first", 101_000_000_000), ("second", 102_000_000_000)]);
    assert_eq!(span.events[1].attributes, [("k".into(), Attribute::I64(3))]);
    assert_eq!(span.links.len(), 2);
    let link = &span.links[0];
    assert_eq!((link.trace_id.to_u128(), link.span_id.to_u64()), (7, 8));
    assert_eq!((link.is_remote, link.trace_flags), (Some(true), 1));
    assert_eq!(link.trace_state.as_deref(), Some("rojo=1"));
    assert_eq!(link.attributes, [("why".into(), Attribute::Text("because".into()))]);
    assert_eq!(span.place.map(|place| place.line), None, "it is marked as foreign");
}

#[test]
fn the_scope_is_that_of_the_tracer() {
    library();
    let spans = capture(|| {
        let scope = InstrumentationScope::builder("http")
            .with_version("1.2.3")
            .with_schema_url("https://example.com/schema")
            .with_attributes([KeyValue::new("k", 1)])
            .build();
        global::tracer_provider().tracer_with_scope(scope).start("f").end();
        ours(|| {});
    });
    let scope = spans.named("f").scope.as_deref().unwrap();
    assert_eq!(scope.name, "http");
    assert_eq!(scope.version.as_deref(), Some("1.2.3"));
    assert_eq!(scope.schema_url.as_deref(), Some("https://example.com/schema"));
    assert_eq!(scope.attributes, [("k".into(), Attribute::I64(1))]);
    assert_eq!(spans.named("ours").scope, None);
}

#[test]
fn a_status_that_is_final_stays() {
    library();
    let spans = capture(|| {
        let mut span = library().start("ok");
        span.set_status(Status::Ok);
        span.set_status(Status::error("too late"));
        span.end();
        let mut span = library().start("error");
        span.set_status(Status::error("first"));
        span.set_status(Status::Unset);
        span.set_status(Status::error("second"));
        span.end();
    });
    assert_eq!(spans.named("ok").status, data::Status::Ok);
    assert_eq!(spans.named("error").status, data::Status::Error("second".into()));
}

#[test]
fn a_span_that_is_dropped_has_ended() {
    library();
    let spans = capture(|| drop(library().start("f")));
    assert!(spans.named("f").end_unix_ns >= spans.named("f").start_unix_ns);
    // An end before the beginning is none.
    let spans = capture(|| {
        let mut span = library().start("f");
        span.end_with_timestamp(UNIX_EPOCH);
    });
    assert_eq!(spans[0].end_unix_ns, spans[0].start_unix_ns);
}

#[test]
fn a_span_does_not_grow_without_bound() {
    library();
    let spans = capture(|| {
        let mut span = library().start("f");
        for n in 0..5000_i64 {
            span.set_attribute(KeyValue::new(format!("k{n}"), n));
            span.add_event("e", vec![]);
            span.add_link(other(), vec![]);
        }
        span.add_link(SpanContext::NONE, vec![]);
        span.end();
    });
    let span = &spans[0];
    assert_eq!(span.attributes.len() + span.dropped_attributes as usize, 5000);
    assert_eq!(span.events.len() + span.dropped_events as usize, 5000);
    assert_eq!(span.links.len() + span.dropped_links as usize, 5000);
    assert!(span.attributes.len() <= 1024 && span.events.len() <= 1024 && span.links.len() <= 1024);
}

#[test]
fn errors_are_events() {
    library();
    let spans = capture(|| {
        let mut span = library().start("f");
        span.record_error(&std::fmt::Error);
        span.end();
    });
    assert_eq!(spans[0].events[0].name, "exception");
}

/// Records everything, and keeps what has an error.
#[derive(Debug)]
struct OnlyErrors;

impl Sampler for OnlyErrors {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, root: &End) -> Verdict {
        if root.has_error() { Verdict::KeepPartial } else { Verdict::Drop }
    }
}

#[test]
fn foreign_spans_follow_the_verdict_on_their_segment() {
    library();
    let spans = Capturing::new().sampler(OnlyErrors).run(|| {
        ours(|| foreign("dropped"));
        ours(|| {
            foreign("kept");
            let mut failed = library().start("failed");
            failed.set_status(Status::error(""));
            failed.end();
        });
    });
    assert_eq!(spans.to_string(), "ours(kept failed)");
    let stats = spans.stats();
    assert_eq!(stats.created, 5);
    assert_eq!(stats.exported, 3);
    assert_eq!(stats.dropped(traced::Dropped::Sampled), 2);
}

#[test]
fn a_foreign_span_that_ends_after_its_segment_follows_too() {
    library();
    let spans = Capturing::new().sampler(OnlyErrors).run(|| {
        let mut late = None;
        ours(|| late = Some(library().start("dropped")));
        drop(late.take());
        ours(|| {
            late = Some(library().start("kept"));
            traced::fail!("broken");
        });
        drop(late);
    });
    assert_eq!(spans.to_string(), "ours(kept)");
    assert_eq!(spans.stats().dropped(traced::Dropped::Sampled), 2);
}

/// Keeps everything, and remembers what it weighs.
#[derive(Debug)]
struct Weighs {
    at_its_end: &'static AtomicU64,
    later: &'static AtomicU64,
}

impl Sampler for Weighs {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, root: &End) -> Verdict {
        self.at_its_end.fetch_max(root.bytes(), Relaxed);
        Verdict::Keep
    }

    fn sent_more(&self, bytes: u64) {
        self.later.fetch_add(bytes, Relaxed);
    }
}

#[test]
fn the_sampler_hears_what_foreign_spans_weigh() {
    static AT_ITS_END: AtomicU64 = AtomicU64::new(0);
    static LATER: AtomicU64 = AtomicU64::new(0);
    library();
    let weighs = || Weighs { at_its_end: &AT_ITS_END, later: &LATER };
    Capturing::new().sampler(weighs()).run(|| ours(|| ()));
    let alone = AT_ITS_END.load(Relaxed);
    let mut late = None;
    Capturing::new().sampler(weighs()).run(|| {
        ours(|| {
            foreign("f");
            late = Some(library().start("late"));
        });
        assert!(AT_ITS_END.load(Relaxed) > alone);
        assert_eq!(LATER.load(Relaxed), 0);
        drop(late.take());
        assert!(LATER.load(Relaxed) > 0);
    });
}

#[test]
fn what_waits_for_a_verdict_is_bounded() {
    library();
    let spans = capture(|| ours(|| (0..20_000).for_each(|_| foreign("f"))));
    let stats = spans.stats();
    assert_eq!(stats.created, 20_001);
    let full = stats.dropped(traced::Dropped::SegmentFull);
    assert!(full > 0 && spans.len() > 1000);
    assert_eq!(stats.created, stats.exported + full);
}

#[test]
fn a_foreign_root_asks_the_sampler() {
    use traced::sampling::AlwaysOff;
    library();
    let spans = Capturing::new().sampler(AlwaysOff).run(|| {
        let span = library().start("f");
        assert!(!span.is_recording() && span.span_context().is_valid());
        let _attached = Context::current_with_span(span).attach();
        foreign("g");
    });
    assert!(spans.is_empty());
}

#[test]
fn the_span_that_others_see_is_ours_but_cannot_be_written_to() {
    library();
    let spans = capture(|| {
        ours(|| {
            Context::current().span().set_attribute(KeyValue::new("lost", 1));
            assert!(!Context::current().span().is_recording());
        });
    });
    assert!(spans[0].attributes.is_empty());
}
