//! Segments that are not recorded, as others see them and take them elsewhere: nothing below is recorded either, whoever
//! begins it, the ids go on, and so does what came along.
//!
//! All of it twice, before and after somebody fetched a tracer of ours: contexts carry more then. One test, because that is
//! so for the process.

use opentelemetry::baggage::BaggageExt;
use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::trace::{FutureExt, Span, SpanContext, TraceContextExt, TraceState, Tracer};
use opentelemetry::{Context, KeyValue};
use std::collections::HashMap;
use std::future::Future;
use traced::memory::Memory;
use traced::sampling::{Head, Sampler, Start};
use traced::{Instrument, SpanId, TraceId, propagation, traced};

/// Keeps no trace that begins here or is not sampled elsewhere; but whoever asks about something below a span of this
/// process, as if that were not decided, is told to record it.
#[derive(Debug)]
struct AskedOnce;

impl Sampler for AskedOnce {
    fn start(&self, root: &Start) -> Head {
        match root.parent {
            Some(parent) if parent.is_sampled || !parent.is_remote => Head::SAMPLED,
            _ => Head::OFF,
        }
    }
}

/// What can be said of where one is.
#[derive(Clone, Debug)]
struct Place {
    /// By the context of OpenTelemetry.
    ids: SpanContext,
    /// By ours.
    trace: TraceId,
    span: SpanId,
    /// By the headers that are sent.
    headers: HashMap<String, String>,
}

impl Place {
    fn here() -> Self {
        let ids = Context::current().span().span_context().clone();
        let (ours, mut headers) = (traced::current(), HashMap::new());
        global::get_text_map_propagator(|propagator| propagator.inject(&mut headers));
        Self { ids, trace: ours.trace_id(), span: ours.span_id(), headers }
    }

    /// Whether it is in an unsampled trace, below this span of it as far as others are told.
    #[track_caller]
    fn is_unsampled_below(&self, ids: &SpanContext) {
        let (trace, span) = (TraceId::from(ids.trace_id()), SpanId::from(ids.span_id()));
        assert_eq!((self.trace, self.span), (trace, span));
        assert_eq!((self.ids.trace_id(), self.ids.span_id()), (ids.trace_id(), ids.span_id()));
        assert!(!self.ids.is_sampled());
        let flags = ids.trace_flags().to_u8();
        assert_eq!(self.headers["traceparent"], format!("00-{trace}-{span}-{flags:02x}"));
        assert_eq!(flags & 1, 0);
    }
}

#[traced]
fn c() -> Place {
    Place::here()
}

#[traced]
async fn a(polls: usize) -> Vec<Place> {
    let mut places = vec![c()];
    for _ in 1..polls {
        tokio::task::yield_now().await;
        places.push(c());
    }
    places
}

