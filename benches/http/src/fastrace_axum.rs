//! `fastrace-axum`, with `#[fastrace::trace]`. It has no sampler: what is to be left out, its extractor says.

use crate::child::Contender;
use crate::tracing_axum::exporter;
use crate::{HELLO, PART, ROUTE};
use axum::Router;
use axum::routing::get;
use fastrace::prelude::SpanContext;
use fastrace_axum::FastraceLayer;
use fastrace_opentelemetry::OpenTelemetryReporter;
use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource;
use std::borrow::Cow;

#[fastrace::trace]
async fn hello() -> &'static str {
    HELLO
}

pub(crate) fn part(endpoint: &str) -> Contender {
    let sampled = FastraceLayer::default().with_span_context_extractor(|_| {
        let context = SpanContext::random();
        #[allow(clippy::cast_precision_loss, reason = "a threshold")]
        let position = (context.trace_id.0 as u64) as f64 / u64::MAX as f64;
        Some(context.sampled(position < PART))
    });
    contender(endpoint, sampled)
}

pub(crate) fn all(endpoint: &str) -> Contender {
    contender(endpoint, FastraceLayer::default())
}

fn contender(endpoint: &str, layer: FastraceLayer) -> Contender {
    let scope = InstrumentationScope::builder("benches").build();
    let resource = Cow::Owned(Resource::builder().build());
    let reporter = OpenTelemetryReporter::new(exporter(endpoint), resource, scope);
    fastrace::set_reporter(reporter, fastrace::collector::Config::default());
    let app = Router::new().route(ROUTE, get(hello)).layer(layer);
    Contender { app, flush: Box::new(fastrace::flush) }
}
