//! `fastrace-axum`, with `#[fastrace::trace]`. It has no sampler: what is to be left out, its extractor says.

use crate::child::Contender;
use crate::tracing_axum::exporter;
use crate::{HELLO, PART, ROUTE};
use axum::Router;
use axum::routing::get;
use fastrace::prelude::{SpanContext, TraceId};
use fastrace_axum::{FastraceLayer, TRACEPARENT_HEADER};
use fastrace_opentelemetry::OpenTelemetryReporter;
use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource;
use std::borrow::Cow;

#[fastrace::trace]
async fn hello() -> &'static str {
    HELLO
}

pub(crate) fn part(endpoint: &str) -> Contender {
    let sampled = FastraceLayer::default().with_span_context_extractor(|request| {
        let header = request.headers().get(TRACEPARENT_HEADER);
        let caller = header.and_then(|header| header.to_str().ok());
        if let Some(caller) = caller.and_then(SpanContext::decode_w3c_traceparent) {
            return Some(caller);
        }
        let context = SpanContext::random();
        Some(context.sampled(rand_of(context.trace_id) < PART))
    });
    contender(endpoint, sampled)
}

/// From 0 to 1, by the random half of an id.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a threshold")]
fn rand_of(trace: TraceId) -> f64 {
    trace.0 as u64 as f64 / u64::MAX as f64
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
