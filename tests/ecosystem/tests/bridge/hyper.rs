//! hyper over HTTP/2: h2 has spans for each connection and each of its polls, in tasks of hyper's; hyper-util says
//! what its pool does. None of it gets between a request and its handler.

use crate::tells;
use axum::Router;
use axum::routing::get;
use std::time::{Duration, Instant};
use tower::{Layer as _, ServiceExt as _};
use traced::data::Span;
use traced::{Instrument as _, traced};
use traced_tests_ecosystem::bridge;
use traced_tests_http::{PATIENCE, Trace, arrived, client, serve, text};
use traced_tower::{ClientLayer, ServerLayer};

#[traced(name = "hello")]
async fn hello() -> &'static str {
    tokio::task::yield_now().await;
    "hello"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_have_spans_of_their_own_and_requests_the_trees_that_they_have_without() {
    bridge();
    let address = serve(Router::new().route("/", get(hello)).layer(ServerLayer::new())).await;
    let trace = Trace::new();
    let client = ClientLayer::new().layer(client(true));
    let user = client.clone();
    let call = async move {
        for _ in 0..3 {
            let mut request = axum::http::Request::new(axum::body::Body::empty());
            *request.uri_mut() = format!("http://{address}/?token=secret").parse().unwrap();
            let answer = user.clone().oneshot(request).await.unwrap();
            assert_eq!(text(answer.into_body()).await, "hello");
        }
    };
    let call = async { call.instrument(traced::span!("caller")).await };
    call.in_context(&trace.context()).await;
    let own = ["caller", "GET", "GET /", "hello"];
    // Each connection is opened by one of the requests, and what h2 does for it later by a task of its own.
    let is_done = |spans: &[Span]| {
        spans.iter().filter(|span| own.contains(&&*span.name)).count() == 1 + 3 * 3
    };
    let spans = trace.spans_until(is_done).await;
    let theirs = |span: &&Span| !own.contains(&&*span.name);
    for span in spans.iter().filter(|span| span.name == "hello") {
        let parent = spans.iter().find(|other| other.span_id == span.parent_id).unwrap();
        assert_eq!(parent.name, "GET /");
        let parent = spans.iter().find(|other| other.span_id == parent.parent_id).unwrap();
        assert_eq!(parent.name, "GET", "the client's span, by the headers");
        let parent = spans.iter().find(|other| other.span_id == parent.parent_id).unwrap();
        assert_eq!(parent.name, "caller");
    }
    // A connection ends when nobody can use it any more, and its span with it.
    drop(client);
    let give_up = Instant::now() + PATIENCE;
    let connections = |all: &[Span]| all.iter().filter(|span| span.name == "Connection").count();
    while connections(&arrived()) < 2 {
        assert!(Instant::now() < give_up, "h2 has a span for each end: {:?}", arrived());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let all = arrived();
    let of_h2: Vec<_> = all.iter().filter(|span| span.name == "Connection").collect();
    for span in all.iter().filter(theirs) {
        assert!(!tells(span, "secret"), "{span:?}");
        // What it hangs on has arrived, is on its way, or is nothing.
        let parent = all.iter().find(|other| other.span_id == span.parent_id);
        assert!(parent.is_none_or(|parent| parent.trace_id == span.trace_id));
    }
    // What polls a connection is inside of it.
    let polls = all.iter().filter(|span| span.name == "poll");
    let inside = polls.filter(|poll| of_h2.iter().any(|span| span.span_id == poll.parent_id));
    assert!(inside.count() > 0);
}
