//! Values with a meaning, of which it is known what may be told.

use super::{Fields, Redact};
use crate::value::Value;
#[allow(unused_imports, reason = "for features")]
use crate::value::{Leaf, Number};

/// The path of a URL, without what identifies somebody or opens something: user and password, query, fragment.
///
/// `https://jane:secret@shop.example/orders/7?token=x#top` is told as `https://shop.example/orders/7`, and a
/// reference without a host as its path. The path is told whole: where it holds identifiers, tell the route.
///
/// ```
/// use traced::redact::UrlPath;
///
/// assert_eq!(UrlPath("https://a:b@shop.example/orders/7?token=x").to_string(), "https://shop.example/orders/7");
/// assert_eq!(UrlPath("/orders?user=jane").to_string(), "/orders");
/// ```
#[derive(Clone, Copy)]
pub struct UrlPath<'a>(pub &'a str);

impl<'a> UrlPath<'a> {
    /// What stands before the userinfo, and from the host to the end of the path.
    fn parts(self) -> (&'a str, &'a str) {
        let end = self.0.find(['?', '#']).unwrap_or(self.0.len());
        let url = &self.0[..end];
        let authority = match url.find("//") {
            // Of `scheme://…` and `//…`, but not of a path that has two slashes in it.
            Some(at) if !url[..at].contains('/') => at + 2,
            // `scheme:` with no authority, `mailto:`, `data:`, `tel:`, is all content.
            _ if has_scheme(url) => return (&url[..=url.find(':').unwrap_or(0)], ""),
            _ => return ("", url),
        };
        let host_and_path = &url[authority..];
        // A backslash ends the authority for browsers; what is behind one is not told.
        let authority_end = host_and_path.find(['/', '\\']).unwrap_or(host_and_path.len());
        let host = host_and_path[..authority_end].rfind('@').map_or(0, |at| at + 1);
        let port = host_and_path[host..authority_end].rsplit_once(':').map_or("", |(_, port)| port);
        if !port.trim_end_matches(']').chars().all(|c| c.is_ascii_hexdigit()) {
            // Half of a password with a `?` in it, rather than a port.
            return (&url[..authority], "");
        }
        (&url[..authority], &host_and_path[host..])
    }
}

fn has_scheme(url: &str) -> bool {
    let before_slash = url.split('/').next().unwrap_or_default();
    let Some((scheme, _)) = before_slash.split_once(':') else { return false };
    let mut letters = scheme.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

impl std::fmt::Display for UrlPath<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (scheme, rest) = self.parts();
        f.write_str(scheme)?;
        f.write_str(rest)
    }
}

impl std::fmt::Debug for UrlPath<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UrlPath({self})")
    }
}

impl Redact for UrlPath<'_> {
    fn redact(&self, out: &mut Fields<'_>) {
        out.value(Value::Display(self));
    }

    fn absent(_: &mut Fields<'_>) {}
}

/// A statement that is in the program: values are bound to it, and not part of its text.
#[derive(Clone, Copy, Debug)]
pub struct SqlText(pub &'static str);

impl Redact for SqlText {
    fn redact(&self, out: &mut Fields<'_>) {
        out.value(Value::Text(self.0));
    }

    fn absent(_: &mut Fields<'_>) {}
}

macro_rules! public_by_display {
    ($($feature:literal: $($type:ty),+;)*) => {$($(
        #[cfg(feature = $feature)]
        impl Leaf for $type {
            fn leaf(&self) -> Value<'_> {
                Value::Display(self)
            }
        }
    )+)*};
}

public_by_display! {
    "uuid": uuid::Uuid;
    "chrono": chrono::NaiveDate, chrono::NaiveTime, chrono::NaiveDateTime, chrono::DateTime<chrono::Utc>,
        chrono::DateTime<chrono::FixedOffset>, chrono::TimeDelta;
    "jiff": jiff::Timestamp, jiff::Zoned, jiff::civil::Date, jiff::civil::Time, jiff::civil::DateTime,
        jiff::SignedDuration, jiff::Span;
    "http": http::Method;
}

#[cfg(feature = "uuid")]
impl super::Hashed for uuid::Uuid {
    fn hashed(&self, class: super::ClassId) -> Value<'_> {
        Value::Hash(class, self.as_bytes())
    }
}

#[cfg(feature = "http")]
impl Number for http::StatusCode {
    fn number(&self) -> Value<'static> {
        Value::U64(self.as_u16().into())
    }
}

#[cfg(feature = "http")]
impl Leaf for http::StatusCode {
    fn leaf(&self) -> Value<'_> {
        self.number()
    }
}

/// As [`UrlPath`].
#[cfg(feature = "url")]
impl Redact for url::Url {
    fn redact(&self, out: &mut Fields<'_>) {
        UrlPath(self.as_str()).redact(out);
    }

