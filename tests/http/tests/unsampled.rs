//! Requests that are not sampled: nothing is recorded, and everything is passed on. In a process of its own, whose sampler
//! leaves everything out. Nobody has fetched a tracer of ours in it.

use axum::body::Body;
use futures_util::StreamExt as _;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, StreamBody};
use opentelemetry::trace::{FutureExt as _, SpanContext, TraceContextExt as _, TraceFlags};
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Poll, Waker};
use tower::{Service, ServiceBuilder, ServiceExt as _};
use traced::memory::Memory;
use traced::sampling::{ParentBased, TraceIdRatio};
use traced::{Installed, TraceId, traced};
use traced_tests_http::{builder, flush};
use traced_tower::{ServerLayer, TracedBody};

fn pipeline() -> &'static Memory {
    static PIPELINE: OnceLock<(Memory, Installed)> = OnceLock::new();
    let (memory, _) = PIPELINE.get_or_init(|| {
        let memory = Memory::new();
        let sampler = ParentBased::new(TraceIdRatio::new(0.0));
        let installed = builder().sampler(sampler).exporter(memory.clone()).install();
        (memory, installed.expect("the first pipeline of the process"))
    });
    memory
}

/// What goes out from where this is called.
#[traced]
async fn going_out() -> HeaderMap {
    tokio::task::yield_now().await;
    sync_going_out()
}

#[traced]
fn sync_going_out() -> HeaderMap {
    let mut headers = HeaderMap::new();
    traced_http::inject(&mut headers);
    headers
}

fn trace_of(headers: &HeaderMap) -> &str {
    let traceparent = headers["traceparent"].to_str().unwrap();
    assert!(traceparent.ends_with("-00") || traceparent.ends_with("-02"), "{traceparent}");
    &traceparent[3..35]
}

/// A server whose answer has the headers that go out from inside of it.
fn server<F>(
    handler: impl Fn() -> F + Clone,
) -> impl Service<Request<()>, Response = Response<TracedBody<Body>>, Error = Infallible> + Clone
where
    F: Future<Output = Response<Body>>,
{
    pipeline();
    let answer = tower::service_fn(move |_: Request<()>| {
        let answer = handler();
        async { Ok::<_, Infallible>(answer.await) }
    });
    ServiceBuilder::new().layer(ServerLayer::new()).service(answer)
}

async fn answer_with_headers() -> Response<Body> {
    let mut answer = Response::new(Body::from("x"));
    *answer.headers_mut() = going_out().await;
    answer
}

fn poll<F: Future>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    future.as_mut().poll(&mut std::task::Context::from_waker(Waker::noop()))
}

fn nothing_is_current() -> bool {
    traced::current().is_none()
        && traced::current().trace_id() == TraceId::INVALID
        && !seen().is_valid()
}

/// What others see.
fn seen() -> SpanContext {
    opentelemetry::Context::current().span().span_context().clone()
}

/// A span of somebody else, in a trace that is not sampled.
fn theirs(trace: u128, span: u64) -> opentelemetry::Context {
    opentelemetry::Context::new().with_remote_span_context(SpanContext::new(
        trace.into(),
        span.into(),
        TraceFlags::default(),
        false,
        opentelemetry::trace::TraceState::NONE,
    ))
}

