//! Keys of spans, by position: what is known when a request is sent, and what its answer says. What was listed stands
//! behind either.
//!
//! No key is in both, so that exporters can write what the answer says behind the rest as it is.

use crate::Side;

/// A request over HTTP.
pub(crate) mod http {
    pub(crate) const METHOD: usize = 0;
    pub(crate) const ROUTE: usize = 1;
    pub(crate) const SCHEME: usize = 2;
    pub(crate) const ADDRESS: usize = 3;
    pub(crate) const PORT: usize = 4;
    pub(crate) const RESENDS: usize = 5;
    pub(crate) const QUERY: usize = 6;
    /// Clients know it by the answer.
    pub(crate) const VERSION: usize = 7;

    pub(crate) const SERVER: [&str; 8] = [
        "http.request.method",
        "http.route",
        "url.scheme",
        "server.address",
        "server.port",
        "http.request.resend_count",
        "url.query",
        "network.protocol.version",
    ];
    pub(crate) const CLIENT: [&str; 7] = [
        "http.request.method",
        "url.template",
        "url.scheme",
        "server.address",
        "server.port",
        "http.request.resend_count",
        "url.query",
    ];
}

/// The answer.
pub(crate) mod answer {
    pub(crate) const STATUS: usize = 0;
    pub(crate) const ERROR: usize = 1;
    pub(crate) const VERSION: usize = 2;

    pub(crate) const TO_SERVER: [&str; 2] = ["http.response.status_code", "error.type"];
    pub(crate) const TO_CLIENT: [&str; 3] =
        ["http.response.status_code", "error.type", "network.protocol.version"];
}

/// A call by gRPC.
pub(crate) mod rpc {
    pub(crate) const SYSTEM: usize = 0;
    pub(crate) const OLD_SYSTEM: usize = 1;
    pub(crate) const METHOD: usize = 2;
    pub(crate) const OLD_SERVICE: usize = 3;
    pub(crate) const ADDRESS: usize = 4;
    pub(crate) const PORT: usize = 5;

    pub(crate) const ALL: [&str; 6] = [
        "rpc.system.name",
        "rpc.system",
        "rpc.method",
        "rpc.service",
        "server.address",
        "server.port",
    ];
}

/// The answer to one.
pub(crate) mod rpc_answer {
    pub(crate) const STATUS: usize = 0;
    pub(crate) const ERROR: usize = 1;
    pub(crate) const OLD_STATUS: usize = 2;
    pub(crate) const HTTP_STATUS: usize = 3;

    pub(crate) const ALL: [&str; 4] = [
        "rpc.response.status_code",
        "error.type",
        "rpc.grpc.status_code",
        "http.response.status_code",
    ];
}

/// What spans of one kind begin with.
pub(crate) const fn of_request(side: Side, is_rpc: bool) -> &'static [&'static str] {
    match (is_rpc, side) {
        (false, Side::Server) => &http::SERVER,
        (false, Side::Client) => &http::CLIENT,
        (true, _) => &rpc::ALL,
    }
}

/// What their answers say.
pub(crate) const fn of_answer(side: Side, is_rpc: bool) -> &'static [&'static str] {
    match (is_rpc, side) {
        (false, Side::Server) => &answer::TO_SERVER,
        (false, Side::Client) => &answer::TO_CLIENT,
        (true, _) => &rpc_answer::ALL,
    }
}
