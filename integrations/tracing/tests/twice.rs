//! Where a layer of `tracing-opentelemetry` exports the spans of `tracing`, the bridge does not.

#![allow(missing_docs)]

use opentelemetry::trace::TracerProvider;
use traced::test::{Spans, capture};
use traced_tracing::Bridge;
use tracing::{Dispatch, info_span};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

fn spans_of(dispatch: &Dispatch) -> Spans {
    tracing::dispatcher::with_default(dispatch, || {
        capture(|| {
            traced::span!("ours").in_scope(|| {
                info_span!("first").in_scope(|| {});
                info_span!("theirs").in_scope(|| {});
            });
        })
    })
}

/// Their spans, into our pipeline.
fn theirs() -> tracing_opentelemetry::OpenTelemetryLayer<Registry, traced::otel::Tracer> {
    tracing_opentelemetry::layer()
        .with_tracer(traced::otel::TracerProvider::new().tracer("tracing-opentelemetry"))
}

#[test]
fn a_layer_below_is_seen_at_once() {
    let dispatch = Dispatch::new(Registry::default().with(theirs()).with(Bridge::new()));
    let spans = spans_of(&dispatch);
    assert_eq!(spans.to_string(), "ours(first theirs)");
    // They are the other's.
    assert!(spans.named("theirs").scope.is_some());
}

#[test]
fn a_boxed_layer_is_seen_at_the_first_span() {
    let boxed: Box<dyn Layer<Registry> + Send + Sync> = Box::new(theirs());
    let dispatch = Dispatch::new(Registry::default().with(boxed).with(Bridge::new()));
    let spans = spans_of(&dispatch);
    let count = spans.iter().filter(|span| span.name == "theirs").count();
    assert_eq!(count, 1, "{spans}");
    assert!(spans.named("theirs").scope.is_some());
}

#[test]
fn without_one_the_bridge_works() {
    let dispatch = Dispatch::new(Registry::default().with(Bridge::new()));
    let spans = spans_of(&dispatch);
    assert_eq!(spans.to_string(), "ours(first theirs)");
    assert!(spans.named("theirs").scope.is_none());
}
