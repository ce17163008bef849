//! tonic on both sides, and what a client can do that tonic does not.

use bytes::{Buf as _, BufMut as _, Bytes};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _};
use http::uri::PathAndQuery;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::NamedService;
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};
use tower::{Service, ServiceBuilder, service_fn};
use traced::Instrument as _;
use traced::data::{Span, SpanKind};
use traced::traced;
use traced_tests_http::{Trace, failed, pipeline, told};
use traced_tower::{ClientLayer, ServerLayer};

/// Messages are bytes.
#[derive(Clone, Copy)]
struct Plain;

impl Codec for Plain {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(item);
        Ok(())
    }
}

impl Decoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

/// The message is the number of a status.
fn status_of(message: &Bytes) -> Code {
    Code::from_i32(std::str::from_utf8(message).unwrap().parse().unwrap())
}

#[traced(skip_all)]
async fn place(request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
    match status_of(request.get_ref()) {
        Code::Ok => Ok(Response::new(Bytes::from_static(b"placed"))),
        code => Err(Status::new(code, "alice@example.com")),
    }
}

/// One message, and then the status.
async fn list(
    request: Request<Bytes>,
) -> Result<Response<BoxStream<'static, Result<Bytes, Status>>>, Status> {
    let first = Ok(Bytes::from_static(b"one"));
    let end = match status_of(request.get_ref()) {
        Code::Ok => None,
        code => Some(Err(Status::new(code, "alice@example.com"))),
    };
    Ok(Response::new(stream::iter([Some(first), end]).filter_map(|item| async { item }).boxed()))
}

#[derive(Clone)]
struct Orders;

impl NamedService for Orders {
    const NAME: &'static str = "shop.Orders";
}

impl Service<http::Request<Body>> for Orders {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        async move {
            let mut grpc = tonic::server::Grpc::new(Plain);
            Ok(match request.uri().path() {
                "/shop.Orders/Place" => grpc.unary(service_fn(place), request).await,
                "/shop.Orders/List" => grpc.server_streaming(service_fn(list), request).await,
                _ => Status::unimplemented("").into_http(),
            })
        }
        .boxed()
    }
}

async fn serve() -> SocketAddr {
    pipeline();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = stream::unfold(listener, |listener| async {
        let accepted = listener.accept().await.map(|(stream, _)| stream);
        Some((accepted, listener))
    });
    let server = Server::builder().layer(ServerLayer::new()).add_service(Orders);
    tokio::spawn(server.serve_with_incoming(incoming.boxed()));
    address
}

#[derive(Clone, Copy)]
enum Kind {
    Unary,
    Streaming,
}

/// Calls a method inside of a trace; the spans are the client's, the server's, and those inside of it.
async fn call(
    kind: Kind,
    method: &'static str,
    code: i32,
    spans: usize,
) -> (Vec<Span>, Option<Code>) {
    let address = serve().await;
    let trace = Trace::new();
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http::<Body>();
    let client = ServiceBuilder::new().layer(ClientLayer::new()).service(client);
    let origin = format!("http://{address}").parse().unwrap();
    let mut grpc = tonic::client::Grpc::with_origin(client, origin);
    let path = PathAndQuery::from_static(method);
    let request = Request::new(Bytes::from(code.to_string()));
    let call = async {
        grpc.ready().await.unwrap();
        match kind {
            Kind::Unary => grpc.unary(request, path, Plain).await.err(),
            Kind::Streaming => {
                let answer = grpc.server_streaming(request, path, Plain).await;
                let mut messages = match answer {
                    Ok(answer) => answer.into_inner(),
                    Err(status) => return Some(status),
                };
                assert_eq!(messages.message().await.unwrap().unwrap(), "one");
                messages.message().await.err()
            }
        }
    };
    let status = call.in_context(&trace.context()).await;
    (trace.spans(spans).await, status.map(|status| status.code()))
}

