//! What the tests share: one pipeline for the process, servers on loopback, and traces by their id.
//!
//! The tests of one binary run at the same time and share its pipeline. Each one makes traces of its own, and looks at
//! no others.

#[path = "../../src/process.rs"]
mod process;

pub use process::{
    Deserted, PATIENCE, again, before_a_part_is_due, builder, flush, forget_variables,
    in_a_process_of_its_own, is_again, room,
};

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, HeaderValue};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::net::SocketAddr;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use traced::data::{Attribute, Span};
use traced::memory::Memory;
use traced::sampling::{AlwaysOn, ParentBased};
use traced::{SpanId, TraceId};
use traced_tower::ServerLayer;

/// A trace that a test made.
#[derive(Clone, Copy, Debug)]
pub struct Trace {
    /// Its id.
    pub id: TraceId,
    /// The span that its requests name.
    pub caller: SpanId,
}

static MEMORY: OnceLock<Memory> = OnceLock::new();
static ARRIVED: Mutex<Vec<Span>> = Mutex::new(Vec::new());
static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);

/// The pipeline of the process, which keeps everything.
pub fn pipeline() -> &'static Memory {
    MEMORY.get_or_init(|| {
        let memory = Memory::new();
        let sampler = ParentBased::new(AlwaysOn);
        let builder = builder().sampler(sampler).exporter(memory.clone());
        let installed = builder.install().expect("the first pipeline of the process");
        std::mem::forget(installed);
        memory
    })
}

impl Trace {
    /// A new trace.
    pub fn new() -> Self {
        pipeline();
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let id = u128::from(std::process::id()) << 64 | u128::from(number) << 8 | 1;
        Self { id: TraceId::from_u128(id), caller: SpanId::from_u64(0xca11_0000 + number) }
    }

    /// What a caller inside of it sends.
    pub fn headers(self) -> HeaderMap {
        let header = format!("00-{}-{}-01", self.id, self.caller);
        let value = HeaderValue::try_from(header).expect("a header");
        HeaderMap::from_iter([(http::HeaderName::from_static("traceparent"), value)])
    }

    /// A request inside of it.
    pub fn request(self, url: impl AsRef<str>) -> http::Request<Body> {
        let mut request = http::Request::new(Body::empty());
        *request.uri_mut() = url.as_ref().parse().expect("an address");
        *request.headers_mut() = self.headers();
        request
    }

    /// Its spans, once there are so many, by the time of their beginning.
    pub async fn spans(self, count: usize) -> Vec<Span> {
        let found = self.spans_until(|found| found.len() >= count).await;
        assert_eq!(found.len(), count, "{}", tree(&found, self.caller));
        found
    }

    fn found(self) -> Vec<Span> {
        let mut found = arrived();
        found.retain(|span| span.trace_id == self.id);
        found.sort_by_key(|span| span.start_unix_ns);
        found
    }

    /// Its spans, once they satisfy this; others may come later.
    pub async fn spans_until(self, enough: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let found = self.found();
            if enough(&found) {
                return found;
            }
            assert!(Instant::now() < give_up, "there came {}", tree(&found, self.caller));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How many of its spans have ended, and been sent.
    pub fn found_so_far(self) -> usize {
        self.found().len()
    }

    /// Whether no span of it has ended.
    pub fn is_open(self) -> bool {
        self.found_so_far() == 0
    }

    /// Its only span.
    pub async fn span(self) -> Span {
        self.spans(1).await.remove(0)
    }

    /// The tree of its spans below the caller: `a(b(c) d) e`.
    pub async fn tree(self, count: usize) -> String {
        tree(&self.spans(count).await, self.caller)
    }

    /// The context that its requests name, for what is sent from this process.
    pub fn context(self) -> traced::Context {
        traced::propagation::extract(&self.headers())
    }
}

impl Default for Trace {
    fn default() -> Self {
        Self::new()
    }
}

/// All spans of the process that have ended, and been sent.
pub fn arrived() -> Vec<Span> {
    assert!(flush());
    let mut arrived = ARRIVED.lock().unwrap_or_else(PoisonError::into_inner);
    arrived.extend(pipeline().take());
    arrived.clone()
}

/// The tree below a span: `a(b(c) d) e`.
pub fn tree(spans: &[Span], below: SpanId) -> String {
    let children = spans.iter().filter(|span| span.parent_id == below);
    let told = children.map(|span| match tree(spans, span.span_id) {
        inside if inside.is_empty() => span.name.to_string(),
        inside => format!("{}({inside})", span.name),
    });
    told.collect::<Vec<_>>().join(" ")
}

/// An attribute as text; `-` without one.
pub fn told(span: &Span, key: &str) -> String {
    match span.attribute(key) {
        None => "-".to_owned(),
        Some(Attribute::Text(text)) => text.clone(),
        Some(Attribute::I64(number)) => number.to_string(),
        Some(Attribute::Texts(texts)) => texts.join("|"),
        Some(other) => format!("{other:?}"),
    }
}

/// Whether a span is an error.
pub fn failed(span: &Span) -> bool {
    matches!(span.status, traced::data::Status::Error(_))
}

/// Serves on a port of loopback until the test's runtime is gone.
pub async fn serve(app: Router) -> SocketAddr {
    pipeline();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}

/// Serves behind either layer that axum may have, to be asked by both versions of HTTP: where, and whether by HTTP/2.
pub async fn serve_in_all_ways(app: Router, layer: ServerLayer) -> Vec<(SocketAddr, bool)> {
    let general = serve(app.clone().layer(layer.clone())).await;
    let own = serve(app.layer(layer.for_axum())).await;
    [general, own].into_iter().flat_map(|address| [(address, false), (address, true)]).collect()
}

/// A client without a layer, for HTTP/1 or, with prior knowledge, HTTP/2.
pub fn client(is_http2: bool) -> Client<HttpConnector, Body> {
    Client::builder(TokioExecutor::new()).http2_only(is_http2).build_http()
}

/// The whole body as text.
pub async fn text(body: impl http_body::Body<Error: std::fmt::Debug>) -> String {
    let bytes = http_body_util::BodyExt::collect(body).await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}
