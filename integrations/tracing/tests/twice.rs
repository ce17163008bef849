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
    assert_eq!(spans.to_string(), "ours(first theirs)");
    assert!(spans.named("first").scope.is_some() && spans.named("theirs").scope.is_some());
}

#[test]
fn a_layer_above_is_seen_at_the_first_span() {
    let theirs = tracing_opentelemetry::layer()
        .with_tracer(traced::otel::TracerProvider::new().tracer("tracing-opentelemetry"));
    let dispatch = Dispatch::new(Registry::default().with(Bridge::new()).with(theirs));
    let spans = spans_of(&dispatch);
    assert_eq!(spans.to_string(), "ours(first theirs)");
    assert!(spans.named("first").scope.is_some() && spans.named("theirs").scope.is_some());
}

#[test]
fn one_is_found_by_an_event_that_names_its_span() {
    let boxed: Box<dyn Layer<Registry> + Send + Sync> = Box::new(theirs());
    let dispatch = Dispatch::new(Registry::default().with(boxed).with(Bridge::new()));
    let spans = tracing::dispatcher::with_default(&dispatch, || {
        capture(|| {
            traced::span!("ours").in_scope(|| {
                let span = info_span!("theirs");
                tracing::info!(parent: &span, "from outside");
            });
        })
    });
    assert_eq!(spans.to_string(), "ours(theirs)");
    assert!(spans.named("theirs").scope.is_some());
}

#[test]
fn without_one_the_bridge_works() {
    let dispatch = Dispatch::new(Registry::default().with(Bridge::new()));
    let spans = spans_of(&dispatch);
    assert_eq!(spans.to_string(), "ours(first theirs)");
    assert!(spans.named("theirs").scope.is_none());
}
