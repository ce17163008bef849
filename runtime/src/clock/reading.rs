//! The clocks side by side.
//!
//! Clocks cannot be read at the same moment, so one of them is read around the others: whatever they
//! say was true at some point of the bracket. Of a few brackets the narrowest counts, and its width is
//! kept as the bound of the error: a thread may be preempted in any of them, and waiting for a better
//! one would be a spin.

use super::{Source, instant};
use crate::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// Some hundred nanoseconds in all.
const BRACKETS: usize = 4;

/// A tick, and the monotonic clock at that tick.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pair {
    pub(super) tick: u64,
    pub(super) monotonic_ns: u64,
    /// `tick` is the middle of a bracket this wide.
    pub(super) width_ticks: u64,
}

/// A pair, and what the wall clock said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) pair: Pair,
    pub(super) unix_ns: u64,
}

impl Reading {
    pub(super) fn take(source: Source) -> Self {
        let narrowest = (1..BRACKETS).fold(Self::bracket(source), |best, _| {
            let next = Self::bracket(source);
            if next.pair.width_ticks < best.pair.width_ticks { next } else { best }
        });
        narrowest.exact_where_ticks_are_time(source)
    }

    fn bracket(source: Source) -> Self {
        let before = source.ticks();
        let monotonic_ns = instant::now_ns();
        let unix_ns = unix_now_ns();
        // Counters of two cores may differ by a few ticks.
        let width_ticks = source.ticks().saturating_sub(before);
        Self { pair: Pair { tick: before + width_ticks / 2, monotonic_ns, width_ticks }, unix_ns }
    }

    /// There is no middle to be guessed when both clocks of a pair are one.
    fn exact_where_ticks_are_time(mut self, source: Source) -> Self {
        if source == Source::Instant {
            self.pair.tick = self.pair.monotonic_ns;
        }
        self
    }
}

/// Zero for a clock that stands before 1970.
fn unix_now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// The first pair of this process: where every measure of the ratio starts.
pub(super) fn first(source: Source) -> Pair {
    static COUNTER: OnceLock<Pair> = OnceLock::new();
    static INSTANT: OnceLock<Pair> = OnceLock::new();
    let first = if source == Source::Instant { &INSTANT } else { &COUNTER };
    *first.get_or_init(|| Reading::take(source).pair)
}

#[cfg(test)]
mod tests {
    use super::super::ratio::NsPerTick;
    use super::super::slope::Slope;
    use super::*;

    #[test]
    fn ticks_of_the_monotonic_clock_are_nanoseconds() {
        let (from, to) = (first(Source::Instant), Reading::take(Source::Instant).pair);
        assert_eq!((from.tick, to.tick), (from.monotonic_ns, to.monotonic_ns));
        assert!(Slope::between(from, to).is_none_or(|slope| slope.ratio == NsPerTick::ONE));
    }

    #[test]
    fn the_first_pair_stays_the_first() {
        assert_eq!(first(Source::Instant), first(Source::Instant));
    }
}