    fn absent(_: &mut Fields<'_>) {}
}

/// As [`UrlPath`].
#[cfg(feature = "http")]
impl Redact for http::Uri {
    fn redact(&self, out: &mut Fields<'_>) {
        if let Some(scheme) = self.scheme_str() {
            out.field("scheme", Value::Text(scheme));
        }
        if let Some(host) = self.host() {
            out.field("host", Value::Text(host));
        }
        out.value(Value::Text(self.path()));
    }

    fn absent(_: &mut Fields<'_>) {}
}

/// How many there are; neither names nor values.
#[cfg(feature = "http")]
impl<T> Redact for http::HeaderMap<T> {
    fn redact(&self, out: &mut Fields<'_>) {
        out.value(Value::Length(self.len() as u64));
    }
}

/// Always the marker.
#[cfg(feature = "secrecy")]
impl<S: secrecy::zeroize::Zeroize + ?Sized> Redact for secrecy::SecretBox<S> {
    fn redact(&self, out: &mut Fields<'_>) {
        out.marker();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::debugged;

    fn told(url: &str) -> String {
        UrlPath(url).to_string()
    }

    #[test]
    fn credentials_query_and_fragment_are_not_told() {
        assert_eq!(told("https://a:b@host:80/p/q?x=1#y"), "https://host:80/p/q");
        assert_eq!(told("https://a:b@c@host/p"), "https://host/p");
        assert_eq!(told("//a@host/p?x"), "//host/p");
        assert_eq!(told("/p//q?x=https://a"), "/p//q");
        assert_eq!(told("/p/a@b"), "/p/a@b");
        assert_eq!(told("p#secret"), "p");
        assert_eq!(told("?secret"), "");
        assert_eq!(told("https://host"), "https://host");
        assert_eq!(told("https://user:pass@host"), "https://host");
        assert_eq!(told("https://user:pa?ss@host"), "https://", "no port is like this");
        assert_eq!(told("http://[::1]:80/p"), "http://[::1]:80/p");
        assert_eq!(told("http://[fe80::1]/p"), "http://[fe80::1]/p");
    }

    #[test]
    fn a_url_that_is_all_content_is_told_by_its_scheme() {
        assert_eq!(told("mailto:jane@example.org"), "mailto:");
        assert_eq!(told("data:text/plain,secret"), "data:");
        assert_eq!(told("tel:+41-1"), "tel:");
    }

    #[cfg(any(feature = "http", feature = "uuid", feature = "chrono", feature = "jiff"))]
    fn published(value: &impl Leaf) -> String {
        match value.leaf() {
            Value::Display(shown) => shown.to_string(),
            Value::U64(number) => number.to_string(),
            _ => panic!("neither a Display nor a number"),
        }
    }

    #[test]
    fn a_statement_of_the_program_is_told() {
        assert_eq!(debugged("It", &SqlText("SELECT ?")), r#"It { self: "SELECT ?", .. }"#);
    }

    #[cfg(feature = "url")]
    #[test]
    fn a_url_is_told_without_what_opens_something() {
        let url =
            url::Url::parse("https://jane:hunter2@shop.example/orders/7?token=x#top").unwrap();
        assert_eq!(debugged("It", &url), r#"It { self: "https://shop.example/orders/7", .. }"#);
    }

    #[cfg(feature = "http")]
    #[test]
    fn of_a_request_neither_credentials_nor_headers() {
        let uri: http::Uri = "https://jane:hunter2@shop.example/orders?token=x".parse().unwrap();
        let told = r#"It { scheme: "https", host: "shop.example", self: "/orders", .. }"#;
        assert_eq!(debugged("It", &uri), told);
        let mut headers = http::HeaderMap::new();
        headers.insert("authorization", http::HeaderValue::from_static("hunter2"));
        assert_eq!(debugged("It", &headers), "It { self: 1, .. }");
        assert_eq!(published(&http::Method::GET), "GET");
        assert_eq!(published(&http::StatusCode::NOT_FOUND), "404");
    }

    #[cfg(feature = "secrecy")]
    #[test]
    fn a_secret_is_the_marker() {
        let secret = secrecy::SecretString::from("hunter2");
        assert_eq!(debugged("It", &secret), r#"It { self: "[redacted]", .. }"#);
    }

    #[cfg(feature = "uuid")]
    #[test]
    fn an_identifier_is_published_where_somebody_says_so() {
        assert_eq!(published(&uuid::Uuid::nil()), "00000000-0000-0000-0000-000000000000");
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn dates_are_published_where_somebody_says_so() {
        let date = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        assert_eq!(published(&date), "2024-02-29");
    }

    #[cfg(feature = "jiff")]
    #[test]
    fn civil_dates_are_published_where_somebody_says_so() {
        assert_eq!(published(&jiff::civil::date(2024, 2, 29)), "2024-02-29");
    }
}
