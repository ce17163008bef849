//! Spans and events of `tracing`, in the trees of `traced`.
//!
//! - `pairs`: every pair of {ours, `tracing`, OpenTelemetry} as parent and child, sync and async.
//! - `odd`: guards, parents and threads as programs really use them.
//! - `judged`: samplers, and callers from elsewhere.
//! - `policy`: what is told of fields and messages, and what is not.

#![allow(missing_docs)]

mod judged;
mod odd;
mod pairs;
mod policy;

use traced::test::{Spans, capture};
use traced_tracing::Bridge;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

/// The spans of this work, with a bridge as the thread's subscriber.
fn bridged(work: impl FnOnce()) -> Spans {
    bridged_by(Bridge::new(), work)
}

fn bridged_by(bridge: Bridge, work: impl FnOnce()) -> Spans {
    let subscriber = Registry::default().with(bridge);
    tracing::subscriber::with_default(subscriber, || {
        // With the first one it is found out who else is there; spans begin in their order from then on.
        tracing::info_span!("before").in_scope(|| {});
        capture(work)
    })
}

#[track_caller]
fn assert_tree(spans: &Spans, tree: &str) {
    assert_eq!(spans.to_string(), tree);
    assert_eq!(spans.stats().dropped_in_all(), 0);
}
