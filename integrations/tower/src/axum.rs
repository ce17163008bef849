//! The layer of axum's servers.

use crate::server::{Shared, asked, head};
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{Route, future::RouteFuture};
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;
use traced_http::Conversation;
use traced_http::axum::Answering;

/// Opens a span for each request that axum serves: the [`ServerLayer`](crate::ServerLayer) for its routers, which it costs less.
///
/// ```
/// use traced_tower::{AxumLayer, ServerLayer};
///
/// let app: axum::Router = axum::Router::new().layer(AxumLayer::new());
/// // What is to be said besides, the other one is told.
/// let app = app.layer(ServerLayer::new().hosts(["shop.example"]).for_axum());
/// ```
#[derive(Clone, Debug, Default)]
pub struct AxumLayer {
    settings: Shared,
}

impl AxumLayer {
    /// A layer that tells nothing which could be private.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn of(settings: Shared) -> Self {
        Self { settings }
    }
}

impl<E> Layer<Route<E>> for AxumLayer {
    type Service = Routed<E>;

    fn layer(&self, inner: Route<E>) -> Routed<E> {
        Routed { settings: self.settings.clone(), inner }
    }
}

/// A route with a span for each request; what [`AxumLayer`] makes.
#[derive(Debug)]
pub struct Routed<E> {
    settings: Shared,
    inner: Route<E>,
}

impl<E> Clone for Routed<E> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone(), inner: self.inner.clone() }
    }
}

impl<E> Service<Request> for Routed<E> {
    type Response = Response;
    type Error = E;
    type Future = Answering<RouteFuture<E>>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        Service::<Request<Body>>::poll_ready(&mut self.inner, cx)
    }

    #[inline]
    fn call(&mut self, request: Request) -> Self::Future {
        // A route makes a future at its call, and does no work before that is polled.
        let ask = || asked(self.settings.as_deref(), &request);
        let conversation = Conversation::served_when_polled(head(&request), ask);
        Answering::new(conversation, self.inner.call(request))
    }
}
