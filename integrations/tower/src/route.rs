//! Who knows the route of a request: its owner, or axum.

use http::Extensions;
use traced_http::Route;

pub(crate) fn of(extensions: &Extensions) -> Option<&str> {
    let set = extensions.get::<Route>().map(Route::as_str);
    #[cfg(feature = "axum")]
    let set = set.or_else(|| {
        extensions.get::<axum::extract::MatchedPath>().map(axum::extract::MatchedPath::as_str)
    });
    set
}