#[tokio::test]
async fn a_call_is_named_by_its_method() {
    let (spans, status) = call(Kind::Unary, "/shop.Orders/Place", 0, 3).await;
    assert_eq!(status, None);
    let names: Vec<_> = spans.iter().map(|span| &*span.name).collect();
    assert_eq!(names, ["shop.Orders/Place", "shop.Orders/Place", "grpc::place"]);
    assert_eq!((spans[0].kind, spans[1].kind), (SpanKind::Client, SpanKind::Server));
    for pair in spans.windows(2) {
        assert_eq!(pair[1].parent_id, pair[0].span_id);
    }
    for span in &spans[..2] {
        assert!(!failed(span));
        for (key, value) in [
            ("rpc.system.name", "grpc"),
            ("rpc.system", "grpc"),
            ("rpc.method", "shop.Orders/Place"),
            ("rpc.service", "shop.Orders"),
            ("rpc.response.status_code", "OK"),
            ("rpc.grpc.status_code", "0"),
            ("error.type", "-"),
            ("http.request.method", "-"),
            ("traced.outcome", "-"),
        ] {
            assert_eq!(told(span, key), value, "{key} of {:?}", span.kind);
        }
    }
    assert_eq!(told(&spans[0], "server.address"), "127.0.0.1");
}

#[tokio::test]
async fn the_status_is_that_of_headers_or_trailers() {
    for (code, name, is_servers_error) in [
        (5, "NOT_FOUND", false),
        (2, "UNKNOWN", true),
        (13, "INTERNAL", true),
        (16, "UNAUTHENTICATED", false),
    ] {
        for (kind, method, count) in
            [(Kind::Unary, "/shop.Orders/Place", 3), (Kind::Streaming, "/shop.Orders/List", 2)]
        {
            let (spans, status) = call(kind, method, code, count).await;
            assert_eq!(status, Some(Code::from_i32(code)));
            for span in &spans[..2] {
                assert_eq!(told(span, "rpc.response.status_code"), name, "{span:?}");
                assert_eq!(told(span, "rpc.grpc.status_code"), code.to_string());
                let is_error = span.kind == SpanKind::Client || is_servers_error;
                assert_eq!(failed(span), is_error, "{name} {:?}", span.kind);
                assert_eq!(told(span, "error.type"), if is_error { name } else { "-" });
                assert_eq!(told(span, "traced.outcome"), "-");
            }
            assert!(!format!("{spans:?}").contains("alice"), "{spans:?}");
        }
    }
}

#[tokio::test]
async fn a_method_that_nobody_has_is_an_error_on_both_sides() {
    let (spans, status) = call(Kind::Unary, "/shop.Orders/Invented", 0, 2).await;
    assert_eq!(status, Some(Code::Unimplemented));
    for span in &spans {
        assert_eq!(told(span, "rpc.response.status_code"), "UNIMPLEMENTED");
        assert!(failed(span));
    }
}

#[tokio::test]
async fn a_path_that_names_no_method_is_not_told() {
    let (spans, _) = call(Kind::Unary, "/shop.Orders/alice%40example.com", 0, 2).await;
    for span in &spans {
        assert_eq!((&*span.name, &*told(span, "rpc.method")), ("grpc", "_OTHER"));
        assert!(!format!("{span:?}").contains("alice"), "{span:?}");
    }
}

#[tokio::test]
async fn a_call_that_its_client_drops_is_cancelled() {
    let address = serve().await;
    let trace = Trace::new();
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http::<Body>();
    let client = ServiceBuilder::new().layer(ClientLayer::new()).service(client);
    let origin = format!("http://{address}").parse().unwrap();
    let mut grpc = tonic::client::Grpc::with_origin(client, origin);
    let path = PathAndQuery::from_static("/shop.Orders/List");
    let call = async {
        grpc.ready().await.unwrap();
        let request = Request::new(Bytes::from_static(b"0"));
        drop(grpc.server_streaming::<_, Bytes, _>(request, path, Plain).await.unwrap());
    };
    call.in_context(&trace.context()).await;
    let spans = trace.spans(2).await;
    let client = spans.iter().find(|span| span.kind == SpanKind::Client).unwrap();
    assert_eq!(told(client, "traced.outcome"), "cancelled");
    assert!(!failed(client));
}
