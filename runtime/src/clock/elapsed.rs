//! Durations on the application's threads.

use super::ratio::NsPerTick;
use super::reading::{Reading, first};
use super::slope::Slope;
use super::source;
use crate::sync::{AtomicU64, Relaxed};

/// The bits of an [`NsPerTick`], or zero. One word that stands for itself: Relaxed suffices.
static RATIO: AtomicU64 = AtomicU64::new(0);

/// How long it was from one tick to another; zero if that is backwards.
#[inline]
pub(crate) fn elapsed_ns(from_tick: u64, to_tick: u64) -> u64 {
    let ratio = NsPerTick::from_bits(RATIO.load(Relaxed)).unwrap_or_else(ratio_so_far);
    ratio.ns(to_tick.saturating_sub(from_tick))
}

/// What the time since the first pair shows. In a process a millisecond old this is right to a tenth of a
/// percent; as soon as it is settled, it stays until the collector knows better.
#[cold]
fn ratio_so_far() -> NsPerTick {
    let source = source();
    let slope = Slope::between(first(source), Reading::take(source).pair).unwrap_or(Slope::UNKNOWN);
    if slope.is_settled() {
        let _ = RATIO.compare_exchange(0, slope.ratio.to_bits(), Relaxed, Relaxed);
    }
    slope.ratio
}

/// What the collector knows; while that is less than settled, asking the clocks again is better.
pub(super) fn publish(slope: Slope) {
    if slope.is_settled() {
        RATIO.store(slope.ratio.to_bits(), Relaxed);
    }
}

/// After a change of source.
pub(super) fn forget() {
    RATIO.store(0, Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backwards_is_zero_and_the_longest_time_saturates() {
        assert_eq!(elapsed_ns(5, 4), 0);
        assert_eq!(elapsed_ns(u64::MAX, 0), 0);
        assert_eq!(elapsed_ns(7, 7), 0);
        assert!(elapsed_ns(0, u64::MAX) > 1 << 50);
    }
}
