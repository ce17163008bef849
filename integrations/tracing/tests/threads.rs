//! Many tasks on many threads at a time, each with spans of both kinds: every tree is as it should be. In a process of
//! its own, because the subscriber is everybody's.

#![allow(missing_docs)]

use std::time::Duration;
use tokio::task::yield_now;
use traced::data::{Attribute, Span};
use traced::test::{Spans, capture};
use traced::{Instrument as _, span, task, traced};
use traced_tracing::Bridge;
use tracing::{info, info_span, instrument};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

const TASKS: u64 = 100;

#[instrument]
async fn handle(n: u64) {
    yield_now().await;
    load(n).await;
    task::spawn_blocking(move || info_span!("blocking", n).in_scope(|| leaf(n))).await.unwrap();
    yield_now().await;
}

#[traced(name = "load")]
async fn load(n: u64) {
    tokio::time::sleep(Duration::from_micros(n % 7 * 100)).await;
    let (first, second) = (query(n), query(n));
    let first = tokio::spawn(traced::Instrument::in_current(first));
    second.await;
    first.await.unwrap();
    info!(n, "loaded by many");
}

#[instrument]
async fn query(n: u64) {
    yield_now().await;
    leaf(n);
}

#[traced(name = "leaf")]
fn leaf(n: u64) {
    assert!(n < TASKS);
}

#[test]
fn a_hundred_tasks_have_their_own_trees() {
    tracing::subscriber::set_global_default(Registry::default().with(Bridge::new())).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap();
    for _ in 0..5 {
        let spans = capture(|| {
            runtime.block_on(
                async {
                    let mut all = task::JoinSet::new();
                    for n in 0..TASKS {
                        all.spawn(handle(n));
                    }
                    while let Some(done) = all.join_next().await {
                        done.unwrap();
                    }
                }
                .instrument(span!("root")),
            );
        });
        check(&spans);
    }
}

fn check(spans: &Spans) {
    let roots: Vec<_> = spans.roots().collect();
    assert_eq!(roots.len(), 1, "{spans}");
    let handled: Vec<_> = spans.children(roots[0]).collect();
    assert_eq!(handled.len(), 100);
    for handle in handled {
        assert_eq!(tree(spans, handle), "handle(blocking(leaf) load(query(leaf) query(leaf)))");
        let n = handle.attribute("n");
        assert!(n.is_some());
        let all: Vec<_> = below(spans, handle);
        assert!(all.iter().all(|span| span.attribute("n") == n), "{n:?}");
        let load = all.iter().find(|span| span.name == "load").unwrap();
        let said: Option<&(_, Attribute)> = load.events[0].attributes.first();
        assert_eq!(said.map(|(_, value)| value), n);
    }
    assert_eq!(spans.stats().dropped_in_all(), 0);
}

/// Children by name, because those of several threads begin in any order.
fn tree(spans: &Spans, span: &Span) -> String {
    let mut children: Vec<_> = spans.children(span).map(|child| tree(spans, child)).collect();
    children.sort();
    if children.is_empty() {
        span.name.to_string()
    } else {
        format!("{}({})", span.name, children.join(" "))
    }
}

fn below<'s>(spans: &'s Spans, span: &'s Span) -> Vec<&'s Span> {
    let children: Vec<_> = spans.children(span).collect();
    let deeper = children.iter().flat_map(|child| below(spans, child)).collect::<Vec<_>>();
    [children, deeper].concat()
}
