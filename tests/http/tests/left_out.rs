//! Requests of which a part is left out before anybody knows their place. In a process of its own, whose sampler keeps half
//! of all traces. One test, because a filter is the process's.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use std::collections::{BTreeMap, BTreeSet};
use tower::ServiceExt as _;
use traced::data::Span;
use traced::memory::Memory;
use traced::sampling::{ParentBased, TraceIdRatio};
use traced::traced;
use traced_tests_http::{builder, flush, text};
use traced_tower::AxumLayer;

const REQUESTS: usize = 2_000;

#[traced]
async fn handler() -> String {
    let context = traced::current();
    format!("{} {}", context.trace_id(), context.is_sampled())
}

/// What was recorded of so many requests, and what their handlers saw: traces, and whether they were sampled.
async fn ask(app: &Router, memory: &Memory) -> (Vec<Span>, BTreeMap<String, bool>) {
    let (mut spans, mut seen) = (Vec::new(), BTreeMap::new());
    for request in 0..REQUESTS {
        let path = if request % 2 == 0 { "/quiet" } else { "/loud" };
        let answer = app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await;
        let answer = text(answer.unwrap().into_body()).await;
        let (trace, is_sampled) =
            answer.split_once(' ').expect("a trace, and whether it is sampled");
        seen.insert(trace.to_owned(), is_sampled == "true");
        // Before there is too much for the memory of the pipeline.
        if request % 100 == 99 {
            assert!(flush());
            spans.extend(memory.take());
        }
    }
    (spans, seen)
}

/// Half of so many, but for what is as good as impossible.
fn assert_half(count: usize, of: usize) {
    assert!((of * 2 / 5..of * 3 / 5).contains(&count), "{count} of {of}");
}

fn names(spans: &[Span]) -> BTreeSet<&str> {
    spans.iter().map(|span| &*span.name).collect()
}

fn roots(spans: &[Span]) -> usize {
    spans.iter().filter(|span| !span.parent_id.is_valid()).count()
}

#[tokio::test]
async fn a_part_is_left_out_once_and_wherever_places_are_on() {
    let memory = Memory::new();
    let sampler = ParentBased::new(TraceIdRatio::new(0.5));
    let _installed = builder().sampler(sampler).exporter(memory.clone()).install().unwrap();
    let routes = Router::new().route("/quiet", get(handler)).route("/loud", get(handler));
    let app = routes.layer(AxumLayer::new());

    let (spans, seen) = ask(&app, &memory).await;
    let sampled = seen.values().filter(|is_sampled| **is_sampled).count();
    assert_eq!(seen.len(), REQUESTS, "each is a trace of its own");
    assert_half(sampled, REQUESTS);
    assert_eq!((spans.len(), roots(&spans)), (2 * sampled, sampled), "both spans of each");
    assert!(spans.iter().all(|span| seen[&span.trace_id.to_string()]));

    // Where requests are off, their handlers begin traces, of which half are kept: no more, and no less.
    traced::filter("info,traced_http=off").unwrap();
    let (spans, seen) = ask(&app, &memory).await;
    assert_eq!(names(&spans).into_iter().collect::<Vec<_>>(), ["handler"]);
    assert_eq!((seen.len(), roots(&spans)), (REQUESTS, spans.len()));
    assert_half(spans.len(), REQUESTS);

    // The same if one of two places is.
    traced::filter("info,traced_http::GET /quiet=off").unwrap();
    let (spans, _) = ask(&app, &memory).await;
    assert_eq!(names(&spans).into_iter().collect::<Vec<_>>(), ["GET /loud", "handler"]);
    let requests = spans.iter().filter(|span| span.name == "GET /loud").count();
    assert_half(requests, REQUESTS / 2);
    assert_half(roots(&spans) - requests, REQUESTS / 2);

    traced::filter("info").unwrap();
    let (spans, _) = ask(&app, &memory).await;
    assert_half(roots(&spans), REQUESTS);
    assert_eq!(spans.len(), 2 * roots(&spans));

    // Whoever asks has decided.
    let request = Request::get("/loud")
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .body(Body::empty());
    let answer = app.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(text(answer.into_body()).await, "0af7651916cd43dd8448eb211c80319c true");
}
