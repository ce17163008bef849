//! Methods of gRPC that a client makes up: a few may be told, and what the service does answer is known from then on.
//! In a process of its own, because all that was made up is counted together.

use axum::Router;
use http::{Request, header::CONTENT_TYPE};
use traced_tests_http::{Trace, client, serve, text, told};
use traced_tower::ServerLayer;

/// One method exists; of the others some are refused before anybody looks whether they do.
async fn answer(request: Request<axum::body::Body>) -> [(&'static str, &'static str); 1] {
    let status = match request.uri().path() {
        "/shop.Orders/Place" => "0",
        path if path.ends_with('7') => "16",
        _ => "12",
    };
    [("grpc-status", status)]
}

#[tokio::test]
async fn made_up_methods_do_not_crowd_out_real_ones() {
    let address = serve(Router::new().fallback(answer).layer(ServerLayer::new())).await;
    let client = client(true);
    let call = async |method: String| {
        let trace = Trace::new();
        let mut request = trace.request(format!("http://{address}/shop.Orders/{method}"));
        *request.method_mut() = http::Method::POST;
        request
            .headers_mut()
            .insert(CONTENT_TYPE, http::HeaderValue::from_static("application/grpc"));
        text(client.request(request).await.unwrap().into_body()).await;
        let span = trace.span().await;
        (span.name.to_string(), told(&span, "rpc.method"))
    };
    let mut named = 0;
    for number in 0..100 {
        let (name, method) = call(format!("Invented{number}")).await;
        assert_eq!(name == "grpc", method == "_OTHER", "{name} {method}");
        named += usize::from(name != "grpc");
    }
    assert_eq!(named, 64);
    assert_eq!(call("Place".to_owned()).await.0, "grpc", "nobody knows it yet");
    assert_eq!(call("Place".to_owned()).await.0, "shop.Orders/Place");
    assert_eq!(call("Another".to_owned()).await.0, "grpc");
}
