//! axum behind the layer.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{any, get};
use axum::{Router, extract::Request};
use traced::data::SpanKind;
use traced::traced;
use traced_tests_http::{Trace, client, failed, serve, serve_in_all_ways, text, told};
use traced_tower::{Route, ServerLayer};

#[traced]
async fn order(Path(id): Path<u64>) -> String {
    tokio::task::yield_now().await;
    price(id).to_string()
}

#[traced]
fn price(order: u64) -> u64 {
    order * 2
}

fn app() -> Router {
    Router::new()
        .route("/orders/{id}", get(order))
        .route(
            "/status/{status}",
            any(|Path(status): Path<u16>| async move {
                (StatusCode::from_u16(status).unwrap(), "status")
            }),
        )
        .fallback(|_: Request| async { StatusCode::NOT_FOUND })
}

fn layer() -> ServerLayer {
    ServerLayer::new().hosts(["127.0.0.1"]).public_query(["page"])
}

#[tokio::test]
async fn a_request_is_a_span_and_its_handler_a_child() {
    for (address, is_http2) in serve_in_all_ways(app(), layer()).await {
        let trace = Trace::new();
        let url = format!("http://{address}/orders/17?token=secret&page=2");
        let answer = client(is_http2).request(trace.request(url)).await.unwrap();
        assert_eq!(text(answer.into_body()).await, "34");
        assert_eq!(trace.tree(3).await, "GET /orders/{id}(axum_server::order(axum_server::price))");
        let span = &trace.spans(3).await[0];
        assert_eq!((span.kind, failed(span)), (SpanKind::Server, false));
        assert!(span.parent_is_remote);
        let mut all: Vec<_> =
            span.attributes.iter().map(|(key, _)| format!("{key}={}", told(span, key))).collect();
        all.sort();
        let version = if is_http2 { "2" } else { "1.1" };
        assert_eq!(
            all,
            [
                "http.request.method=GET".to_owned(),
                "http.response.status_code=200".to_owned(),
                "http.route=/orders/{id}".to_owned(),
                format!("network.protocol.version={version}"),
                "server.address=127.0.0.1".to_owned(),
                format!("server.port={}", address.port()),
                "url.query=page=2".to_owned(),
                "url.scheme=http".to_owned(),
            ]
        );
    }
}

#[tokio::test]
async fn of_a_server_only_5xx_are_errors() {
    let address = serve(app().layer(layer().for_axum())).await;
    for (status, is_error) in
        [(200, false), (204, false), (302, false), (404, false), (500, true), (503, true)]
    {
        let trace = Trace::new();
        let url = format!("http://{address}/status/{status}");
        let answer = client(false).request(trace.request(url)).await.unwrap();
        text(answer.into_body()).await;
        let span = trace.span().await;
        assert_eq!(told(&span, "http.response.status_code"), status.to_string());
        assert_eq!(failed(&span), is_error, "{status}");
        let error = if is_error { status.to_string() } else { "-".to_owned() };
        assert_eq!(told(&span, "error.type"), error);
    }
}

#[tokio::test]
async fn without_a_route_a_span_is_called_by_its_method() {
    let address = serve(app().layer(layer().for_axum())).await;
    for (method, name, is_told) in
        [("GET", "GET", "GET"), ("HEAD", "HEAD", "HEAD"), ("alice", "HTTP", "_OTHER")]
    {
        let trace = Trace::new();
        let mut request = trace.request(format!("http://{address}/alice@example.com"));
        *request.method_mut() = method.parse().unwrap();
        let answer = client(false).request(request).await.unwrap();
        assert_eq!(answer.status(), 404);
        let span = trace.span().await;
        assert_eq!((&*span.name, &*told(&span, "http.request.method")), (name, is_told));
        assert!(!format!("{span:?}").contains("alice"), "{span:?}");
    }
}

#[tokio::test]
async fn a_route_that_somebody_set_is_the_route() {
    let layers = tower::ServiceBuilder::new()
        .map_request(|mut request: Request| {
            request.extensions_mut().insert(Route::new("/things/{thing}"));
            request
        })
        .layer(ServerLayer::new());
    let app = Router::new().fallback(|| async { "a thing" }).layer(layers);
    let address = serve(app).await;
    let trace = Trace::new();
    let answer = client(false).request(trace.request(format!("http://{address}/things/7"))).await;
    assert_eq!(text(answer.unwrap().into_body()).await, "a thing");
    assert_eq!(trace.span().await.name, "GET /things/{thing}");
}
