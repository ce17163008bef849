//! Retries and redirects, counted from outside of whatever makes them.

use http::Request;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;
use traced_http::Resends;

/// Lets a [`ClientLayer`](crate::ClientLayer) further inside know how often a request was sent before: stands outside
/// of retries and redirects.
///
/// ```
/// use tower::{ServiceBuilder, retry::RetryLayer};
/// use traced_tower::{ClientLayer, ResendsLayer};
///
/// # fn with_retries<C, P, B, D>(client: C, policy: P) -> impl tower::Service<http::Request<B>>
/// # where
/// #     C: tower::Service<http::Request<B>, Response = http::Response<D>> + Clone,
/// #     P: tower::retry::Policy<http::Request<B>, http::Response<traced_tower::TracedBody<D>>, C::Error> + Clone,
/// #     D: http_body::Body,
/// # {
/// let client = ServiceBuilder::new()
///     .layer(ResendsLayer::new())
///     .layer(RetryLayer::new(policy))
///     .layer(ClientLayer::new())
///     .service(client);
/// # client
/// # }
/// ```
///
/// A policy that makes copies of requests must copy their extensions too, as `Request::clone` does.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResendsLayer(());

impl ResendsLayer {
    /// The layer.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S> Layer<S> for ResendsLayer {
    type Service = CountResends<S>;

    fn layer(&self, inner: S) -> CountResends<S> {
        CountResends { inner }
    }
}

/// A service whose requests are counted; what [`ResendsLayer`] makes.
#[derive(Clone, Debug)]
pub struct CountResends<S> {
    inner: S,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for CountResends<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().get_or_insert_with(Resends::new);
        self.inner.call(request)
    }
}
