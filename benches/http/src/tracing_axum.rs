//! `tower-http` and `tracing-opentelemetry`, with `#[instrument]`, and the attributes that ours has.

use crate::child::Contender;
use crate::{HELLO, PART, ROUTE};
use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::http::{Request, Response};
use axum::routing::get;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use std::time::Duration;
use tower_http::trace::TraceLayer;
use tracing::{Span, field, info_span};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

#[tracing::instrument]
async fn hello() -> &'static str {
    HELLO
}

pub(crate) fn part(endpoint: &str) -> Contender {
    contender(endpoint, Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(PART))))
}

pub(crate) fn all(endpoint: &str) -> Contender {
    contender(endpoint, Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
}

pub(crate) fn exporter(endpoint: &str) -> SpanExporter {
    SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .build()
        .expect("an exporter")
}

fn contender(endpoint: &str, sampler: Sampler) -> Contender {
    let provider = SdkTracerProvider::builder()
        .with_sampler(sampler)
        .with_batch_exporter(exporter(endpoint))
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("benches"));
    // Spans of hyper, and events of the layer, are below that.
    let layer = layer.with_filter(LevelFilter::INFO);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
        .expect("nobody else subscribes in this process");
    let layer = TraceLayer::new_for_http()
        .make_span_with(|request: &Request<Body>| {
            let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
            info_span!(
                "request",
                otel.name = format!("{} {route}", request.method()),
                otel.kind = "server",
                http.request.method = request.method().as_str(),
                http.route = route,
                url.scheme = "http",
                network.protocol.version = "1.1",
                http.response.status_code = field::Empty,
            )
        })
        .on_request(())
        .on_response(|response: &Response<_>, _: Duration, span: &Span| {
            span.record("http.response.status_code", response.status().as_u16());
        })
        .on_body_chunk(())
        .on_eos(())
        .on_failure(());
    let app = Router::new().route(ROUTE, get(hello)).layer(layer);
    let flush = Box::new(move || {
        let _ = provider.force_flush();
    });
    Contender { app, flush }
}
