//! The span of an answer lasts until its body has ended.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::{any, get};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::HeaderMap;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;
use traced::traced;
use traced_tests_http::{Trace, client, failed, serve_in_all_ways, text, told};
use traced_tower::{AxumLayer, ServerLayer};

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
        Router::new().route("/chunks", get(|| async { chunks(permits) }))
    };
    for (address, is_http2) in serve_in_all_ways(app, ServerLayer::new()).await {
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
    let app = Router::new().route("/", get(broken));
    for (address, is_http2) in serve_in_all_ways(app, ServerLayer::new()).await {
        let trace = Trace::new();
        let answer = client(is_http2).request(trace.request(format!("http://{address}/"))).await;
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
}

#[tokio::test]
async fn a_body_whose_length_is_known_is_not_asked_for_its_end() {
    // A stream that would wait for ever behind the last byte that its length promises.
    let promised = || async {
        let bytes = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"four"))]);
        let body = Body::from_stream(bytes.chain(stream::pending()));
        Response::builder().header("content-length", "4").body(body).unwrap()
    };
    let app = Router::new().route("/", get(promised));
    for (address, is_http2) in serve_in_all_ways(app, ServerLayer::new()).await {
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
        .route("/empty", get(|| async {}));
    for (address, is_http2) in serve_in_all_ways(app, ServerLayer::new()).await {
        for (method, path) in [("HEAD", "head"), ("GET", "unchanged"), ("GET", "empty")] {
            let trace = Trace::new();
            let mut request = trace.request(format!("http://{address}/{path}"));
            *request.method_mut() = method.parse().unwrap();
            let answer = client(is_http2).request(request).await.unwrap();
            assert_eq!(text(answer.into_body()).await, "");
            let span = trace.span().await;
            assert_eq!(told(&span, "traced.outcome"), "-", "{path}");
        }
    }
}

/// What is left of an answer whose future is ready.
async fn answered(trace: Trace, body: impl Fn() -> Body + Clone + Send + Sync + 'static) -> Body {
    let app = Router::new().route("/", get(|| async move { body() })).layer(AxumLayer::new());
    app.oneshot(trace.request("/")).await.unwrap().into_body()
}

#[tokio::test]
async fn a_body_that_is_at_hand_ends_its_span_with_the_answer() {
    let trace = Trace::new();
    let body = answered(trace, || Body::from("all of it")).await;
    assert_eq!(told(&trace.span().await, "traced.outcome"), "-");
    assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(9), false));
    assert_eq!(text(body).await, "all of it");
}

/// Frames, one at every second poll, of a length in all that is known.
struct Frames {
    left: VecDeque<Frame<Bytes>>,
    is_ready: bool,
}

impl Frames {
    fn of<const N: usize>(frames: [Frame<Bytes>; N], is_ready: bool) -> Body {
        Body::new(Self { left: frames.into(), is_ready })
    }
}

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.is_ready = !self.is_ready;
        if self.is_ready {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.left.pop_front().map(Ok))
    }

    fn size_hint(&self) -> SizeHint {
        let data = self.left.iter().filter_map(Frame::data_ref);
        SizeHint::with_exact(data.map(|data| data.len() as u64).sum())
    }
}

#[tokio::test]
async fn of_a_body_that_comes_in_parts_nothing_is_lost() {
    let part = |text: &'static str| Frame::data(Bytes::from_static(text.as_bytes()));
    let trailers = || HeaderMap::from_iter([(http::header::EXPIRES, "0".parse().unwrap())]);
    for is_ready in [false, true] {
        let trace = Trace::new();
        let make = move || Frames::of([part("one "), part("and "), part("two")], is_ready);
        let body = answered(trace, make).await;
        assert!(trace.is_open());
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(11), false));
        assert_eq!(text(body).await, "one and two");
        assert_eq!(told(&trace.span().await, "traced.outcome"), "-");

        let trace = Trace::new();
        let make = move || Frames::of([part("all of it"), Frame::trailers(trailers())], is_ready);
        let collected = answered(trace, make).await.collect().await.unwrap();
        assert_eq!(collected.trailers(), Some(&trailers()));
        assert_eq!(collected.to_bytes(), "all of it");
        assert_eq!(told(&trace.span().await, "traced.outcome"), "-");
    }
}
