//! What went wrong, by its kind: an error's text may hold the URL.

use reqwest_middleware::Error;

pub(crate) fn name(error: &Error) -> &'static str {
    let Error::Reqwest(error) = error else { return "reqwest:Middleware" };
    if error.is_timeout() {
        "reqwest:Timeout"
    } else if error.is_connect() {
        "reqwest:Connect"
    } else if error.is_redirect() {
        "reqwest:Redirect"
    } else if error.is_decode() {
        "reqwest:Decode"
    } else if error.is_body() {
        "reqwest:Body"
    } else if error.is_builder() {
        "reqwest:Builder"
    } else {
        "reqwest:Request"
    }
}
