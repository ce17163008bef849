//! Requests that do not come to their end: clients that go away, handlers that panic.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt as _;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use tokio::sync::Notify;
use traced::traced;
use traced_tests_http::{Trace, client, failed, serve, serve_in_all_ways, text, told};
use traced_tower::{AxumLayer, ServerLayer};

/// What happens when the handler has begun.
fn app(begun: &Arc<Notify>) -> Router {
    let never = {
        let begun = begun.clone();
        || async move {
            wait_for_ever(begun).await;
        }
    };
    let half = || async {
        let first = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"half"))]);
        Body::from_stream(futures_util::StreamExt::chain(first, stream::pending()))
    };
    Router::new()
        .route("/never", get(never))
        .route("/half", get(half))
        .route("/panic", get(|| async { fall() }))
}

#[traced(skip_all)]
async fn wait_for_ever(begun: Arc<Notify>) {
    begun.notify_one();
    pending::<()>().await;
}

#[traced]
fn fall() {
    panic!("alice@example.com");
}

#[tokio::test]
async fn a_client_that_goes_away_has_cancelled_its_request() {
    let begun = Arc::new(Notify::new());
    for (address, is_http2) in serve_in_all_ways(app(&begun), ServerLayer::new()).await {
        let trace = Trace::new();
        let answer = client(is_http2).request(trace.request(format!("http://{address}/never")));
        let answer = tokio::spawn(answer);
        begun.notified().await;
        answer.abort();
        assert_eq!(trace.tree(2).await, "GET /never(aborts::wait_for_ever)");
        for span in trace.spans(2).await {
            assert_eq!(told(&span, "traced.outcome"), "cancelled", "{span:?}");
            assert!(!failed(&span));
            assert_eq!(told(&span, "http.response.status_code"), "-");
        }
    }
}

#[tokio::test]
async fn a_body_that_nobody_wants_any_more_is_cancelled() {
    for (address, is_http2) in serve_in_all_ways(app(&Arc::default()), ServerLayer::new()).await {
        let trace = Trace::new();
        let client = client(is_http2);
        let answer = client.request(trace.request(format!("http://{address}/half"))).await.unwrap();
        let mut body = answer.into_body();
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "half");
        assert!(trace.is_open(), "the body has not ended");
        drop(body);
        drop(client);
        let span = trace.span().await;
        assert_eq!(told(&span, "traced.outcome"), "cancelled");
        assert_eq!(told(&span, "http.response.status_code"), "200");
        assert!(!failed(&span));
    }
}

#[tokio::test]
async fn a_handler_that_panics_is_an_error() {
    for (address, is_http2) in serve_in_all_ways(app(&Arc::default()), ServerLayer::new()).await {
        let trace = Trace::new();
        let answer = client(is_http2).request(trace.request(format!("http://{address}/panic")));
        assert!(answer.await.is_err());
        assert_eq!(trace.tree(2).await, "GET /panic(aborts::fall)");
        for span in trace.spans(2).await {
            assert!(failed(&span), "{span:?}");
            assert_eq!(told(&span, "error.type"), "panic");
            assert!(!format!("{span:?}").contains("alice"), "{span:?}");
        }
    }
}

#[tokio::test]
async fn what_comes_after_an_abort_on_the_same_thread_is_not_inside_of_it() {
    let begun = Arc::new(Notify::new());
    let address =
        serve(app(&begun).route("/after", get(|| async {})).layer(AxumLayer::new())).await;
    let aborted = Trace::new();
    let request = client(false).request(aborted.request(format!("http://{address}/never")));
    let request = tokio::spawn(request);
    begun.notified().await;
    request.abort();
    aborted.spans(2).await;
    assert!(traced::current().is_none());
    let answer = client(false).request(Trace::new().request(format!("http://{address}/after")));
    assert_eq!(text(answer.await.unwrap().into_body()).await, "");
    assert_eq!(aborted.spans(2).await.len(), 2);
}
