//! Methods that may be told. All others are `_OTHER`, because a client can invent as many as it likes.

use http::Method;
use std::sync::OnceLock;

/// What stands for a method that is not known.
pub(crate) const OTHER: &str = "_OTHER";
/// Names, separated by commas, in place of the usual ones.
const VARIABLE: &str = "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS";
/// More methods than this nobody means.
const MAX_METHODS: usize = 64;

static REPLACED: OnceLock<Option<Vec<&'static str>>> = OnceLock::new();

/// The method as it may be told.
pub(crate) fn known(method: &Method) -> &'static str {
    match REPLACED.get_or_init(|| std::env::var(VARIABLE).ok().as_deref().map(list)) {
        None => usual(method.as_str()),
        Some(list) => list.iter().find(|name| **name == method.as_str()).copied().unwrap_or(OTHER),
    }
}

fn usual(method: &str) -> &'static str {
    match method {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        "PATCH" => "PATCH",
        "QUERY" => "QUERY",
        _ => OTHER,
    }
}

fn list(text: &str) -> Vec<&'static str> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.take(MAX_METHODS).map(|name| &*name.to_owned().leak()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_of_clients_are_not_told() {
        assert_eq!(usual("GET"), "GET");
        for strange in ["get", "PURGE", "alice@example.com", ""] {
            assert_eq!(usual(strange), OTHER);
        }
    }

    #[test]
    fn a_list_replaces_the_usual_methods() {
        assert_eq!(list(" GET, PURGE,,"), ["GET", "PURGE"]);
    }
}