#[tokio::test]
async fn what_came_in_goes_out_again_and_no_further() {
    let server = server(answer_with_headers);
    let request = Request::get("/")
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
        .header("tracestate", "rojo=1")
        .header("baggage", "tenant=acme");
    let answer = server.clone().oneshot(request.body(()).unwrap()).await.unwrap();
    assert_eq!(
        (trace_of(answer.headers()), &answer.headers()["tracestate"], &answer.headers()["baggage"]),
        (
            "0af7651916cd43dd8448eb211c80319c",
            &"rojo=1".parse().unwrap(),
            &"tenant=acme".parse().unwrap()
        )
    );
    assert_ne!(&answer.headers()["traceparent"].as_bytes()[36..52], b"b7ad6b7169203331");
    drop(answer);

    let mut traces = Vec::new();
    for _ in 0..3 {
        let answer = server.clone().oneshot(Request::new(())).await.unwrap();
        let headers = answer.headers().clone();
        answer.into_body().collect().await.unwrap();
        assert!(!headers.contains_key("tracestate") && !headers.contains_key("baggage"));
        traces.push(trace_of(&headers).to_owned());
    }
    traces.sort();
    traces.dedup();
    assert_eq!(traces.len(), 3, "each is a trace of its own");
    assert!(nothing_is_current());
    assert!(flush());
    assert!(pipeline().take().is_empty());
}

#[tokio::test]
async fn many_requests_at_once_on_one_thread_are_kept_apart() {
    let server = server(async || {
        let before = trace_of(&going_out().await).to_owned();
        let mut answer = answer_with_headers().await;
        for _ in 0..3 {
            tokio::task::yield_now().await;
            assert_eq!(before, trace_of(&sync_going_out()));
        }
        // A task continues the trace after its request.
        let task = tokio::spawn(going_out());
        answer.headers_mut().insert("task", task.await.unwrap()["traceparent"].clone());
        answer
    });
    let requests = (0..100).map(|_| server.clone().oneshot(Request::new(())));
    let mut traces = Vec::new();
    for answer in futures_util::future::join_all(requests).await {
        let headers = answer.unwrap().headers().clone();
        let trace = trace_of(&headers).to_owned();
        assert_eq!(trace.as_bytes(), &headers["task"].as_bytes()[3..35]);
        traces.push(trace);
    }
    traces.sort();
    traces.dedup();
    assert_eq!(traces.len(), 100);
    assert!(nothing_is_current());
}

#[tokio::test]
async fn a_body_is_read_inside_of_its_trace() {
    let server = server(async || {
        let trace = traced::current().trace_id();
        let frames = futures_util::stream::iter(0..3).map(move |_| {
            assert_eq!(traced::current().trace_id(), trace);
            Ok::<_, Infallible>(http_body::Frame::data(bytes::Bytes::from_static(b"x")))
        });
        assert_ne!(trace, TraceId::INVALID);
        Response::new(Body::new(StreamBody::new(frames)))
    });
    let answer = server.oneshot(Request::new(())).await.unwrap();
    assert!(nothing_is_current());
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(&body[..], b"xxx");
    assert!(nothing_is_current());
}

#[tokio::test]
async fn a_request_that_panics_or_is_given_up_leaves_nothing_behind() {
    let panicking = server(async || -> Response<Body> {
        going_out().await;
        panic!("a handler's own");
    });
    let mut request = Box::pin(panicking.oneshot(Request::new(())));
    let polled = AssertUnwindSafe(|| while poll(&mut request).is_pending() {});
    assert!(catch_unwind(polled).is_err());
    assert!(nothing_is_current());

    let waiting = server(async || {
        going_out().await;
        std::future::pending().await
    });
    let mut request = Box::pin(waiting.oneshot(Request::new(())));
    for _ in 0..3 {
        assert!(poll(&mut request).is_pending());
        assert!(nothing_is_current());
    }
    drop(request);
    assert!(nothing_is_current());
    let answer = server(answer_with_headers).oneshot(Request::new(())).await.unwrap();
    trace_of(answer.headers());
}

#[test]
fn a_trace_outlives_the_thread_that_it_began_on() {
    pipeline();
    let context = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let server = server(async || {
                let mut answer = Response::new(Body::empty());
                answer.extensions_mut().insert(traced::current());
                answer
            });
            let answer = server.oneshot(Request::new(())).await.unwrap();
            answer.extensions().get::<traced::Context>().unwrap().clone()
        })
    });
    let context = context.join().unwrap();
    let (trace, span) = (context.trace_id(), context.span_id());
    assert!(trace.is_valid() && span.is_valid() && !context.is_sampled());
    let headers = context.in_scope(sync_going_out);
    assert_eq!(trace_of(&headers), trace.to_string());
    // Whatever began since has not taken its place.
    assert_eq!((context.trace_id(), context.span_id()), (trace, span));
    assert!(nothing_is_current());
}

