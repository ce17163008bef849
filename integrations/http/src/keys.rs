//! Keys of spans, by position: first what all have, then what was listed.

/// A request over HTTP.
pub(crate) mod http {
    pub(crate) const METHOD: usize = 0;
    pub(crate) const ROUTE: usize = 1;
    pub(crate) const SCHEME: usize = 2;
    pub(crate) const ADDRESS: usize = 3;
    pub(crate) const PORT: usize = 4;
    pub(crate) const RESENDS: usize = 5;
    pub(crate) const STATUS: usize = 6;
    pub(crate) const VERSION: usize = 7;
    pub(crate) const ERROR: usize = 8;
    pub(crate) const QUERY: usize = 9;
    pub(crate) const COUNT: usize = 10;

    pub(crate) const SERVER: [&str; COUNT] = named("http.route");
    pub(crate) const CLIENT: [&str; COUNT] = named("url.template");

    const fn named(route: &'static str) -> [&'static str; COUNT] {
        [
            "http.request.method",
            route,
            "url.scheme",
            "server.address",
            "server.port",
            "http.request.resend_count",
            "http.response.status_code",
            "network.protocol.version",
            "error.type",
            "url.query",
        ]
    }
}

/// A call by gRPC.
pub(crate) mod rpc {
    pub(crate) const SYSTEM: usize = 0;
    pub(crate) const OLD_SYSTEM: usize = 1;
    pub(crate) const METHOD: usize = 2;
    pub(crate) const OLD_SERVICE: usize = 3;
    pub(crate) const ADDRESS: usize = 4;
    pub(crate) const PORT: usize = 5;
    pub(crate) const STATUS: usize = 6;
    pub(crate) const OLD_STATUS: usize = 7;
    pub(crate) const ERROR: usize = 8;
    pub(crate) const HTTP_STATUS: usize = 9;
    pub(crate) const COUNT: usize = 10;

    pub(crate) const ALL: [&str; COUNT] = [
        "rpc.system.name",
        "rpc.system",
        "rpc.method",
        "rpc.service",
        "server.address",
        "server.port",
        "rpc.response.status_code",
        "rpc.grpc.status_code",
        "error.type",
        "http.response.status_code",
    ];
}

/// What all have. Both kinds have equally many, so that what was listed stands at the same positions.
pub(crate) const COUNT: usize = http::COUNT;
const _: () = assert!(http::COUNT == rpc::COUNT);
