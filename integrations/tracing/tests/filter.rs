//! `TRACED` filters spans of `tracing`, by target and level as everywhere. In a process of its own, which has one filter.

#![allow(missing_docs)]

use traced::test::capture;
use traced_tracing::Bridge;
use tracing::{debug, debug_span, info, info_span};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

#[test]
fn rules_decide_what_becomes_a_span_and_what_an_event() {
    traced::filter("info,quiet=off,loud=debug").unwrap();
    let spans = tracing::subscriber::with_default(Registry::default().with(Bridge::new()), || {
        capture(|| {
            info_span!("shown").in_scope(|| {
                debug_span!("too fine").in_scope(|| {
                    info_span!(target: "quiet::inside", "quiet").in_scope(|| {
                        debug_span!(target: "loud::inside", "loud").in_scope(|| {});
                        traced::span!("ours").in_scope(|| {});
                    });
                });
                debug!("not an event");
                debug!(target: "loud", "an event of level debug");
                info!(target: "quiet", "not an event");
            });
        })
    });
    assert_eq!(spans.to_string(), "shown(loud ours)");
    assert_eq!(spans.named("shown").events.len(), 1);
}
