//! Requests by reqwest, with and without the middleware.

use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Router, http::StatusCode};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use traced::Instrument as _;
use traced::data::SpanKind;
use traced_reqwest::{Route, Traced};
use traced_tests_http::{Trace, failed, serve, told};

fn client() -> ClientWithMiddleware {
    ClientBuilder::new(reqwest::Client::new()).with(Traced::new()).build()
}

fn app() -> Router {
    let received = |headers: HeaderMap| async move {
        headers.get("traceparent").map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    };
    Router::new()
        .route("/received", get(received))
        .route("/missing", get(|| async { (StatusCode::NOT_FOUND, "nothing") }))
}

#[tokio::test]
async fn a_request_is_a_span_that_its_headers_name() {
    let address = serve(app()).await;
    let trace = Trace::new();
    let context = traced::propagation::extract(&trace.headers());
    let url = format!("http://{address}/received?token=secret");
    let received = async {
        let request = client().get(&url).with_extension(Route::new("/received"));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.url().as_str(), url);
        answer.text().await.unwrap()
    };
    let received = received.in_context(&context).await;
    let span = trace.span();
    assert_eq!(received, format!("00-{}-{}-01", span.trace_id, span.span_id));
    assert_eq!(
        (&*span.name, span.kind, span.parent_id),
        ("GET /received", SpanKind::Client, trace.caller)
    );
    assert!(!failed(&span));
    for (key, value) in [
        ("http.request.method", "GET"),
        ("url.template", "/received"),
        ("url.scheme", "http"),
        ("server.address", "127.0.0.1"),
        ("server.port", &address.port().to_string()),
        ("http.response.status_code", "200"),
        ("network.protocol.version", "1.1"),
        ("http.request.resend_count", "-"),
        ("error.type", "-"),
        ("url.query", "-"),
    ] {
        assert_eq!(told(&span, key), value, "{key}");
    }
}

#[tokio::test]
async fn of_a_client_4xx_are_errors() {
    let address = serve(app()).await;
    let trace = Trace::new();
    let context = traced::propagation::extract(&trace.headers());
    let request = async { client().get(format!("http://{address}/missing")).send().await };
    let answer = request.in_context(&context).await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.text().await.unwrap(), "nothing");
    let span = trace.span();
    assert_eq!((failed(&span), told(&span, "error.type")), (true, "404".to_owned()));
}
