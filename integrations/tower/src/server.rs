//! The layer of servers.

use crate::hosts::Hosts;
use crate::{error_type, route};
use http::{Request, Response};
use http_body::Body;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;
use traced_http::{Answering, Asked, Conversation, Head, Listed, TracedBody};

/// Opens a span for each request that is served.
///
/// ```
/// use traced_tower::ServerLayer;
///
/// let layer = ServerLayer::new()
///     .hosts(["shop.example", "localhost:3000"])
///     .public_query(["page"])
///     .public_request_headers(["x-tenant"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ServerLayer {
    settings: Shared,
}

/// Nothing: as they are by default, so that a clone costs nothing.
pub(crate) type Shared = Option<Arc<Settings>>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    listed: Listed,
    hosts: Hosts,
    is_behind_tls: bool,
}

impl ServerLayer {
    /// A layer that tells nothing which could be private.
    pub fn new() -> Self {
        Self::default()
    }

    /// These are names of this server, with a port or for any: a request that is meant for one of them says
    /// `server.address` and `server.port`.
    #[must_use]
    pub fn hosts<'n>(self, hosts: impl IntoIterator<Item = &'n str>) -> Self {
        self.with(|settings| hosts.into_iter().for_each(|host| settings.hosts.add(host)))
    }

    /// Requests come by `https`, although this process does not see that: something in front of it decrypts them.
    #[must_use]
    pub fn behind_tls(self) -> Self {
        self.with(|settings| settings.is_behind_tls = true)
    }

    /// These headers of requests are public, as `http.request.header.<name>`.
    #[must_use]
    pub fn public_request_headers<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.with(|settings| settings.listed = settings.listed.request_headers(names))
    }

    /// These headers of answers are public, as `http.response.header.<name>`.
    #[must_use]
    pub fn public_response_headers<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.with(|settings| settings.listed = settings.listed.response_headers(names))
    }

    /// These parameters of queries are public: `url.query` consists of them.
    #[must_use]
    pub fn public_query<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.with(|settings| settings.listed = settings.listed.query_parameters(names))
    }

    /// The same for axum's `Router::layer`, `MethodRouter::layer` and their like, where it costs less.
    #[cfg(feature = "axum")]
    #[must_use]
    pub fn for_axum(self) -> crate::AxumLayer {
        crate::AxumLayer::of(self.settings)
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(self.settings.get_or_insert_default()));
        self
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = Server<S>;

    fn layer(&self, inner: S) -> Server<S> {
        Server { settings: self.settings.clone(), inner }
    }
}

/// A service with a span for each request; what [`ServerLayer`] makes.
#[derive(Clone, Debug)]
pub struct Server<S> {
    settings: Shared,
    inner: S,
}

impl<S, B, C> Service<Request<B>> for Server<S>
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
    fn call(&mut self, request: Request<B>) -> Self::Future {
        let begun =
            Conversation::served(head(&request), || asked(self.settings.as_deref(), &request));
        let inner = self.inner.call(request);
        Answering::new(begun.left(), error_type::<S::Error>, inner)
    }
}

pub(crate) fn head<B>(request: &Request<B>) -> Head<'_> {
    Head { method: request.method(), headers: request.headers() }
}

pub(crate) fn asked<'r, B>(settings: Option<&'r Settings>, request: &'r Request<B>) -> Asked<'r> {
    let uri = request.uri();
    let is_behind_tls = settings.is_some_and(|settings| settings.is_behind_tls);
    let seen = if is_behind_tls { "https" } else { "http" };
    Asked {
        method: request.method(),
        scheme: uri.scheme_str().filter(|_| !is_behind_tls).or(Some(seen)),
        path: uri.path(),
        query: uri.query(),
        peer: settings.and_then(|settings| settings.hosts.named_by(request)),
        route: route::of(request.extensions()),
        version: Some(request.version()),
        resends: 0,
        headers: request.headers(),
        listed: settings.map(|settings| settings.listed).unwrap_or_default(),
    }
}
