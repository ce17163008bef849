//! The least that a recorded span could be: the clock read twice, one access to a thread-local, and one
//! cache line written.
#![allow(unsafe_code, reason = "the time stamp counter is an intrinsic")]

use super::Contender;
use crate::executor::yield_once;
use std::cell::Cell;
use std::hint::black_box;

pub(super) struct Floor;

impl Contender for Floor {
    const NAME: &'static str = "floor";

    fn root(work: impl FnOnce()) {
        let _span = Line::open(1, 0);
        work();
    }

    #[inline(never)]
    fn leaf(number: u64) {
        let _span = Line::open(2, 0);
        black_box(number);
    }

    #[inline(never)]
    fn leaf_recorded(number: u64, text: &str) {
        let _span = Line::open(number, text.len() as u64);
        black_box((number, text));
    }

    #[inline(never)]
    fn tree(depth: u32) -> u64 {
        let _span = Line::open(3, 0);
        if depth == 0 { black_box(1) } else { Self::tree(depth - 1) + Self::tree(depth - 1) + 1 }
    }

    async fn root_task(work: impl Future<Output = ()>) {
        let _span = Line::open(1, 0);
        work.await;
    }

    async fn yielding(number: u64) {
        let _span = Line::open(4, 0);
        yield_once().await;
        black_box(number);
    }

    async fn ready(number: u64) {
        let _span = Line::open(5, 0);
        black_box(number);
    }
}

const LINE: usize = 8;
const LINES: usize = 1 << 10;

#[repr(align(64))]
struct Lines([Cell<u64>; LINE * LINES]);

struct Local {
    next: Cell<usize>,
    lines: Lines,
}

thread_local! {
    static LOCAL: Local = const {
        Local { next: Cell::new(0), lines: Lines([const { Cell::new(0) }; LINE * LINES]) }
    };
}

/// An open span: where its line begins.
struct Line(usize);

impl Line {
    #[inline(always)]
    fn open(first: u64, second: u64) -> Self {
        LOCAL.with(|local| {
            let at = local.next.get() % (LINE * LINES);
            local.next.set(at + LINE);
            let line = &local.lines.0[at..at + LINE];
            for word in &line[3..] {
                word.set(second);
            }
            line[0].set(first);
            line[2].set(0);
            line[1].set(ticks());
            Self(at)
        })
    }
}

impl Drop for Line {
    #[inline(always)]
    fn drop(&mut self) {
        let end = ticks();
        LOCAL.with(|local| local.lines.0[self.0 + 2].set(end));
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn ticks() -> u64 {
    // SAFETY: the instruction needs nothing of its caller, and this architecture always has it.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// The cheapest clock of the standard library, where its floor is not known better.
#[cfg(not(target_arch = "x86_64"))]
fn ticks() -> u64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(ORIGIN.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
