//! The ratio as two pairs show it, and how far to believe it.

use super::ratio::NsPerTick;
use super::reading::Pair;

/// A measured ratio.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slope {
    pub(super) ratio: NsPerTick,
    /// How far off it may be, by the widths of the two brackets.
    pub(super) error_ppm: u64,
}

impl Slope {
    /// Good enough to be kept, and to judge later pairs by: some four milliseconds after the first.
    pub(super) const SETTLED_PPM: u64 = 20;

    /// None unless both clocks went forward.
    pub(super) fn between(from: Pair, to: Pair) -> Option<Self> {
        let ticks = to.tick.checked_sub(from.tick)?;
        let ns = to.monotonic_ns.checked_sub(from.monotonic_ns)?;
        let ratio = NsPerTick::measured(ticks, ns)?;
        let doubt = u128::midpoint(from.width_ticks.into(), to.width_ticks.into());
        let error_ppm = doubt * 1_000_000 / u128::from(ticks);
        Some(Self { ratio, error_ppm: u64::try_from(error_ppm).unwrap_or(u64::MAX) })
    }

    /// What is assumed when nothing has been measured.
    pub(super) const UNKNOWN: Self = Self { ratio: NsPerTick::ONE, error_ppm: u64::MAX };

    pub(super) const fn is_settled(self) -> bool {
        self.error_ppm <= Self::SETTLED_PPM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn pair(tick: u64, monotonic_ns: u64, width_ticks: u64) -> Pair {
        Pair { tick, monotonic_ns, width_ticks }
    }

    #[test]
    fn a_millisecond_apart_usual_brackets_show_a_ratio_to_a_thousandth() {
        let slope = Slope::between(pair(1_000, 50, 300), pair(3_001_000, 1_000_050, 300)).unwrap();
        assert_eq!(slope.error_ppm, 100);
        assert_eq!(slope.ratio.ns(3_000_000), 999_999);
    }

    #[test]
    fn wide_brackets_are_not_believed() {
        let slope = Slope::between(pair(0, 0, 300_000), pair(3_000_000, 1_000_000, 300)).unwrap();
        assert!(!slope.is_settled());
    }

    #[test]
    fn clocks_that_stood_or_went_back_show_no_ratio() {
        let from = pair(100, 100, 2);
        for to in [from, pair(99, 200, 2), pair(200, 99, 2), pair(200, 100, 2), pair(100, 200, 2)] {
            assert!(Slope::between(from, to).is_none());
        }
    }

    #[test]
    fn the_largest_widths_do_not_overflow() {
        let slope = Slope::between(pair(1, 1, u64::MAX), pair(2, 2, u64::MAX)).unwrap();
        assert_eq!(slope.error_ppm, u64::MAX);
    }
}
