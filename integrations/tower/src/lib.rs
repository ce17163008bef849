//! Spans for servers and clients of tower: axum, hyper and tonic, over HTTP/1 and HTTP/2.
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::extract::Path;
//! use axum::{Router, routing::get};
//! use traced::traced;
//! use traced_tower::AxumLayer;
//!
//! #[traced]
//! async fn order(Path(id): Path<u64>) -> String {
//!     format!("order {id}")
//! }
//!
//! // `GET /orders/{id}`, and `order` inside of it.
//! let app: Router = Router::new().route("/orders/{id}", get(order)).layer(AxumLayer::new());
//! # }
//! ```
//!
//! - [`ServerLayer`] opens a span for each request. It continues the trace that the request's headers name, is current
//!   while whatever is inside of the layer runs, and ends when the answer's body has ended. Whoever goes away before
//!   that has cancelled it (`traced.outcome = "cancelled"`).
//! - `AxumLayer`, with feature `axum`, does the same for routers of axum. It knows that their routes begin no work at the
//!   call, and of what type their bodies are: one visit to the span is enough for most requests, and nothing is put around a
//!   body that is at hand as a whole when the answer is ready. The span of such a request ends with the answer.
//! - [`ClientLayer`] opens a span for each request that is sent, and writes it into the request's headers. Put it inside
//!   of whatever sends a request again, and [`ResendsLayer`] outside of it, to have repetitions counted.
//! - Requests of gRPC are known by their `content-type`, and are named by service and method.
//!
//! One layer is enough: a second one further inside reads the same headers, and its span hangs beside that of the first. A
//! filter that switches the spans of requests off (`TRACED="info,traced_http=off"`) switches off that headers are read,
//! too; what is inside begins traces of its own.
//!
//! # Names
//!
//! A span is called by its route, never by its path. With feature `axum`, the route is axum's own, for layers that stand
//! behind the router: `Router::layer` does. For other routers, set a [`Route`] as an extension of the request in front
//! of the layer; clients may, too. Without a route, a span has the name of its method.
//!
//! # What is recorded
//!
//! By the semantic conventions of OpenTelemetry, less what may be private: no paths, no queries, no headers, no
//! addresses of clients. [`ServerLayer::public_request_headers`] and its companions list what is public. The table of
//! [`traced_http`] has all attributes, and says what is an error.
//!
//! # tonic
//!
//! ```
//! # use std::convert::Infallible;
//! # use tonic::{body::Body, server::NamedService, transport::{Channel, Server}};
//! # use tower::{Service, ServiceBuilder};
//! # use traced_tower::{ClientLayer, ServerLayer};
//! # type Http = http::Request<Body>;
//! # // What `tonic-build` makes.
//! # struct OrdersClient<T>(T);
//! # impl<T> OrdersClient<T>
//! # where
//! #     T: tonic::client::GrpcService<Body, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
//! # {
//! #     fn new(inner: T) -> Self {
//! #         Self(inner)
//! #     }
//! # }
//! # async fn both<S>(orders: S, address: std::net::SocketAddr, channel: Channel) -> Result<(), tonic::transport::Error>
//! # where
//! #     S: Service<Http, Response = http::Response<Body>, Error = Infallible, Future: Send> + NamedService + Clone + Send + Sync + 'static,
//! # {
//! Server::builder().layer(ServerLayer::new()).add_service(orders).serve(address).await?;
//!
//! let channel = ServiceBuilder::new().layer(ClientLayer::new()).service(channel);
//! let client = OrdersClient::new(channel);
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "axum")]
mod axum;
mod client;
mod hosts;
mod resends;
mod route;
mod server;

#[cfg(feature = "axum")]
pub use crate::axum::{AxumLayer, Routed};
pub use client::{Client, ClientLayer};
pub use resends::{CountResends, ResendsLayer};
pub use server::{Server, ServerLayer};
pub use traced_http::{Answering, Resends, Route, TracedBody, inject};

/// An error is named by its type.
fn error_type<E>(_: &E) -> &'static str {
    std::any::type_name::<E>()
}
