//! The layer of clients: what its spans say, and what goes out in headers.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Router, extract::State};
use http::{Request, Response};
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use tower::retry::{Policy, RetryLayer};
use tower::{Service, ServiceBuilder, ServiceExt as _};
use traced::Instrument as _;
use traced::data::SpanKind;
use traced_tests_http::{Deserted, Trace, client, failed, serve, text, told};
use traced_tower::{ClientLayer, ResendsLayer, Route, ServerLayer};

async fn received(headers: HeaderMap) -> String {
    headers.get("traceparent").map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}

/// Fails until it was asked three times.
async fn flaky(State(asked): State<Arc<AtomicU32>>) -> StatusCode {
    if asked.fetch_add(1, Relaxed) < 2 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

fn app() -> Router {
    Router::new()
        .route("/received/{anything}", get(received))
        .route("/flaky", get(flaky))
        .with_state(Arc::new(AtomicU32::new(0)))
}

fn request(url: &str) -> Request<Body> {
    Request::get(url).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn the_headers_name_the_span() {
    let address = serve(app()).await;
    for is_http2 in [false, true] {
        let trace = Trace::new();
        let mut client = ServiceBuilder::new().layer(ClientLayer::new()).service(client(is_http2));
        let mut request = request(&format!("http://{address}/received/alice?token=secret"));
        request.extensions_mut().insert(Route::new("/received/{anything}"));
        let answer = async {
            let answer = client.ready().await.unwrap().call(request).await.unwrap();
            text(answer.into_body()).await
        };
        let received = answer.in_context(&trace.context()).await;
        let span = trace.span().await;
        assert_eq!(received, format!("00-{}-{}-01", span.trace_id, span.span_id));
        assert_eq!((&*span.name, span.kind), ("GET /received/{anything}", SpanKind::Client));
        assert_eq!(told(&span, "url.template"), "/received/{anything}");
        assert_eq!(told(&span, "server.address"), "127.0.0.1");
        assert_eq!(told(&span, "server.port"), address.port().to_string());
        assert_eq!(told(&span, "network.protocol.version"), if is_http2 { "2" } else { "1.1" });
        let all = format!("{span:?}");
        assert!(!all.contains("alice") && !all.contains("secret"), "{all}");
    }
}

#[tokio::test]
async fn one_service_calls_the_next() {
    let inner = serve(app().layer(ServerLayer::new())).await;
    let call = move || async move {
        let client = ServiceBuilder::new().layer(ClientLayer::new()).service(client(true));
        let answer = client.oneshot(request(&format!("http://{inner}/received/x"))).await;
        text(answer.unwrap().into_body()).await
    };
    let outer = serve(Router::new().route("/outer", get(call)).layer(ServerLayer::new())).await;
    let trace = Trace::new();
    let answer = client(false).request(trace.request(format!("http://{outer}/outer"))).await;
    let received = text(answer.unwrap().into_body()).await;
    assert_eq!(trace.tree(3).await, "GET /outer(GET(GET /received/{anything}))");
    let client_span = &trace.spans(3).await[1];
    assert_eq!(received, format!("00-{}-{}-01", client_span.trace_id, client_span.span_id));
}

#[tokio::test]
async fn nobody_there_is_an_error() {
    let nobody = Deserted::new();
    let port = nobody.address().port();
    let trace = Trace::new();
    let client = ServiceBuilder::new().layer(ClientLayer::new()).service(client(false));
    let url = format!("http://user:password@127.0.0.1:{port}/");
    let answer = client.oneshot(request(&url)).in_context(&trace.context()).await;
    assert!(answer.is_err());
    let span = trace.span().await;
    assert!(failed(&span));
    assert_eq!(told(&span, "error.type"), "hyper_util::client::legacy::client::Error");
    assert_eq!(told(&span, "server.port"), port.to_string());
    assert!(!format!("{span:?}").contains("password"), "{span:?}");
}

#[tokio::test]
async fn a_body_that_is_not_read_is_nothing_that_went_wrong() {
    let address = serve(app()).await;
    let trace = Trace::new();
    let client = ServiceBuilder::new().layer(ClientLayer::new()).service(client(false));
    let request = request(&format!("http://{address}/received/x"));
    let answer = client.oneshot(request).in_context(&trace.context()).await.unwrap();
    assert!(trace.is_open());
    drop(answer);
    let span = trace.span().await;
    assert_eq!((failed(&span), told(&span, "traced.outcome")), (false, "-".to_owned()));
}

/// Sends again what was answered with 5xx.
#[derive(Clone)]
struct Again;

impl<B: Default, C, E> Policy<Request<B>, Response<C>, E> for Again {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<B>,
        answer: &mut Result<Response<C>, E>,
    ) -> Option<Ready<()>> {
        let is_bad = answer.as_ref().is_ok_and(|answer| answer.status().is_server_error());
        is_bad.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<B>) -> Option<Request<B>> {
        let mut copy = Request::new(B::default());
        *copy.uri_mut() = request.uri().clone();
        *copy.extensions_mut() = request.extensions().clone();
        Some(copy)
    }
}

#[tokio::test]
async fn repetitions_are_counted() {
    let address = serve(app()).await;
    let trace = Trace::new();
    let client = ServiceBuilder::new()
        .layer(ResendsLayer::new())
        .layer(RetryLayer::new(Again))
        .layer(ClientLayer::new())
        .service(client(false));
    let request = request(&format!("http://{address}/flaky"));
    let answer = client.oneshot(request).in_context(&trace.context()).await.unwrap();
    assert_eq!(answer.status(), 200);
    drop(answer);
    let spans = trace.spans(3).await;
    let seen: Vec<_> = spans
        .iter()
        .map(|span| {
            let of = |key| told(span, key);
            (of("http.request.resend_count"), of("http.response.status_code"), failed(span))
        })
        .collect();
    let seen: Vec<_> = seen.iter().map(|(n, status, failed)| (&**n, &**status, *failed)).collect();
    assert_eq!(seen, [("-", "503", true), ("1", "503", true), ("2", "200", false)]);
}
