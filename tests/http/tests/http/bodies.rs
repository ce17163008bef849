//! The span of an answer lasts until its body has ended.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::{any, get};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use std::sync::Arc;
use tokio::sync::Semaphore;
use traced::traced;
use traced_tests_http::{Trace, client, failed, serve, text, told};
use traced_tower::ServerLayer;

#[traced]
fn chunk(number: u64) -> Bytes {
    Bytes::from(format!("{number},"))
}

/// Three chunks, each made when there is a permit for it.
fn chunks(permits: Arc<Semaphore>) -> Body {
    let chunks = stream::iter(0..3).then(move |number| {
        let permits = permits.clone();
        async move {
            permits.acquire().await.expect("it is never closed").forget();
            Ok::<_, std::io::Error>(chunk(number))
        }
    });
    Body::from_stream(chunks)
}

#[tokio::test]
async fn a_stream_is_part_of_its_request() {
    let permits = Arc::new(Semaphore::new(0));
    let app = {
        let permits = permits.clone();
        Router::new().route("/chunks", get(|| async { chunks(permits) })).layer(ServerLayer::new())
    };
    let address = serve(app).await;
    for is_http2 in [false, true] {
        let trace = Trace::new();
        let request = trace.request(format!("http://{address}/chunks"));
        let mut body = client(is_http2).request(request).await.unwrap().into_body();
        for number in 0..3 {
            assert!(trace.is_open(), "{number} of 3 chunks are there");
            permits.add_permits(1);
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), format!("{number},"));
        }
        assert_eq!(text(body).await, "");
        let tree = "GET /chunks(bodies::chunk bodies::chunk bodies::chunk)";
        assert_eq!(trace.tree(4).await, tree);
        let span = &trace.spans(4).await[0];
        assert_eq!((failed(span), told(span, "traced.outcome")), (false, "-".to_owned()));
    }
}

#[tokio::test]
async fn a_body_that_breaks_is_an_error() {
    let broken = || async {
        let parts = [Ok(Bytes::from_static(b"a")), Err(std::io::Error::other("alice@example.com"))];
        Body::from_stream(stream::iter(parts))
    };
    let address = serve(Router::new().route("/", get(broken)).layer(ServerLayer::new())).await;
    let trace = Trace::new();
    let answer = client(false).request(trace.request(format!("http://{address}/"))).await;
    let answer = answer.map(http::Response::into_body);
    assert!(match answer {
        Ok(body) => body.collect().await.is_err(),
        Err(_) => true,
    });
    let span = trace.span().await;
    assert!(failed(&span), "{span:?}");
    assert_eq!(told(&span, "error.type"), "axum_core::error::Error");
    assert!(!format!("{span:?}").contains("alice"), "{span:?}");
}

#[tokio::test]
async fn a_body_whose_length_is_known_is_not_asked_for_its_end() {
    // A stream that would wait for ever behind the last byte that its length promises.
    let promised = || async {
        let bytes = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"four"))]);
        let body = Body::from_stream(bytes.chain(stream::pending()));
        Response::builder().header("content-length", "4").body(body).unwrap()
    };
    let app = Router::new().route("/", get(promised)).layer(ServerLayer::new());
    let address = serve(app).await;
    for is_http2 in [false, true] {
        let trace = Trace::new();
        let request = trace.request(format!("http://{address}/"));
        let mut body = client(is_http2).request(request).await.unwrap().into_body();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "four");
        let span = trace.span().await;
        assert_eq!(told(&span, "traced.outcome"), "-");
    }
}

#[tokio::test]
async fn answers_without_a_body_end_with_their_headers() {
    let never = || Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let app = Router::new()
        .route("/head", any(move || async move { never() }))
        .route("/unchanged", get(|| async { http::StatusCode::NOT_MODIFIED }))
        .route("/empty", get(|| async {}))
        .layer(ServerLayer::new());
    let address = serve(app).await;
    for (method, path) in [("HEAD", "head"), ("GET", "unchanged"), ("GET", "empty")] {
        let trace = Trace::new();
        let mut request = trace.request(format!("http://{address}/{path}"));
        *request.method_mut() = method.parse().unwrap();
        let answer = client(false).request(request).await.unwrap();
        assert_eq!(text(answer.into_body()).await, "");
        let span = trace.span().await;
        assert_eq!(told(&span, "traced.outcome"), "-", "{path}");
    }
}
