//! tower-http's `TraceLayer`: one span for each request, and an event at its beginning and its end.

use crate::{tells, without_h2};
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::Request;
use axum::routing::get;
use tower::ServiceExt as _;
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::trace::{DefaultMakeSpan, DefaultOnRequest, DefaultOnResponse, TraceLayer};
use traced::data::{Event, Status};
use traced::{Instrument as _, traced};
use traced_tests_ecosystem::bridge;
use traced_tests_http::{Trace, client, serve, text, told, tree};
use traced_tower::{AxumLayer, ServerLayer};
use tracing::{Level, info_span};

#[traced(name = "order")]
async fn order(Path(id): Path<u64>) -> String {
    tokio::task::yield_now().await;
    info_span!("look_up", id).in_scope(|| price(id)).to_string()
}

#[traced(name = "price")]
fn price(order: u64) -> u64 {
    order * 2
}

fn theirs() -> TraceLayer<SharedClassifier<ServerErrorsAsFailures>> {
    TraceLayer::new_for_http()
        .make_span_with(DefaultMakeSpan::new().level(Level::INFO).include_headers(true))
        .on_request(DefaultOnRequest::new().level(Level::INFO))
        .on_response(DefaultOnResponse::new().level(Level::INFO))
}

fn routes() -> Router {
    let broken = || async { axum::http::StatusCode::INTERNAL_SERVER_ERROR };
    Router::new().route("/orders/{id}", get(order)).route("/broken", get(broken))
}

#[tokio::test]
async fn its_span_is_between_the_request_and_the_handler() {
    bridge();
    let address = serve(routes().layer(theirs()).layer(AxumLayer::new())).await;
    for is_http2 in [false, true] {
        let trace = Trace::new();
        let url = format!("http://{address}/orders/17?token=secret");
        let answer = client(is_http2).request(trace.request(url)).await.unwrap();
        assert_eq!(text(answer.into_body()).await, "34");
        let spans = without_h2(trace, 5).await;
        let tree = tree(&spans, trace.caller);
        assert_eq!(tree, "GET /orders/{id}(request(order(look_up(price))))");
        let request = spans.iter().find(|span| span.name == "request").unwrap();
        // h2 has events between the two.
        let own = |event: &&Event| event.name.ends_with("processing request");
        let events: Vec<_> = request.events.iter().filter(own).collect();
        let names: Vec<_> = events.iter().map(|event| &*event.name).collect();
        assert_eq!(names, ["started processing request", "finished processing request"]);
        let status = events[1].attributes.iter().find(|(key, _)| key == "status");
        assert_eq!(status.map(|(_, value)| value), Some(&200.into()));
        for span in &spans {
            assert!(!tells(span, "secret") && !tells(span, "orders/17"), "{span:?}");
            assert!(!tells(span, "registry"), "a folder of whoever built this: {span:?}");
        }
        assert_eq!(told(request, "uri"), "-");
        assert_eq!(told(request, "headers"), "-");
    }
}

#[tokio::test]
async fn around_the_request_it_is_its_parent() {
    bridge();
    let trace = Trace::new();
    let app = routes().layer(ServerLayer::new()).layer(theirs());
    // Without headers, as inside of a process: what is current decides.
    let request = Request::get("/orders/4").body(Body::empty()).unwrap();
    let call = async { app.oneshot(request).await.unwrap() };
    let call = async { call.instrument(traced::span!("caller")).await };
    let answer = call.in_context(&trace.context()).await;
    assert_eq!(text(answer.into_body()).await, "8");
    let tree = tree(&without_h2(trace, 6).await, trace.caller);
    assert_eq!(tree, "caller(request(GET /orders/{id}(order(look_up(price)))))");
}

#[tokio::test]
async fn an_error_that_it_reports_is_its_spans() {
    bridge();
    let address = serve(routes().layer(theirs()).layer(ServerLayer::new())).await;
    let trace = Trace::new();
    let answer = client(false).request(trace.request(format!("http://{address}/broken"))).await;
    assert_eq!(answer.unwrap().status(), 500);
    let spans = without_h2(trace, 2).await;
    assert_eq!(tree(&spans, trace.caller), "GET /broken(request)");
    assert!(spans.iter().all(|span| matches!(span.status, Status::Error(_))), "{spans:?}");
    assert!(spans[1].events.iter().any(|event| event.name == "response failed"), "{spans:?}");
}
