//! The work without any spans.

use super::Contender;
use crate::executor::yield_once;
use std::hint::black_box;

pub(super) struct Nothing;

impl Contender for Nothing {
    const NAME: &'static str = "nothing";

    fn root(work: impl FnOnce()) {
        work();
    }

    #[inline(never)]
    fn leaf(number: u64) {
        black_box(number);
    }

    #[inline(never)]
    fn leaf_recorded(number: u64, text: &str) {
        black_box((number, text));
    }

    #[inline(never)]
    fn tree(depth: u32) -> u64 {
        if depth == 0 { black_box(1) } else { Self::tree(depth - 1) + Self::tree(depth - 1) + 1 }
    }

    async fn root_task(work: impl Future<Output = ()>) {
        work.await;
    }

    async fn yielding(number: u64) {
        yield_once().await;
        black_box(number);
    }

    async fn ready(number: u64) {
        black_box(number);
    }
}
