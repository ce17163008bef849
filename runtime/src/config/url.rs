//! As much of a URL as it takes to say where spans go, and to see common mistakes.

/// An address: `scheme://[user:password@]host[:port][/path]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Url<'t> {
    pub(crate) scheme: &'t str,
    pub(crate) host: &'t str,
    pub(crate) port: Option<u16>,
    /// What follows, with its slash; may be empty.
    pub(crate) path: &'t str,
}

impl<'t> Url<'t> {
    /// Takes `http` and `https` alone.
    pub(crate) fn parse(text: &'t str) -> Result<Self, String> {
        let (scheme, rest) =
            text.split_once("://").ok_or("an address without http:// or https://")?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err("an address that is neither http:// nor https://".to_owned());
        }
        let path_start = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(path_start);
        // User and password.
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
        let (host, port) = host_and_port(place)?;
        if host.is_empty() || !host.bytes().all(is_of_host) {
            return Err("an address without a valid host".to_owned());
        }
        if !text.bytes().all(is_of_address) {
            return Err("an address with characters that no address has".to_owned());
        }
        Ok(Self { scheme, host, port, path })
    }

    /// For people: without user, password, query and fragment, which may hold secrets.
    pub(crate) fn shown(&self) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let end = self.path.find(['?', '#']).unwrap_or(self.path.len());
        format!("{}://{}{port}{}", self.scheme, self.host, &self.path[..end])
    }
}

/// Whether a byte may be in a host's name, or in its number.
const fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'[' | b']' | b':')
}

/// Whether it may be in an address at all, and need not be percent-encoded.
const fn is_of_address(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`')
}

fn host_and_port(place: &str) -> Result<(&str, Option<u16>), String> {
    // The colons of `[::1]` begin no port.
    let after_host = place.rfind(']').unwrap_or(0);
    match place[after_host..].find(':') {
        None => Ok((place, None)),
        Some(colon) => {
            let (host, port) = (&place[..after_host + colon], &place[after_host + colon + 1..]);
            let port =
                port.parse().map_err(|_| "an address with a port that is no number".to_owned())?;
            Ok((host, Some(port)))
        }
    }
}

/// What may be shown of an address that was not understood: nothing where it may hold a password.
pub(crate) fn shown(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) => url.shown(),
        Err(_) if text.contains(['@', '?']) => "(not shown)".to_owned(),
        Err(_) => text.to_owned(),
    }
}

/// An address as somebody would write it into the general variable, without the path of traces.
pub(crate) fn shown_in_general(text: &str) -> String {
    let shown = shown(text);
    shown.strip_suffix("/v1/traces").unwrap_or(&shown).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_their_parts() {
        let parts = |text| {
            let url = Url::parse(text).unwrap();
            (url.host, url.port, url.path)
        };
        assert_eq!(parts("http://localhost:4318"), ("localhost", Some(4318), ""));
        assert_eq!(parts("HTTPS://a.example/v1/traces?x=1"), ("a.example", None, "/v1/traces?x=1"));
        assert_eq!(parts("http://me:secret@a:1/b"), ("a", Some(1), "/b"));
        assert_eq!(parts("http://[::1]:4318/"), ("[::1]", Some(4318), "/"));
        assert_eq!(parts("http://[::1]"), ("[::1]", None, ""));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "localhost:4318",
            "ftp://a",
            "http://",
            "http://:80",
            "http://a:b",
            "http://a b",
            "grpc://a:1",
            "http://münchen:4318",
            "http://a\u{fffd}b",
            "http://a/ü",
            "http://a/<b>",
            "http://a/b c",
            "http://a\n/",
            "",
        ] {
            assert!(Url::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn secrets_in_an_address_are_not_shown() {
        assert_eq!(
            shown("https://me:secret@a.example:1/b?key=secret#secret"),
            "https://a.example:1/b"
        );
        assert_eq!(shown("me:secret@a.example"), "(not shown)");
        assert_eq!(shown("localhost:4318"), "localhost:4318");
    }
}
