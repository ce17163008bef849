//! `reqwest`.

use super::follow;
use crate::redact::{Failure, Fields, Redact};
use crate::value::Value;

/// What went wrong and the status of the answer, never the URL, which may hold a key.
impl Redact for reqwest::Error {
    fn redact(&self, out: &mut Fields<'_>) {
        if let Some(status) = self.status() {
            out.field("status", Value::U64(status.as_u16().into()));
        }
    }

    fn describe(&self, out: &mut Failure<'_>) {
        out.fact(if self.is_timeout() {
            "reqwest:Timeout"
        } else if self.is_connect() {
            "reqwest:Connect"
        } else if self.is_status() {
            "reqwest:Status"
        } else if self.is_redirect() {
            "reqwest:Redirect"
        } else if self.is_decode() {
            "reqwest:Decode"
        } else if self.is_body() {
            "reqwest:Body"
        } else if self.is_builder() {
            "reqwest:Builder"
        } else {
            "reqwest:Request"
        });
        follow(self, out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::failure::Facts;

    #[test]
    fn of_an_http_client_the_category_and_not_the_url() {
        let request = reqwest::Client::new().get("http://user:hunter2@[/?key=hunter2");
        let error = request.build().expect_err("no URL");
        assert!(error.to_string().contains("builder"), "{error}");
        assert_eq!(Facts::of(&error).variant, Some("Builder"));
        let boxed: Box<dyn std::error::Error + Send + Sync> = error.into();
        assert_eq!(Facts::of(&boxed).variant, Some("Builder"), "also where it is in a box");
    }
}
