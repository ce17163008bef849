//! Spans for reqwest: a middleware for `reqwest-middleware`, and [`inject`] for those who want none.
//!
//! ```
//! use reqwest_middleware::ClientBuilder;
//! use traced_reqwest::{Route, Traced};
//!
//! # async fn order() -> reqwest_middleware::Result<()> {
//! let client = ClientBuilder::new(reqwest::Client::new()).with(Traced::new()).build();
//!
//! // `GET`; the template of the path makes it `GET /orders/{id}`.
//! let request = client.get("http://orders/orders/17").with_extension(Route::new("/orders/{id}"));
//! let answer = request.send().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Each request is a span of kind client, from its sending to the end of the answer's body, and its headers name that span. A
//! status from 400 on is an error. Behind `reqwest-retry`, which must stand outside, each attempt is a span, and from the
//! second one on it says `http.request.resend_count`. Redirects happen inside of reqwest and are part of the span.
//!
//! What is recorded is what the semantic conventions of OpenTelemetry ask for, less what may be private: no URL but its
//! scheme, host and port, no headers; [`Traced::public_query`] and its companions list what is public. The table of
//! [`traced_http`] has all attributes.
//!
//! Without the middleware:
//!
//! ```
//! let mut headers = http::HeaderMap::new();
//! traced_reqwest::inject(&mut headers);
//! let request = reqwest::Client::new().get("http://orders/").headers(headers);
//! ```

mod error;

pub use traced_http::{Resends, Route, inject};

use http::Extensions;
use reqwest::{Body, Request, Response, ResponseBuilderExt, Url};
use reqwest_middleware::{Middleware, Next, Result};
use traced_http::{Answering, Asked, Conversation, Listed, Peer, TracedBody, resends};

/// The middleware.
///
/// ```
/// use traced_reqwest::Traced;
///
/// let middleware = Traced::new().public_response_headers(["x-cache"]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Traced {
    listed: Listed,
}

impl Traced {
    /// A middleware that tells nothing which could be private.
    pub fn new() -> Self {
        Self::default()
    }

    /// These headers of requests are public, as `http.request.header.<name>`.
    #[must_use]
    pub fn public_request_headers<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        Self { listed: self.listed.request_headers(names) }
    }

    /// These headers of answers are public, as `http.response.header.<name>`.
    #[must_use]
    pub fn public_response_headers<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        Self { listed: self.listed.response_headers(names) }
    }

    /// These parameters of queries are public: `url.query` consists of them.
    #[must_use]
    pub fn public_query<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        Self { listed: self.listed.query_parameters(names) }
    }

    fn asked<'r>(self, request: &'r Request, extensions: &'r Extensions) -> Asked<'r> {
        let url = request.url();
        let port = url.port_or_known_default();
        Asked {
            method: request.method(),
            scheme: Some(url.scheme()),
            path: url.path(),
            query: url.query(),
            peer: url.host_str().map(|address| Peer { address, port }),
            route: extensions.get::<Route>().map(Route::as_str),
            version: None,
            resends: resends(extensions),
            headers: request.headers(),
            listed: self.listed,
        }
    }
}

#[async_trait::async_trait]
impl Middleware for Traced {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        // Whoever sends the request again comes by here again, with the same extensions.
        extensions.get_or_insert_with(Resends::new);
        let begun = Conversation::sent(|| self.asked(&request, extensions));
        inject(request.headers_mut());
        let sent = next.run(request, extensions);
        let conversation = begun.left();
        let mut address = None;
        let answer = async {
            let answer = sent.await?;
            address = Some(answer.url().clone());
            Ok(http::Response::from(answer))
        };
        let answer = Answering::new(conversation, error::name, answer).await?;
        Ok(as_before(answer, address))
    }
}

/// The answer as reqwest makes it, with a body that ends the span.
fn as_before(answer: http::Response<TracedBody<Body>>, address: Option<Url>) -> Response {
    let mut answer = answer.map(Body::wrap);
    // What a response is made of has no place for its address; an extension has.
    let addressed = address.and_then(|url| http::Response::builder().url(url).body(()).ok());
    if let Some(addressed) = addressed {
        answer.extensions_mut().extend(addressed.into_parts().0.extensions);
    }
    Response::from(answer)
}
