//! `#[tracing::instrument]` with `tracing-opentelemetry`, as its users write it.

use super::{Contender, otel_sdk};
use crate::executor::yield_once;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tracing::instrument;
use tracing_subscriber::layer::SubscriberExt;

pub(super) struct TracingOtel;

impl Contender for TracingOtel {
    const NAME: &'static str = "tracing-otel";

    #[instrument(skip_all)]
    fn root(work: impl FnOnce()) {
        work();
    }

    #[instrument(skip_all)]
    #[inline(never)]
    fn leaf(number: u64) {
        black_box(number);
    }

    #[instrument]
    #[inline(never)]
    fn leaf_recorded(number: u64, text: &str) {
        black_box((number, text));
    }

    #[instrument(skip_all)]
    #[inline(never)]
    fn tree(depth: u32) -> u64 {
        if depth == 0 { black_box(1) } else { Self::tree(depth - 1) + Self::tree(depth - 1) + 1 }
    }

    #[instrument(skip_all)]
    async fn root_task(work: impl Future<Output = ()>) {
        work.await;
    }

    #[instrument(skip_all)]
    async fn yielding(number: u64) {
        yield_once().await;
        black_box(number);
    }

    #[instrument(skip_all)]
    async fn ready(number: u64) {
        black_box(number);
    }

    fn flush() {
        if let Some(provider) = PROVIDER.get() {
            otel_sdk::flush(provider);
        }
    }

    fn accounted() -> Option<u64> {
        Some(EXPORTED.load(Relaxed))
    }
}

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();
static EXPORTED: AtomicU64 = AtomicU64::new(0);

pub(super) fn install() {
    let provider = PROVIDER.get_or_init(|| otel_sdk::provider(&EXPORTED));
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("benches"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
        .expect("nobody else subscribes in this process");
}
