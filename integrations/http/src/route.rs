//! The route of a request, where no framework knows it.

use std::borrow::Cow;

/// The pattern that a request matched, `/orders/{id}`: an extension of the request, for routers that the layer
/// does not know. For clients, the template of the path.
///
/// A route becomes part of the span's name and is told; whoever sets one says that it is a pattern and no data.
///
/// ```
/// let mut request = http::Request::get("/orders/17").body(()).unwrap();
/// request.extensions_mut().insert(traced_http::Route::new("/orders/{id}"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route(Cow<'static, str>);

impl Route {
    /// This pattern.
    pub fn new(pattern: impl Into<Cow<'static, str>>) -> Self {
        Self(pattern.into())
    }

    /// The pattern.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
