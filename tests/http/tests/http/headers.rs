//! Headers: hostile ones begin a new trace, what comes along goes on, and nothing of them is recorded by itself.

use axum::Router;
use axum::routing::get;
use http::header::{HeaderName, HeaderValue};
use tower::{ServiceBuilder, ServiceExt as _};
use traced::Instrument as _;
use traced::traced;
use traced_tests_http::{Trace, client, serve, text, told};
use traced_tower::{AxumLayer, ClientLayer, ServerLayer};

/// The trace that the handler is in.
async fn current() -> String {
    traced::current().trace_id().to_string()
}

async fn trace_with(address: std::net::SocketAddr, headers: &[(&'static str, &[u8])]) -> String {
    let mut request = Trace::new().request(format!("http://{address}/"));
    request.headers_mut().clear();
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value).unwrap();
        request.headers_mut().append(HeaderName::from_static(name), value);
    }
    text(client(false).request(request).await.unwrap().into_body()).await
}

#[tokio::test]
async fn hostile_headers_begin_a_new_trace() {
    let address = serve(Router::new().route("/", get(current)).layer(AxumLayer::new())).await;
    let id = "0af7651916cd43dd8448eb211c80319c";
    let good = format!("00-{id}-b7ad6b7169203331-01");
    assert_eq!(trace_with(address, &[("traceparent", good.as_bytes())]).await, id);
    let long = format!("{good}{}", "0".repeat(8000));
    let hostile: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"00".to_vec(),
        format!("ff-{id}-b7ad6b7169203331-01").into_bytes(),
        format!("00-{id}-b7ad6b7169203331-01-x").into_bytes(),
        format!("00-{}-b7ad6b7169203331-01", &id[1..]).into_bytes(),
        format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)).into_bytes(),
        format!("00-{id}-{}-01", "0".repeat(16)).into_bytes(),
        format!("00-{}-b7ad6b7169203331-01", id.to_uppercase()).into_bytes(),
        long.into_bytes(),
        b"\xff\xfe\x80".to_vec(),
        [good.as_bytes(), b"\xff"].concat(),
    ];
    for header in &hostile {
        let new = trace_with(address, &[("traceparent", header)]).await;
        assert_eq!(new.len(), 32, "{header:?}");
        assert!(new != id && new != "0".repeat(32), "{header:?}: {new}");
        // Of two, nobody knows which one is true; not even if one of them is no text.
        let two = [("traceparent", good.as_bytes()), ("traceparent", header)];
        assert_ne!(trace_with(address, &two).await, id, "{header:?}");
    }
    let huge = vec![b'x'; 60_000];
    let headers = [("traceparent", good.as_bytes()), ("tracestate", &huge), ("baggage", &huge)];
    assert_eq!(trace_with(address, &headers).await, id, "what came along is none, the trace is");
}

#[traced]
async fn call_the_next(address: String) -> String {
    let client = ServiceBuilder::new().layer(ClientLayer::new()).service(client(false));
    let request = http::Request::get(address).body(axum::body::Body::empty()).unwrap();
    text(client.oneshot(request).await.unwrap().into_body()).await
}

#[tokio::test]
async fn what_comes_along_goes_on_and_is_recorded_nowhere() {
    let echo = |headers: http::HeaderMap| async move {
        let of = |name| headers.get(name).map_or("-", |value| value.to_str().unwrap()).to_owned();
        format!("{} {}", of("baggage"), of("tracestate"))
    };
    let inner = serve(Router::new().route("/", get(echo)).layer(ServerLayer::new())).await;
    let outer = move || call_the_next(format!("http://{inner}/"));
    let app = Router::new().route("/outer", get(outer)).layer(ServerLayer::new());
    let address = serve(app).await;

    let trace = Trace::new();
    let mut request = trace.request(format!("http://{address}/outer?query=canary"));
    for (name, value) in [
        ("baggage", "user=canary"),
        ("tracestate", "vendor=value"),
        ("user-agent", "canary"),
        ("authorization", "Bearer canary"),
        ("cookie", "session=canary"),
        ("x-forwarded-for", "canary"),
        ("forwarded", "for=canary"),
        ("referer", "http://canary/"),
        ("host", "canary"),
        ("x-canary", "canary"),
    ] {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let answer = client(false).request(request).await.unwrap();
    assert_eq!(text(answer.into_body()).await, "user=canary vendor=value");
    let spans = trace.spans(4).await;
    assert_eq!(spans[0].trace_state.as_deref(), Some("vendor=value"));
    let all = format!("{spans:?}");
    assert!(!all.contains("canary"), "{all}");
}

#[tokio::test]
async fn what_is_listed_is_told() {
    let app = Router::new()
        .route("/", get(|| async { ([("x-cache", "hit"), ("set-cookie", "canary")], "") }))
        .layer(
            ServerLayer::new()
                .public_request_headers(["X-Tenant", "authorization"])
                .public_response_headers(["x-cache", "set-cookie"]),
        );
    let address = serve(app).await;
    let trace = Trace::new();
    let mut request = trace.request(format!("http://{address}/"));
    for (name, value) in [("x-tenant", "a"), ("x-tenant", "b"), ("authorization", "canary")] {
        request.headers_mut().append(name, HeaderValue::from_static(value));
    }
    let answer = client(false).request(request).await.unwrap();
    text(answer.into_body()).await;
    let span = trace.span().await;
    assert_eq!(told(&span, "http.request.header.x-tenant"), "a|b");
    assert_eq!(told(&span, "http.response.header.x-cache"), "hit");
    assert_eq!(told(&span, "http.response.status_code"), "200");
    assert!(!format!("{span:?}").contains("canary"), "{span:?}");
}

#[tokio::test]
async fn a_trace_that_is_not_sampled_goes_on_unsampled() {
    let echo = |headers: http::HeaderMap| async move {
        headers["traceparent"].to_str().unwrap().to_owned()
    };
    let inner = serve(Router::new().route("/", get(echo)).layer(AxumLayer::new())).await;
    let outer = move || call_the_next(format!("http://{inner}/"));
    let app = Router::new().route("/outer", get(outer)).layer(ServerLayer::new());
    let address = serve(app).await;
    let trace = Trace::new();
    let mut request = trace.request(format!("http://{address}/outer"));
    let header = format!("00-{}-{}-00", trace.id, trace.caller);
    request.headers_mut().insert("traceparent", HeaderValue::try_from(header).unwrap());
    let answer = client(false).request(request).await.unwrap();
    let received = text(answer.into_body()).await;
    assert!(received.starts_with(&format!("00-{}-", trace.id)), "{received}");
    assert!(received.ends_with("-00"), "{received}");
    assert!(!received.contains(&trace.caller.to_string()), "{received}");
    assert!(trace.is_open(), "nothing is exported");
}

#[tokio::test]
async fn without_headers_a_request_in_a_process_hangs_on_what_is_current() {
    let app = Router::new().route("/", get(current)).layer(AxumLayer::new());
    let trace = Trace::new();
    let request = http::Request::get("/").body(axum::body::Body::empty()).unwrap();
    let answer = app.oneshot(request).in_context(&trace.context()).await.unwrap();
    assert_eq!(text(answer.into_body()).await, trace.id.to_string());
    assert_eq!(trace.tree(1).await, "GET /");
}
