//! See `tests/bridge`: what hyper, sqlx and tower-http say to `tracing`, in our trees.

use std::sync::Once;
use traced_tests_http::pipeline;
use traced_tracing::Bridge;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

/// The bridge as everybody's subscriber, and a filter that lets in what these libraries say.
pub fn bridge() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        pipeline();
        traced::filter("info,h2=trace,hyper_util=trace,sqlx=debug").expect("a filter");
        let subscriber = Registry::default().with(Bridge::new());
        tracing::subscriber::set_global_default(subscriber).expect("the first one");
    });
}
