//! The layer of clients.

use crate::{error_type, route};
use http::{Request, Response};
use http_body::Body;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;
use traced_http::{Answering, Asked, Conversation, Listed, Peer, TracedBody, inject, resends};

/// Opens a span for each request that is sent, and writes it into the request's headers.
///
/// ```
/// use traced_tower::ClientLayer;
///
/// let layer = ClientLayer::new().public_response_headers(["x-cache"]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientLayer {
    listed: Listed,
}

impl ClientLayer {
    /// A layer that tells nothing which could be private.
    pub fn new() -> Self {
        Self::default()
    }

    /// These headers of requests are public, as `http.request.header.<name>`.
    #[must_use]
    pub fn public_request_headers<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        Self { listed: self.listed.request_headers(names) }
    }

    /// These headers of answers are public, as `http.response.header.<name>`.
    #[must_use]
    pub fn public_response_headers<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        Self { listed: self.listed.response_headers(names) }
    }

    /// These parameters of queries are public: `url.query` consists of them.
    #[must_use]
    pub fn public_query<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        Self { listed: self.listed.query_parameters(names) }
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = Client<S>;

    fn layer(&self, inner: S) -> Client<S> {
        Client { listed: self.listed, inner }
    }
}

/// A service with a span for each request; what [`ClientLayer`] makes.
#[derive(Clone, Debug)]
pub struct Client<S> {
    listed: Listed,
    inner: S,
}

impl<S, B, C> Service<Request<B>> for Client<S>
where
    S: Service<Request<B>, Response = Response<C>>,
    C: Body,
{
    type Response = Response<TracedBody<C>>;
    type Error = S::Error;
    type Future = Answering<S::Future, S::Error>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    #[inline]
    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let begun = Conversation::sent(|| asked(&request, self.listed));
        inject(request.headers_mut());
        let inner = self.inner.call(request);
        Answering::new(begun.left(), error_type::<S::Error>, inner)
    }
}

fn asked<B>(request: &Request<B>, listed: Listed) -> Asked<'_> {
    let uri = request.uri();
    let usual = match uri.scheme_str() {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    };
    Asked {
        method: request.method(),
        scheme: uri.scheme_str(),
        path: uri.path(),
        query: uri.query(),
        peer: uri.host().map(|address| Peer { address, port: uri.port_u16().or(usual) }),
        route: route::of(request.extensions()),
        version: None,
        resends: resends(request.extensions()),
        headers: request.headers(),
        listed,
    }
}
