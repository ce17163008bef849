//! What a new reading changes.
//!
//! The translation is a straight line through an anchor. Its slope is the one between the newest pair and
//! the baseline, a pair of one to two minutes ago (or as old as readings are rare): long enough that the
//! brackets no longer matter, short enough to follow a clock that NTP slews. Once the slope is settled, a
//! reading that the line foretells within the reading's own error moves nothing. So spans of successive
//! batches that name one tick get one time, and a reading taken under preemption does no harm.
//!
//! Two things break the line.
//!
//! The *counter jumps*, because the machine slept or moved to another host: ticks go backwards, or a step
//! of theirs is off by more than 500 ppm, the most that the kernel slews for NTP. Then the baseline
//! restarts here, and the ratio is kept until the new baseline shows one. Ticks from before a jump are
//! placed wrong by its size: nothing tells them apart.
//!
//! The *wall clock steps*: its distance from the monotonic clock changes by more than a millisecond.
//! Slewing moves both clocks alike, so less than that is noise, and is ignored; after a step, everything
//! that is translated is placed by the new time.

use super::Source;
use super::ratio::NsPerTick;
use super::reading::{self, Pair, Reading};
use super::slope::Slope;

const BASELINE_NS: u64 = 60_000_000_000;
const JUMP_PPM: u64 = 500;
const STEP_NS: u64 = 1_000_000;

/// After a jump the old ratio is believed this far, since the same counter most likely goes on.
const AFTER_JUMP_PPM: u64 = 1_000;

/// Ticks to Unix time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    tick: u64,
    pub(super) ratio: NsPerTick,
    /// Where tick zero is, in the fractions of a nanosecond that the ratio counts; below zero, it wraps.
    zero: u128,
}

impl Line {
    /// The line through a tick and its time.
    pub(super) const fn through(tick: u64, unix_ns: u64, ratio: NsPerTick) -> Self {
        Self { tick, ratio, zero: NsPerTick::fractions(unix_ns).wrapping_sub(ratio.times(tick)) }
    }

    /// Before 1970 is 1970, and after 2554 is 2554. Rounded down, from wherever the line was drawn: the encoder asks
    /// for each span twice, so that this is one product and one sum.
    #[inline]
    pub(super) fn unix_ns(&self, tick: u64) -> u64 {
        match NsPerTick::whole(self.zero.wrapping_add(self.ratio.times(tick))) {
            Some(ns) => ns,
            None if tick < self.tick => 0,
            None => u64::MAX,
        }
    }
}

#[derive(Debug)]
pub(super) struct Steering {
    pub(super) source: Source,
    pub(super) slope: Slope,
    anchor: Pair,
    latest: Pair,
    baseline: Pair,
    next_baseline: Pair,
    /// Unix time at zero of the monotonic clock.
    unix_offset_ns: i128,
}

impl Steering {
    /// From the first pair of this process to now.
    pub(super) fn begin(source: Source) -> Self {
        let first = reading::first(source);
        Self::between(source, first, Reading::take(source))
    }

    fn between(source: Source, first: Pair, now: Reading) -> Self {
        Self {
            source,
            slope: Slope::between(first, now.pair).unwrap_or(Slope::UNKNOWN),
            anchor: now.pair,
            latest: now.pair,
            baseline: first,
            next_baseline: now.pair,
            unix_offset_ns: offset_of(now),
        }
    }

    pub(super) fn line(&self) -> Line {
        let unix_ns = i128::from(self.anchor.monotonic_ns) + self.unix_offset_ns;
        let unix_ns = u64::try_from(unix_ns.max(0)).unwrap_or(u64::MAX);
        Line::through(self.anchor.tick, unix_ns, self.slope.ratio)
    }

    pub(super) fn take_in(&mut self, reading: Reading) {
        let pair = reading.pair;
        if self.counter_jumped(pair) {
            self.restart(pair);
        } else if !self.slope.is_settled() || !self.foretells(pair) {
            self.follow(pair);
        }
        self.latest = pair;
        self.move_baseline(pair);
        self.notice_step(reading);
    }

    fn counter_jumped(&self, pair: Pair) -> bool {
        let Some(ticks) = pair.tick.checked_sub(self.latest.tick) else { return true };
        let actual_ns = pair.monotonic_ns.saturating_sub(self.latest.monotonic_ns);
        let slewed_ns = actual_ns / (1_000_000 / JUMP_PPM);
        let tolerance_ns = slewed_ns
            .saturating_add(self.doubt_ns(pair))
            .saturating_add(self.doubt_ns(self.latest));
        self.slope.is_settled() && self.slope.ratio.ns(ticks).abs_diff(actual_ns) > tolerance_ns
    }

    fn restart(&mut self, pair: Pair) {
        self.anchor = pair;
        self.baseline = pair;
        self.next_baseline = pair;
        self.slope.error_ppm = self.slope.error_ppm.max(AFTER_JUMP_PPM);
    }

    fn foretells(&self, pair: Pair) -> bool {
        let foretold_ns = self.slope.ratio.ns(pair.tick.saturating_sub(self.anchor.tick));
        let actual_ns = pair.monotonic_ns.saturating_sub(self.anchor.monotonic_ns);
        foretold_ns.abs_diff(actual_ns) <= self.doubt_ns(pair)
    }

    fn follow(&mut self, pair: Pair) {
        self.anchor = pair;
        let believable_ppm = self.slope.error_ppm.max(Slope::SETTLED_PPM);
        let measured = Slope::between(self.baseline, pair);
        if let Some(slope) = measured.filter(|slope| slope.error_ppm <= believable_ppm) {
            self.slope = slope;
        }
    }

    fn move_baseline(&mut self, pair: Pair) {
        if pair.monotonic_ns.saturating_sub(self.next_baseline.monotonic_ns) >= BASELINE_NS {
            self.baseline = self.next_baseline;
            self.next_baseline = pair;
        }
    }

    fn notice_step(&mut self, reading: Reading) {
        let offset_ns = offset_of(reading);
        let moved_ns = offset_ns.abs_diff(self.unix_offset_ns);
        let tolerance_ns = STEP_NS.saturating_add(self.doubt_ns(reading.pair));
        if moved_ns > u128::from(tolerance_ns) {
            self.unix_offset_ns = offset_ns;
        }
    }

    /// How far from its tick the clocks of a pair may have been read.
    fn doubt_ns(&self, pair: Pair) -> u64 {
        self.slope.ratio.ns(pair.width_ticks.div_ceil(2))
    }
}

fn offset_of(reading: Reading) -> i128 {
    i128::from(reading.unix_ns) - i128::from(reading.pair.monotonic_ns)
}

#[cfg(test)]
mod tests;
