//! What is special about gRPC: its path, its status, and which of them are errors.

use crate::Side;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, Method};

/// Where the status stands, in trailers or, without a body, in headers.
const STATUS: HeaderName = HeaderName::from_static("grpc-status");
/// Longer names are no names.
const MAX_NAME: usize = 255;

/// Whether this is a request of gRPC itself, all of which are `POST`; gRPC-Web has its trailers inside of the body.
pub(crate) fn is_request(method: &Method, headers: &HeaderMap) -> bool {
    if method != Method::POST {
        return false;
    }
    let Some(content) = headers.get(CONTENT_TYPE) else { return false };
    content
        .as_bytes()
        .strip_prefix(b"application/grpc")
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// `/shop.Orders/Place` as service and method.
pub(crate) fn method(path: &str) -> Option<(&str, &str)> {
    let (service, method) = path.strip_prefix('/')?.split_once('/')?;
    let is_name = |name: &str, also: u8| {
        let mut bytes = name.bytes();
        let is_first = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        is_first && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == also)
    };
    let is_short = path.len() <= MAX_NAME;
    (is_short && is_name(service, b'.') && is_name(method, b'_')).then_some((service, method))
}

/// A status of gRPC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Status(u8);

const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

impl Status {
    pub(crate) const OK: Self = Self(0);
    pub(crate) const UNKNOWN: Self = Self(2);

    /// What headers or trailers say. A number that no specification knows is `UNKNOWN`.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let said = headers.get(STATUS)?.to_str().ok().and_then(|text| text.parse().ok());
        Some(said.filter(|code| usize::from(*code) < NAMES.len()).map_or(Self::UNKNOWN, Self))
    }

    pub(crate) fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }

    pub(crate) fn code(self) -> u8 {
        self.0
    }

    /// Whether somebody on this side is to worry.
    pub(crate) fn is_error(self, side: Side) -> bool {
        match side {
            Side::Client => self.0 != 0,
            Side::Server => matches!(self.0, 2 | 4 | 12..=15),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_request_is_known_by_its_content() {
        for content in ["application/grpc", "application/grpc+proto", "application/grpc;x=y"] {
            assert!(is_request(&Method::POST, &headers(CONTENT_TYPE, content)), "{content}");
            assert!(!is_request(&Method::GET, &headers(CONTENT_TYPE, content)), "{content}");
        }
        for content in ["application/grpc-web", "application/grpcx", "application/json", ""] {
            assert!(!is_request(&Method::POST, &headers(CONTENT_TYPE, content)), "{content}");
        }
    }

    #[test]
    fn only_names_are_methods() {
        assert_eq!(method("/shop.v1.Orders/Place"), Some(("shop.v1.Orders", "Place")));
        let long = format!("/{}/a", "a".repeat(255));
        for path in
            ["/a", "/a/", "//a", "a/b", "/a/b/c", "/a b/c", "/a/b@c", "/1/a", "/a/%41", &long]
        {
            assert_eq!(method(path), None, "{path}");
        }
    }

    #[test]
    fn errors_differ_by_side() {
        let of = |value| Status::of(&headers(STATUS, value)).unwrap();
        let errors = |side| (0..17).filter(move |code| Status(*code).is_error(side));
        assert_eq!(errors(Side::Server).collect::<Vec<_>>(), [2, 4, 12, 13, 14, 15]);
        assert_eq!(errors(Side::Client).count(), 16);
        assert_eq!((of("14").name(), of("14").code()), ("UNAVAILABLE", 14));
        for strange in ["17", "-1", "x", "", "99999"] {
            assert_eq!(of(strange), Status::UNKNOWN, "{strange}");
        }
    }
}
