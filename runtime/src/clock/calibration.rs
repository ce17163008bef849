//! Ticks as Unix time, for the collector.

use super::ratio::NsPerTick;
use super::reading::Reading;
use super::steering::{Line, Steering};
use super::{elapsed, source};

/// How ticks translate at present. The collector owns it, and [`refresh`](Self::refresh)es it with every batch.
#[derive(Debug)]
pub(crate) struct Calibration {
    line: Line,
    /// None for a translation that stays as it was given.
    steering: Option<Steering>,
}

impl Calibration {
    /// A translation from the time since the source was chosen: at once, and better with every refresh.
    pub(crate) fn start() -> Self {
        let steering = Steering::begin(source());
        Self { line: steering.line(), steering: Some(steering) }
    }

    /// One nanosecond a tick, `unix_ns` at `tick`, for ever: for tests that compare bytes.
    #[allow(dead_code, reason = "the tests of other rooms use it")]
    pub(crate) fn fixed(tick: u64, unix_ns: u64) -> Self {
        Self { line: Line::through(tick, unix_ns, NsPerTick::ONE), steering: None }
    }

    /// As it is now, and stays.
    pub(crate) fn at_present(&self) -> Self {
        Self { line: self.line, steering: None }
    }

    /// Looks at the clocks once more, for some hundred nanoseconds.
    pub(crate) fn refresh(&mut self) {
        let Some(steering) = &mut self.steering else { return };
        let source = source();
        if steering.source == source {
            steering.take_in(Reading::take(source));
        } else {
            *steering = Steering::begin(source);
        }
        self.line = steering.line();
        elapsed::publish(steering.slope);
    }

    /// When a tick was, in nanoseconds since 1970; saturates at both ends of a `u64`.
    #[inline]
    pub(crate) fn unix_ns(&self, tick: u64) -> u64 {
        self.line.unix_ns(tick)
    }

    /// How long it was from one tick to another; zero if that is backwards.
    pub(crate) fn span_ns(&self, from_tick: u64, to_tick: u64) -> u64 {
        self.line.ratio.ns(to_tick.saturating_sub(from_tick))
    }
}

#[cfg(test)]
mod tests {
    use super::super::ticks;
    use super::*;

    #[test]
    fn a_fixed_calibration_stays_as_it_was_given() {
        let mut calibration = Calibration::fixed(100, 1_000);
        calibration.refresh();
        assert_eq!(calibration.unix_ns(100), 1_000);
        assert_eq!(calibration.unix_ns(90), 990);
        assert_eq!(calibration.unix_ns(101), 1_001);
        assert_eq!(calibration.span_ns(90, 101), 11);
    }

    #[test]
    fn the_far_past_and_the_far_future_saturate() {
        let calibration = Calibration::fixed(1_000, 500);
        assert_eq!(calibration.unix_ns(0), 0);
        assert_eq!(calibration.unix_ns(u64::MAX), u64::MAX - 500);
        let late = Calibration::fixed(0, u64::MAX - 1);
        assert_eq!(late.unix_ns(u64::MAX), u64::MAX);
    }

    #[test]
    fn a_span_that_ends_before_it_starts_lasts_nothing() {
        assert_eq!(Calibration::fixed(0, 0).span_ns(2, 1), 0);
    }

    #[test]
    fn later_ticks_are_later_times() {
        let mut calibration = Calibration::start();
        calibration.refresh();
        let (from, to) = (ticks(), ticks());
        assert!(calibration.unix_ns(from) <= calibration.unix_ns(to.max(from)));
        assert!(calibration.unix_ns(to) > 0);
    }
}
