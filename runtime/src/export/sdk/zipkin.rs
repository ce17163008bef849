//! Zipkin, by `opentelemetry-zipkin` on a small blocking client.

#![allow(deprecated, reason = "OpenTelemetry would rather see OTLP, which old Zipkins do not take")]

use super::Exporter;
use crate::export::Export;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_zipkin::ZipkinExporter;
use std::error::Error;
use std::pin::Pin;
use std::time::Duration;
use ureq::Agent;

/// An exporter to this address, of so many spans at once.
pub(crate) fn exporter(
    endpoint: &str,
    timeout: Duration,
    most_spans: Option<usize>,
) -> Result<Box<dyn Export>, Box<dyn Error + Send + Sync>> {
    let exporter = ZipkinExporter::builder()
        .with_collector_endpoint(endpoint)
        .with_http_client(Client::new(timeout))
        .build()?;
    let endpoint = endpoint.to_owned();
    let again = move || self::exporter(&endpoint, timeout, most_spans).ok();
    Ok(Box::new(Exporter::new(exporter).most_spans_if(most_spans).made_again_by(again)))
}

#[derive(Debug)]
struct Client(Agent);

/// No answer is longer.
const MAX_ANSWER: u64 = 4 << 20;

impl Client {
    fn new(timeout: Duration) -> Self {
        let config = Agent::config_builder()
            // Whoever made the request looks at the status.
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(timeout));
        Self(config.build().new_agent())
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let answer = self.0.run(Request::from_parts(parts, &body[..]))?;
        let (parts, mut body) = answer.into_parts();
        let body = body.with_config().limit(MAX_ANSWER).read_to_vec()?;
        Ok(Response::from_parts(parts, body.into()))
    }
}

impl HttpClient for Client {
    /// Blocks: only the collector's thread comes here.
    fn send_bytes<'c, 'f>(
        &'c self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>
    where
        'c: 'f,
        Self: 'f,
    {
        Box::pin(async move { self.send(request) })
    }
}
