//! Spans of requests can be switched off like any others. In a process of its own, because a filter is the process's.

use axum::Router;
use axum::routing::get;
use traced::traced;
use traced_tests_http::{Trace, client, serve, text};
use traced_tower::ServerLayer;

#[traced]
async fn handler() -> String {
    traced::current().trace_id().to_string()
}

#[tokio::test]
async fn a_filter_switches_requests_off_and_leaves_their_handlers() {
    let address = serve(Router::new().route("/", get(handler)).layer(ServerLayer::new())).await;
    let call = async || {
        let trace = Trace::new();
        let answer = client(false).request(trace.request(format!("http://{address}/"))).await;
        (trace, text(answer.unwrap().into_body()).await)
    };
    let (trace, inside) = call().await;
    assert_eq!(inside, trace.id.to_string());
    traced::filter("info,traced_http=off").unwrap();
    let (trace, inside) = call().await;
    assert_ne!(inside, trace.id.to_string());
    assert_ne!(inside, "0".repeat(32), "the handler begins a trace");
    traced::filter("info").unwrap();
    let (trace, inside) = call().await;
    assert_eq!(inside, trace.id.to_string());
}
