//! How long a tick is.

/// Nanoseconds per tick, with 40 bits after the point: exact to a microsecond in a day at 6 GHz, and
/// room for ticks of 16 milliseconds. Never zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NsPerTick(u64);

const FRACTION_BITS: u32 = 40;

impl NsPerTick {
    pub(super) const ONE: Self = Self(1 << FRACTION_BITS);

    /// None where two clocks did not both advance, or by amounts that no counter shows.
    pub(super) fn measured(ticks: u64, ns: u64) -> Option<Self> {
        let bits = (u128::from(ns) << FRACTION_BITS).checked_div(u128::from(ticks))?;
        Self::from_bits(u64::try_from(bits).ok()?)
    }

    /// Zero stands for "not known".
    pub(super) const fn from_bits(bits: u64) -> Option<Self> {
        if bits == 0 { None } else { Some(Self(bits)) }
    }

    pub(super) const fn to_bits(self) -> u64 {
        self.0
    }

    /// The length of so many ticks, rounded down, at most `u64::MAX`.
    #[inline]
    pub(super) fn ns(self, ticks: u64) -> u64 {
        Self::whole(self.times(ticks)).unwrap_or(u64::MAX)
    }

    /// The length of so many ticks, in fractions of a nanosecond.
    #[inline]
    pub(super) const fn times(self, ticks: u64) -> u128 {
        // Two factors below 2^64 have a product below 2^128.
        ticks as u128 * self.0 as u128
    }

    /// So many nanoseconds in fractions of one.
    pub(super) const fn fractions(ns: u64) -> u128 {
        (ns as u128) << FRACTION_BITS
    }

    /// Fractions of a nanosecond in whole ones, rounded down; None beyond a `u64`.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "halves")]
    pub(super) const fn whole(fractions: u128) -> Option<u64> {
        let (high, low) = ((fractions >> 64) as u64, fractions as u64);
        if high >> FRACTION_BITS != 0 {
            return None;
        }
        Some(high << (u64::BITS - FRACTION_BITS) | low >> FRACTION_BITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_NS: u64 = 3_600_000_000_000;

    #[test]
    fn a_day_is_exact_to_a_microsecond_at_every_common_frequency() {
        for hertz in
            [1_000_000_u64, 19_200_000, 24_000_000, 1_000_000_000, 2_893_201_000, 6_000_000_000]
        {
            let ratio = NsPerTick::measured(hertz, 1_000_000_000).unwrap();
            let day = ratio.ns(hertz * 86_400);
            assert!(day.abs_diff(24 * HOUR_NS) <= 1_000, "{hertz} Hz: {day}");
        }
    }

    #[test]
    fn the_largest_numbers_saturate_and_do_not_wrap() {
        assert_eq!(NsPerTick::ONE.ns(u64::MAX), u64::MAX);
        assert_eq!(NsPerTick(u64::MAX).ns(u64::MAX), u64::MAX);
        assert_eq!(NsPerTick(1).ns(u64::MAX), u64::MAX >> 40);
        assert_eq!(NsPerTick::measured(u64::MAX, u64::MAX), Some(NsPerTick::ONE));
    }

    #[test]
    fn what_is_no_ratio_is_refused() {
        for (ticks, ns) in [(0, 0), (0, 1), (1, 0), (1, u64::MAX), (u64::MAX, 1)] {
            assert_eq!(NsPerTick::measured(ticks, ns), None, "{ns} ns in {ticks} ticks");
        }
    }
}
