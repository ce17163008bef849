//! What `traced-tower` and `traced-reqwest` share: spans of HTTP requests and gRPC calls, by the semantic conventions of
//! OpenTelemetry. Applications name those two; this crate is for whoever writes a third one.
//!
//! - A request becomes a [`Conversation`]: [`served`](Conversation::served) by this process, or
//!   [`sent`](Conversation::sent) by it. It lasts until the body of the answer ends.
//! - [`Answering`] and [`TracedBody`] carry it through the future of the answer and its body.
//! - [`Listed`] says which headers and parameters of queries are public: none, unless somebody listed them.
//! - [`Route`] and [`Resends`] are extensions of a request: what only its owner knows.
//!
//! # What is recorded, and what is not
//!
//! | | HTTP | gRPC |
//! |---|---|---|
//! | name | `GET /orders/{id}`, or `GET` | `shop.Orders/Place` |
//! | at the beginning | `http.request.method`, `http.route` (client: `url.template`), `url.scheme`, `server.address`, `server.port`, server: `network.protocol.version`, client: `http.request.resend_count`; `url.query` and headers as far as they are listed | `rpc.system.name`, `rpc.method`, `server.address`, `server.port`, and for backends that know the names of before 2026 `rpc.system`, `rpc.service`; headers that are listed |
//! | at the answer | `http.response.status_code`, `error.type`, client: `network.protocol.version`; headers that are listed | `rpc.response.status_code`, `rpc.grpc.status_code`, `error.type`; of what does not speak gRPC `http.response.status_code` |
//! | an error | server: 5xx; client: 4xx and 5xx | server: `UNKNOWN`, `DEADLINE_EXCEEDED`, `UNIMPLEMENTED`, `INTERNAL`, `UNAVAILABLE`, `DATA_LOSS`; client: all but `OK` |
//!
//! Never: the path (`url.path`, `url.full`), queries and headers that nobody listed, addresses and names of clients. A
//! server says `server.address` where the request names a host that the layer was told: the header `Host` is data. A
//! method that is not known is `_OTHER`; `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` replaces the list of those that are.

mod answer;
mod answering;
#[cfg(feature = "axum")]
pub mod axum;
mod body;
mod conversation;
mod grpc;
mod head;
mod keys;
mod listed;
mod method;
mod places;
mod resends;
mod route;

pub use answering::Answering;
pub use body::TracedBody;
pub use conversation::{Asked, Begun, Conversation, Peer, resends};
pub use head::Head;
pub use listed::Listed;
pub use resends::Resends;
pub use route::Route;

use http::HeaderMap;

/// Writes the innermost span into the headers of a request, in the formats of `OTEL_PROPAGATORS`.
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// traced_http::inject(&mut headers);
/// ```
pub fn inject(headers: &mut HeaderMap) {
    traced::propagation::inject(headers);
}

/// The side of a conversation that this process is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// It answers.
    Server,
    /// It asks.
    Client,
}
