//! Requests by reqwest, with and without the middleware.

use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Router, http::StatusCode};
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use traced::Instrument as _;
use traced::data::SpanKind;
use traced_reqwest::{Route, Traced};
use traced_tests_http::{Deserted, Trace, failed, serve, told};

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
    let context = trace.context();
    let url = format!("http://{address}/received?token=secret");
    let received = async {
        let request = client().get(&url).with_extension(Route::new("/received"));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.url().as_str(), url);
        answer.text().await.unwrap()
    };
    let received = received.in_context(&context).await;
    let span = trace.span().await;
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
    let context = trace.context();
    let request = async { client().get(format!("http://{address}/missing")).send().await };
    let answer = request.in_context(&context).await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.text().await.unwrap(), "nothing");
    let span = trace.span().await;
    assert_eq!((failed(&span), told(&span, "error.type")), (true, "404".to_owned()));
}

/// Sends again what was answered with 5xx.
struct Again;

#[async_trait::async_trait]
impl Middleware for Again {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let copy = request.try_clone().unwrap();
        let answer = next.clone().run(request, extensions).await?;
        if answer.status().is_server_error() {
            return next.run(copy, extensions).await;
        }
        Ok(answer)
    }
}

#[tokio::test]
async fn repetitions_are_counted() {
    let asked = Arc::new(AtomicU32::new(0));
    let flaky = || async move {
        let is_first = asked.fetch_add(1, Relaxed) == 0;
        if is_first { StatusCode::BAD_GATEWAY } else { StatusCode::OK }
    };
    let address = serve(Router::new().route("/flaky", get(flaky))).await;
    let client = ClientBuilder::new(reqwest::Client::new()).with(Again).with(Traced::new()).build();
    let trace = Trace::new();
    let url = format!("http://{address}/flaky");
    for _ in 0..2 {
        let answer = async { client.get(&url).send().await }.in_context(&trace.context()).await;
        assert_eq!(answer.unwrap().status(), 200);
    }
    let spans = trace.spans(3).await;
    let counts: Vec<_> = spans.iter().map(|span| told(span, "http.request.resend_count")).collect();
    assert_eq!(counts, ["-", "1", "-"], "another request is counted anew");
    assert_eq!((failed(&spans[0]), failed(&spans[1])), (true, false));
}

#[tokio::test]
async fn an_error_is_named_and_its_address_is_not_told() {
    let nobody = Deserted::new();
    let port = nobody.address().port();
    let trace = Trace::new();
    let url = format!("http://user:canary@127.0.0.1:{port}/canary?canary");
    let answer = async { client().get(url).send().await }.in_context(&trace.context()).await;
    assert!(answer.unwrap_err().is_connect());
    let span = trace.span().await;
    assert_eq!((failed(&span), told(&span, "error.type")), (true, "reqwest:Connect".to_owned()));
    assert!(!format!("{span:?}").contains("canary"), "{span:?}");
}

#[tokio::test]
async fn a_body_is_the_same_as_without_the_middleware() {
    let parts = || async {
        let parts = ["a", "b", "c"].map(Ok::<_, std::io::Error>);
        axum::body::Body::from_stream(futures_util::stream::iter(parts))
    };
    let address =
        serve(Router::new().route("/", get(parts)).route("/length", get(|| async { "four" })))
            .await;
    let trace = Trace::new();
    let answers = async {
        let parts = client().get(format!("http://{address}/")).send().await.unwrap();
        assert_eq!(parts.remote_addr().map(|address| address.port()), Some(address.port()));
        assert_eq!(parts.bytes().await.unwrap(), "abc");
        let length = client().get(format!("http://{address}/length")).send().await.unwrap();
        assert_eq!(length.content_length(), Some(4));
        assert!(trace.found_so_far() == 1, "the second one has not been read");
        assert_eq!(length.text().await.unwrap(), "four");
    };
    answers.in_context(&trace.context()).await;
    for span in trace.spans(2).await {
        assert_eq!((failed(&span), told(&span, "traced.outcome")), (false, "-".to_owned()));
    }
}

#[tokio::test]
async fn headers_without_the_middleware_name_the_innermost_span() {
    let address = serve(app()).await;
    let trace = Trace::new();
    let received = async {
        let mut headers = HeaderMap::new();
        traced_reqwest::inject(&mut headers);
        let request = reqwest::Client::new().get(format!("http://{address}/received"));
        request.headers(headers).send().await.unwrap().text().await.unwrap()
    };
    let received = received.in_context(&trace.context()).await;
    assert_eq!(received, format!("00-{}-{}-01", trace.id, trace.caller));
}