#[tokio::test]
async fn others_see_the_trace_at_each_poll() {
    let server = server(async || {
        let ours = traced::current();
        let check = |seen: SpanContext| {
            let ids = (TraceId::from(seen.trace_id()), traced::SpanId::from(seen.span_id()));
            assert_eq!(ids, (ours.trace_id(), ours.span_id()));
            assert!(!seen.is_sampled() && !seen.is_remote());
        };
        check(seen());
        for _ in 0..3 {
            tokio::task::yield_now().await;
            check(seen());
        }
        let frames = futures_util::stream::iter(0..3).map(move |_| {
            assert_eq!(TraceId::from(seen().trace_id()), ours.trace_id());
            Ok::<_, Infallible>(http_body::Frame::data(bytes::Bytes::from_static(b"x")))
        });
        Response::new(Body::new(StreamBody::new(frames)))
    });
    let requests = (0..10).map(|_| server.clone().oneshot(Request::new(())));
    for answer in futures_util::future::join_all(requests).await {
        assert!(nothing_is_current());
        answer.unwrap().into_body().collect().await.unwrap();
        assert!(nothing_is_current());
    }
}

#[tokio::test]
async fn a_context_that_others_take_elsewhere_leads_back() {
    let server = server(async || {
        let context = opentelemetry::Context::current();
        let mut answer = answer_with_headers().await;
        answer.extensions_mut().insert(context.clone());
        let task = tokio::spawn(going_out().with_context(context.clone()));
        answer.headers_mut().insert("task", task.await.unwrap()["traceparent"].clone());
        let thread = std::thread::spawn(|| {
            let _attached = context.attach();
            sync_going_out()
        });
        answer.headers_mut().insert("thread", thread.join().unwrap()["traceparent"].clone());
        answer
    });
    let answer = server.oneshot(Request::new(())).await.unwrap();
    let headers = answer.headers();
    // The root has no other id anywhere, because below it nothing is recorded.
    assert_eq!(headers["task"], headers["traceparent"]);
    assert_eq!(headers["thread"], headers["traceparent"]);
    // Here, where the request was current before.
    let context = answer.extensions().get::<opentelemetry::Context>().unwrap().clone();
    let _attached = context.attach();
    assert_eq!(sync_going_out()["traceparent"], headers["traceparent"]);
    trace_of(headers);
}

#[tokio::test]
async fn what_others_attached_around_a_request_is_its_parent() {
    let trace = "0000000000000000000000000000000b";
    let server = server(async || {
        let mut answer = answer_with_headers().await;
        // A trace of somebody else inside of ours is continued, and left again.
        let inside = going_out().with_context(theirs(0xc, 2)).await;
        assert_eq!(trace_of(&inside), "0000000000000000000000000000000c");
        assert_eq!(trace_of(&sync_going_out()), trace_of(answer.headers()));
        answer.headers_mut().insert("inside", inside["traceparent"].clone());
        answer
    });
    let attached = async {
        let answer = server.clone().oneshot(Request::new(())).await.unwrap();
        assert_eq!(TraceId::from(seen().trace_id()).to_string(), trace);
        answer
    };
    let answer = attached.with_context(theirs(0xb, 1)).await;
    assert_eq!(trace_of(answer.headers()), trace);
    assert!(nothing_is_current());

    // Headers go before what is attached.
    let request = Request::get("/")
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
        .body(())
        .unwrap();
    let answer = server.oneshot(request).with_context(theirs(0xb, 1)).await.unwrap();
    assert_eq!(trace_of(answer.headers()), "0af7651916cd43dd8448eb211c80319c");
    assert!(nothing_is_current());
}