fn block_on<R>(work: impl Future<Output = R>) -> R {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

/// Runs `work` in a segment that continues what these headers say, and is not recorded.
fn inside<R>(headers: &[(&str, &str)], work: impl Future<Output = R>) -> R {
    let parent = propagation::extract(&headers.to_vec());
    block_on(work.instrument(traced::span!("unsampled").parent(parent)))
}

fn on_a_thread<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

/// What a traced function sees in a thread that this context is taken to.
fn taken_to_a_thread(context: &Context) -> Place {
    on_a_thread(|| {
        let _attached = context.clone().attach();
        // Nothing is opened by the second that would be in the way of the first.
        c();
        c()
    })
}

#[track_caller]
fn nothing_came(memory: &Memory) {
    assert!(traced_tests::flush());
    assert!(memory.take().is_empty());
}

const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn nothing_is_recorded_elsewhere() {
    inside(&[], async {
        let here = Place::here();
        here.is_unsampled_below(&here.ids);
        assert_eq!(*here.ids.trace_state(), TraceState::NONE);
        assert!(!here.ids.is_remote() && !here.headers.contains_key("tracestate"));
        let context = Context::current();
        c().is_unsampled_below(&here.ids);
        taken_to_a_thread(&context).is_unsampled_below(&here.ids);
        taken_to_a_thread(&context.with_value(7_u64)).is_unsampled_below(&here.ids);
        taken_to_a_thread(&traced::otel::context()).is_unsampled_below(&here.ids);
        // The ids alone, as whoever keeps a `SpanContext` has them.
        let ids = Context::new().with_remote_span_context(here.ids.clone());
        taken_to_a_thread(&ids).is_unsampled_below(&here.ids);
        // In a task.
        let task = tokio::spawn(a(2).with_context(context));
        task.await.unwrap().iter().for_each(|place| place.is_unsampled_below(&here.ids));
        let task = tokio::spawn(a(2).in_current());
        task.await.unwrap().iter().for_each(|place| place.is_unsampled_below(&here.ids));
    });
}

fn all_polls_show_the_same() {
    let work = || async {
        let here = Place::here();
        for place in a(3).await {
            place.is_unsampled_below(&here.ids);
        }
        here.ids
    };
    let each = || async {
        let ids = work().instrument(traced::span!("unsampled")).await;
        assert!(!Context::current().has_active_span());
        ids.trace_id()
    };
    let traces = block_on(futures_util::future::join_all((0..5).map(|_| each())));
    let distinct: std::collections::HashSet<_> = traces.iter().collect();
    assert_eq!(distinct.len(), traces.len());
}

fn what_came_along_goes_on() {
    let headers = [("traceparent", CALLER), ("tracestate", "x=1"), ("baggage", "tenant=acme")];
    for headers in [&headers[..1], &headers[..2], &[headers[0], headers[2]], &headers] {
        let has = |name| headers.iter().any(|(header, _)| *header == name);
        let (tracestate, baggage) = (has("tracestate"), has("baggage"));
        let is_complete = |place: &Place| {
            let sent = |name| place.headers.get(name).map(String::as_str);
            assert_eq!(sent("tracestate"), tracestate.then_some("x=1"));
            assert_eq!(sent("baggage"), baggage.then_some("tenant=acme"));
            let shown = if tracestate { "x=1" } else { "" };
            assert_eq!(place.ids.trace_state().header(), shown);
        };
        inside(headers, async {
            let here = Place::here();
            is_complete(&here);
            assert!(CALLER.contains(&here.trace.to_string()));
            let context = Context::current();
            let value = context.baggage().get("tenant").map(|value| value.as_str().to_owned());
            assert_eq!(value.as_deref(), baggage.then_some("acme"));
            for place in [c(), taken_to_a_thread(&context)] {
                place.is_unsampled_below(&here.ids);
                is_complete(&place);
            }
        });
    }
}

fn values_and_silence_of_others_stay() {
    let context = Context::new().with_value(7_u64).with_baggage([KeyValue::new("theirs", "1")]);
    let work = async {
        assert_eq!(Context::current().get::<u64>(), Some(&7));
        assert!(Context::current().baggage().get("theirs").is_some());
        let here = Place::here();
        c().is_unsampled_below(&here.ids);
        let silence = Context::enter_telemetry_suppressed_scope();
        assert!(c().ids == here.ids);
        drop(silence);
    };
    block_on(work.instrument(traced::span!("unsampled")).with_context(context));
    // A poll in silence is one in silence inside as well.
    let mut work = Box::pin(
        async {
            tokio::task::yield_now().await;
            assert!(Context::is_current_telemetry_suppressed());
        }
        .instrument(traced::span!("unsampled")),
    );
    let mut poll = || {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        work.as_mut().poll(&mut context)
    };
    // Nothing of it needs a runtime.
    assert!(poll().is_pending());
    let _silence = Context::enter_telemetry_suppressed_scope();
    assert!(poll().is_ready());
}

/// Other traces are judged by themselves, and so is what only looks like ours.
fn what_else_there_is_is_recorded(memory: &Memory) {
    inside(&[], async {
        let ids = Place::here().ids;
        let (trace, span, flags) = (ids.trace_id(), ids.span_id(), ids.trace_flags());
        let state: TraceState = "x=1".parse().unwrap();
        let changed = SpanContext::new(trace, span, flags, false, state);
        let sampled =
            SpanContext::new(trace, span, flags.with_sampled(true), false, TraceState::NONE);
        let stranger = SpanContext::new(trace, 7_u64.into(), flags, false, TraceState::NONE);
        let remote =
            SpanContext::new(5_u128.into(), span, flags.with_sampled(true), true, TraceState::NONE);
        for ids in [changed, sampled, stranger, remote] {
            let place = taken_to_a_thread(&Context::new().with_remote_span_context(ids.clone()));
            assert_eq!(place.trace, ids.trace_id().into());
            assert!(traced_tests::flush());
            let spans = memory.take();
            assert_eq!(spans.len(), 2, "below {ids:?}");
            assert!(spans.iter().all(|span| span.parent_id == ids.span_id().into()));
        }
        // One that came back from elsewhere is what it says.
        let back = SpanContext::new(trace, span, flags, true, TraceState::NONE);
        let place = taken_to_a_thread(&Context::new().with_remote_span_context(back));
        assert_eq!(place.trace, trace.into());
        assert_ne!(place.span, span.into());
    });
}

/// A segment inside of another one of the same trace is that one, also where the other is recorded.
fn two_segments_of_a_trace_are_told_apart(memory: &Memory) {
    let headers = [("traceparent", CALLER)];
    let context = inside(&headers, async { Context::current() });
    let first = context.span().span_context().clone();
    inside(&[headers[0], ("tracestate", "x=1")], async {
        let second = Place::here();
        assert_ne!(second.ids, first);
        let attached = context.clone().attach();
        let place = c();
        place.is_unsampled_below(&first);
        assert!(!place.headers.contains_key("tracestate"));
        drop(attached);
        c().is_unsampled_below(&second.ids);
    });
    nothing_came(memory);
    inside(&[("traceparent", SAMPLED)], async {
        let attached = context.clone().attach();
        c().is_unsampled_below(&first);
        drop(attached);
        c();
    });
    assert!(traced_tests::flush());
    let spans = memory.take();
    assert_eq!(spans.len(), 2);
    assert!(spans.iter().all(|span| span.span_id != first.span_id().into()));
    // One that is recorded is around the other, as far as others know.
    let around = inside(&[("traceparent", SAMPLED)], async { Context::current() });
    on_a_thread(|| {
        let _attached = around.attach();
        inside(&headers, async {
            let here = Place::here();
            taken_to_a_thread(&Context::current()).is_unsampled_below(&here.ids);
        });
    });
    assert!(traced_tests::flush());
    assert_eq!(memory.take().len(), 1);
}

/// Spans of another library in such a segment.
fn foreign_spans_are_not_recorded(tracer: &BoxedTracer, memory: &Memory) {
    inside(&[], async {
        let here = Place::here();
        let span = tracer.start("f");
        let ids = span.span_context().clone();
        assert!(!span.is_recording() && !ids.is_sampled() && !ids.is_remote());
        assert_eq!(ids.trace_id(), here.ids.trace_id());
        assert_ne!(ids.span_id(), here.ids.span_id());
        let context = Context::current_with_span(span);
        let attached = context.clone().attach();
        let place = Place::here();
        assert_eq!((place.ids.span_id(), place.trace), (ids.span_id(), here.trace));
        assert_eq!(c().trace, here.trace);
        drop(attached);
        c().is_unsampled_below(&here.ids);
        for context in [context, Context::new().with_remote_span_context(ids.clone())] {
            taken_to_a_thread(&context).is_unsampled_below(&ids);
            on_a_thread(|| {
                let again = tracer.start_with_context("g", &context);
                assert!(!again.is_recording() && !again.span_context().is_sampled());
                assert_eq!(again.span_context().trace_id(), ids.trace_id());
                let ids = again.span_context().clone();
                taken_to_a_thread(&context.with_span(again)).is_unsampled_below(&ids);
            });
        }
        // In a segment of the same trace that is recorded.
        let traceparent = format!("00-{}-b7ad6b7169203331-01", here.trace);
        let context = Context::new().with_remote_span_context(ids.clone());
        on_a_thread(|| {
            inside(&[("traceparent", &traceparent)], async {
                taken_to_a_thread(&context).is_unsampled_below(&ids);
                let attached = context.attach();
                c().is_unsampled_below(&ids);
                drop(attached);
            });
        });
        assert!(traced_tests::flush());
        assert_eq!(memory.take().len(), 1);
        // Below the segment itself, as a library does it that is handed the context.
        let context = Context::current();
        on_a_thread(|| {
            let span = tracer.start_with_context("h", &context);
            assert!(!span.is_recording() && span.span_context().trace_id() == ids.trace_id());
        });
    });
}

#[test]
fn whatever_is_below_a_segment_that_is_not_recorded() {
    let memory = Memory::new();
    let installed =
        traced_tests::builder().exporter(memory.clone()).sampler(AskedOnce).install().unwrap();
    traced::otel::install();
    let checks = || {
        nothing_is_recorded_elsewhere();
        all_polls_show_the_same();
        what_came_along_goes_on();
        values_and_silence_of_others_stay();
        nothing_came(&memory);
        two_segments_of_a_trace_are_told_apart(&memory);
        what_else_there_is_is_recorded(&memory);
        nothing_came(&memory);
    };
    checks();
    // Taken before, used after.
    let early = inside(&[], async { Context::current() });
    let tracer = global::tracer("library");
    let span = on_a_thread(|| tracer.start_with_context("f", &early));
    assert!(!span.is_recording());
    assert_eq!(span.span_context().trace_id(), early.span().span_context().trace_id());
    checks();
    foreign_spans_are_not_recorded(&tracer, &memory);
    nothing_came(&memory);
    drop(installed);
}
