//! Names of this server that may be told. What else a request calls it is the client's text.

use http::Request;
use http::header::HOST;
use traced_http::Peer;

#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts(Vec<Host>);

#[derive(Clone, Debug)]
struct Host {
    address: String,
    /// Nothing: any.
    port: Option<u16>,
}

impl Hosts {
    pub(crate) fn add(&mut self, host: &str) {
        let (address, port) = split(host);
        self.0.push(Host { address: address.to_owned(), port });
    }

    /// What the request calls this server, if that is one of its names.
    pub(crate) fn named_by<B>(&self, request: &Request<B>) -> Option<Peer<'_>> {
        if self.0.is_empty() {
            return None;
        }
        let header = || request.headers().get(HOST)?.to_str().ok();
        let said = request.uri().authority().map(http::uri::Authority::as_str).or_else(header)?;
        let (address, port) = split(said);
        let is_said = |host: &&Host| {
            host.address.eq_ignore_ascii_case(address) && (host.port.is_none() || host.port == port)
        };
        self.0.iter().find(is_said).map(|host| Peer { address: &host.address, port })
    }
}

/// `shop.example:8080` as name and port. The colons of a bare IPv6 address are none in front of a port.
fn split(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((address, port)) if !address.contains(':') || address.ends_with(']') => {
            port.parse().map_or((host, None), |port| (address, Some(port)))
        }
        _ => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_hosts_are_named() {
        let mut hosts = Hosts::default();
        hosts.add("shop.example");
        hosts.add("[::1]:8080");
        let named = |host: &str| {
            let request = Request::get("/").header(HOST, host).body(()).unwrap();
            hosts.named_by(&request).map(|peer| (peer.address.to_owned(), peer.port))
        };
        assert_eq!(named("SHOP.example"), Some(("shop.example".to_owned(), None)));
        assert_eq!(named("shop.example:81"), Some(("shop.example".to_owned(), Some(81))));
        assert_eq!(named("[::1]:8080"), Some(("[::1]".to_owned(), Some(8080))));
        for other in ["[::1]:80", "[::1]", "shop.example:x", "alice@shop.example", ""] {
            assert_eq!(named(other), None, "{other}");
        }
    }
}
