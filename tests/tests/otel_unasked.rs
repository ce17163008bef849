//! Contexts of ours in a process in which nobody has fetched a tracer of ours, as in most: they show the same, and lead
//! back to their segment. In a process of its own, because one tracer is enough for contexts to carry more.

use opentelemetry::trace::{FutureExt, Span, SpanContext, Status, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use std::borrow::Cow;
use std::time::SystemTime;
use traced::sampling::{End, Head, Sampler, Start, Verdict};
use traced::test::{Capturing, Spans, capture, capture_async};
use traced::{Dropped, Instrument as _, SpanId, TraceId, traced};

#[traced]
fn s(work: impl FnOnce()) {
    work();
}

#[traced]
async fn a(work: impl Future<Output = ()>) {
    tokio::task::yield_now().await;
    work.await;
}

#[traced]
fn c() {}

fn seen() -> SpanContext {
    Context::current().span().span_context().clone()
}

fn on_threads(work: impl Future<Output = ()>) -> Spans {
    traced::otel::install();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(3).enable_all().build().unwrap().block_on(capture_async(work))
}

fn on_a_thread(work: impl FnOnce() + Send + 'static) {
    std::thread::spawn(work).join().unwrap();
}

#[test]
fn the_context_has_the_ids_of_the_local_root() {
    traced::otel::install();
    let mut ids = Vec::new();
    let spans = capture(|| {
        s(|| {
            ids.push(seen());
            s(|| ids.push(seen()));
        });
        assert!(!Context::current().has_active_span());
    });
    let root = spans.roots().next().unwrap();
    for seen in ids {
        assert_eq!(SpanId::from(seen.span_id()), root.span_id);
        assert_eq!(TraceId::from(seen.trace_id()), root.trace_id);
        assert!(seen.is_sampled() && !seen.is_remote());
    }
}

#[test]
fn a_context_leads_back_to_its_segment_in_a_thread() {
    traced::otel::install();
    let spans = capture(|| {
        s(|| {
            let context = Context::current();
            let with_a_value = context.with_value(7_u64);
            on_a_thread(move || {
                let attached = context.attach();
                s(c);
                drop(attached);
                let _attached = with_a_value.attach();
                c();
            });
        });
    });
    // A segment of its own would not be in the capture.
    assert_eq!(spans.to_string(), "s(s(c) c)");
}

#[test]
fn a_context_leads_back_to_its_segment_in_a_task() {
    let spans = on_threads(async {
        a(async {
            a(async {
                let context = Context::current();
                let task = async {
                    c();
                    tokio::task::yield_now().await;
                    a(async { c() }).await;
                };
                tokio::spawn(task.with_context(context)).await.unwrap();
            })
            .await;
        })
        .await;
    });
    assert_eq!(spans.to_string(), "a(a c a(c))");
}

#[test]
fn a_context_means_the_innermost_span_where_its_segment_is() {
    traced::otel::install();
    let spans = capture(|| {
        s(|| {
            let context = Context::current();
            s(|| {
                let _attached = context.attach();
                c();
            });
        });
    });
    assert_eq!(spans.to_string(), "s(s(c))");
}

#[test]
fn two_traces_of_a_thread_are_told_apart() {
    traced::otel::install();
    let spans = capture(|| {
        let mut context = Context::new();
        s(|| context = Context::current());
        s(|| {
            let _attached = context.attach();
            c();
        });
    });
    assert_eq!(spans.to_string(), "s(c) s");
}

#[derive(Debug)]
struct KeepsNothing;

impl Sampler for KeepsNothing {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, _: &End) -> Verdict {
        Verdict::Drop
    }
}

#[test]
fn what_outlives_its_segment_follows_the_verdict() {
    traced::otel::install();
    let spans = Capturing::new().sampler(KeepsNothing).run(|| {
        let mut context = Context::new();
        s(|| context = Context::current());
        on_a_thread(move || {
            let _attached = context.attach();
            c();
        });
    });
    assert!(spans.is_empty());
    // A segment of its own would not be counted in the capture.
    assert_eq!(spans.stats().dropped(Dropped::Sampled), 2);
}

#[test]
fn many_futures_in_turn_keep_their_contexts() {
    let nowhere = traced::Context::none();
    let spans = on_threads(async {
        let each = |_| {
            let future = a(async {
                let before = seen();
                for _ in 0..5 {
                    tokio::task::yield_now().await;
                    assert_eq!(seen(), before);
                    assert_eq!(traced::current().trace_id(), before.trace_id().into());
                }
            });
            future.in_context(&nowhere)
        };
        futures_util::future::join_all((0..50).map(each)).await;
        assert!(!seen().is_valid());
    });
    let traces: std::collections::HashSet<_> = spans.iter().map(|span| span.trace_id).collect();
    assert_eq!((spans.len(), traces.len()), (50, 50));
}

#[test]
fn what_is_said_to_our_span_is_not_heard() {
    traced::otel::install();
    let spans = capture(|| {
        s(|| {
            let context = Context::current();
            let span = context.span();
            assert!(!span.is_recording());
            span.set_attribute(KeyValue::new("key", "value"));
            span.add_event("event", Vec::new());
            span.add_link(SpanContext::NONE, Vec::new());
            span.set_status(Status::error("none"));
            span.update_name("another");
            span.end();
            c();
        });
    });
    assert_eq!(spans.to_string(), "s(c)");
    assert!(spans.named("s").attributes.is_empty());
}

/// A span of somebody else's provider, at whose end something of ours runs, as in a processor.
#[derive(Debug)]
struct Theirs(SpanContext);

impl Span for Theirs {
    fn add_event_with_timestamp<T>(&mut self, _: T, _: SystemTime, _: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
    }

    fn span_context(&self) -> &SpanContext {
        &self.0
    }

    fn is_recording(&self) -> bool {
        panic!("the API holds its lock")
    }

    fn set_attribute(&mut self, _: KeyValue) {}

    fn set_status(&mut self, _: Status) {}

    fn update_name<T>(&mut self, _: T)
    where
        T: Into<Cow<'static, str>>,
    {
    }

    fn add_link(&mut self, _: SpanContext, _: Vec<KeyValue>) {}

    fn end_with_timestamp(&mut self, _: SystemTime) {
        c();
    }
}

#[test]
fn a_span_of_others_is_not_asked() {
    traced::otel::install();
    let spans = capture(|| {
        s(|| {
            let ids = seen();
            let theirs = SpanContext::new(
                ids.trace_id(),
                opentelemetry::trace::SpanId::from(0x1234_5678_9abc_def0),
                ids.trace_flags(),
                false,
                ids.trace_state().clone(),
            );
            let context = Context::current_with_span(Theirs(theirs));
            let attached = context.clone().attach();
            c();
            context.span().end();
            drop(attached);
        });
    });
    assert_eq!(spans.iter().filter(|span| span.name == "c").count(), 2);
}
