//! `#[fastrace::trace]`, as its users write it.

use super::Contender;
use crate::decision::Decision;
use crate::executor::yield_once;
use fastrace::Span;
use fastrace::collector::{Config, Reporter, SpanContext, SpanRecord};
use fastrace::future::FutureExt;
use fastrace::trace;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub(super) struct Fastrace;

impl Contender for Fastrace {
    const NAME: &'static str = "fastrace";

    fn root(work: impl FnOnce()) {
        let root = Span::root("root", context());
        let _parent = root.set_local_parent();
        work();
    }

    #[trace(name = "leaf")]
    #[inline(never)]
    fn leaf(number: u64) {
        black_box(number);
    }

    #[trace(name = "leaf", properties = { "number": "{number}", "text": "{text}" })]
    #[inline(never)]
    fn leaf_recorded(number: u64, text: &str) {
        black_box((number, text));
    }

    #[trace(name = "tree")]
    #[inline(never)]
    fn tree(depth: u32) -> u64 {
        if depth == 0 { black_box(1) } else { Self::tree(depth - 1) + Self::tree(depth - 1) + 1 }
    }

    fn root_task(work: impl Future<Output = ()>) -> impl Future<Output = ()> {
        work.in_span(Span::root("root", context()))
    }

    #[trace(name = "yielding")]
    async fn yielding(number: u64) {
        yield_once().await;
        black_box(number);
    }

    #[trace(name = "ready")]
    async fn ready(number: u64) {
        black_box(number);
    }

    fn flush() {
        fastrace::flush();
    }

    fn accounted() -> Option<u64> {
        Some(EXPORTED.load(Relaxed))
    }
}

fn context() -> SpanContext {
    SpanContext::random().sampled(Decision::present() == Decision::Keep)
}

pub(super) fn install() {
    fastrace::set_reporter(Counter, Config::default());
}

static EXPORTED: AtomicU64 = AtomicU64::new(0);

struct Counter;

impl Reporter for Counter {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        EXPORTED.fetch_add(black_box(spans).len() as u64, Relaxed);
    }
}
