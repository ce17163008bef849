//! `#[traced]`, as its users write it; `uncompressed`, so that all spans are there to be counted.

use super::Contender;
use crate::decision::Decision;
use crate::executor::yield_once;
use std::error::Error;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use traced::data::Span;
use traced::sampling::{End, Head, Sampler, Start, Verdict};
use traced::{Dropped, Export, Installed, traced};

pub(super) struct Traced;

impl Contender for Traced {
    const NAME: &'static str = "traced";

    #[traced(skip_all)]
    fn root(work: impl FnOnce()) {
        work();
    }

    #[traced(skip_all, uncompressed)]
    #[inline(never)]
    fn leaf(number: u64) {
        black_box(number);
    }

    #[traced(uncompressed)]
    #[inline(never)]
    fn leaf_recorded(number: u64, #[public] text: &str) {
        black_box((number, text));
    }

    #[traced(skip_all, uncompressed)]
    #[inline(never)]
    fn tree(depth: u32) -> u64 {
        if depth == 0 { black_box(1) } else { Self::tree(depth - 1) + Self::tree(depth - 1) + 1 }
    }

    #[traced(skip_all)]
    async fn root_task(work: impl Future<Output = ()>) {
        work.await;
    }

    #[traced(skip_all, uncompressed)]
    async fn yielding(number: u64) {
        yield_once().await;
        black_box(number);
    }

    #[traced(skip_all, uncompressed)]
    async fn ready(number: u64) {
        black_box(number);
    }

    fn flush() {
        traced::flush();
    }

    fn accounted() -> Option<u64> {
        Some(EXPORTED.load(Relaxed) + traced::stats().dropped(Dropped::Sampled))
    }
}

pub(super) fn install() -> Installed {
    traced::builder()
        .sampler(Switched)
        .exporter(Counter)
        .install()
        .expect("nobody else installs a pipeline in this process")
}

#[derive(Debug)]
struct Switched;

impl Sampler for Switched {
    fn start(&self, _: &Start) -> Head {
        match Decision::present() {
            Decision::Keep => Head::SAMPLED,
            Decision::DropAtEnd => Head::UNTIL_END,
            Decision::OffAtStart => Head::OFF,
        }
    }

    fn end(&self, _: &End) -> Verdict {
        match Decision::present() {
            Decision::Keep => Verdict::Keep,
            Decision::DropAtEnd | Decision::OffAtStart => Verdict::Drop,
        }
    }
}

static EXPORTED: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
struct Counter;

impl Export for Counter {
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        EXPORTED.fetch_add(black_box(spans).len() as u64, Relaxed);
        Ok(())
    }
}
