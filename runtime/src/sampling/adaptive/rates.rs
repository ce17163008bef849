//! Which part of each kind of traffic is sampled, looked at anew ten times a second.
//!
//! A kind's rate is an exponential average over five seconds. A tenth of a second in which far more or far less
//! came than that, beyond what chance explains, counts at once: a burst is answered after a tenth of a second,
//! silence forgotten after one. Then the parts are found by which the whole fits its target: every kind gets
//! the same number of traces a second, and those that have fewer all of theirs. So no kind starves, and the
//! one that has 99 % of the traffic does not have 99 % of the traces.

use super::keys::{Keys, Slot};
use crate::sync::{AtomicU64, Relaxed};

/// How often the parts are looked at.
pub(super) const TICK_NS: u64 = 100_000_000;
/// The time constant of the averages, in seconds.
const AVERAGED_OVER: f64 = 5.0;
/// Chance explains so many standard deviations.
const DEVIATIONS: f64 = 4.0;
/// A kind that was not seen for so many seconds is forgotten.
const FORGOTTEN_AFTER: u32 = 600;
/// No kind gets a smaller part of its traces.
const LEAST_PART: f64 = 1e-9;

/// When the parts were last looked at.
#[derive(Debug)]
pub(super) struct Ticks {
    next_ns: AtomicU64,
    last_ns: AtomicU64,
}

impl Ticks {
    pub(super) fn new(now_ns: u64) -> Self {
        Self { next_ns: AtomicU64::new(now_ns + TICK_NS), last_ns: AtomicU64::new(now_ns) }
    }

    /// The time since the last look in seconds, for the one thread that is to look now.
    #[inline]
    pub(super) fn due(&self, now_ns: u64) -> Option<f64> {
        let next = self.next_ns.load(Relaxed);
        // A clock that was set back must not keep everybody waiting.
        let is_due = now_ns >= next || next - now_ns > 2 * TICK_NS;
        if is_due { self.claim(next, now_ns) } else { None }
    }

    #[cold]
    fn claim(&self, next: u64, now_ns: u64) -> Option<f64> {
        self.next_ns.compare_exchange(next, now_ns + TICK_NS, Relaxed, Relaxed).ok()?;
        let last = self.last_ns.swap(now_ns, Relaxed);
        let since = now_ns.checked_sub(last).map_or(TICK_NS, |since| since.max(TICK_NS / 10));
        Some(seconds(since))
    }
}

#[allow(clippy::cast_precision_loss, reason = "times of minutes")]
pub(super) fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

/// What an average over `seconds` keeps of what it was.
pub(super) fn kept_after(seconds: f64) -> f64 {
    (-seconds / AVERAGED_OVER).exp()
}

/// The rate after so many arrivals in the last few seconds.
fn averaged(rate: f64, arrivals: f64, seconds: f64) -> f64 {
    let now = arrivals / seconds;
    let expected = rate * seconds;
    let chance = DEVIATIONS * expected.sqrt() + DEVIATIONS;
    if (arrivals - expected).abs() > chance {
        return now;
    }
    let kept = kept_after(seconds);
    rate * kept + now * (1.0 - kept)
}

/// Takes in the arrivals since the last look, and sets the part of each kind so that about `target` traces a
/// second are sampled, and of no kind that begins here a larger part than `most`.
pub(super) fn adapt(keys: &Keys, now_ns: u64, since_seconds: f64, target: f64, most: f64) {
    let now = u32::try_from(now_ns / 1_000_000_000).unwrap_or(u32::MAX);
    let mut highest = 0.0_f64;
    for (slot, arrivals) in keys.arrivals() {
        if arrivals > 0 {
            slot.seen.store(now, Relaxed);
        }
        let rate = averaged(slot.rate(), arrivals.into(), since_seconds);
        slot.set_rate(rate);
        highest = highest.max(rate);
        if arrivals == 0 && now.abs_diff(slot.seen.load(Relaxed)) > FORGOTTEN_AFTER {
            slot.forget();
        }
    }
    let each = level(keys, target, highest, most);
    for slot in keys.known() {
        let part = (each / slot.rate().max(f64::MIN_POSITIVE)).min(most_of(slot, most));
        slot.set_part(part.max(LEAST_PART));
    }
}

/// The part of a kind that may be sampled at most: of what others sampled, all.
fn most_of(slot: &Slot, most: f64) -> f64 {
    if slot.is_joined() { 1.0 } else { most }
}

/// How many traces a second each kind may have so that all together have `target`.
fn level(keys: &Keys, target: f64, highest: f64, most: f64) -> f64 {
    let sampled = |slot: &Slot, each: f64| (slot.rate() * most_of(slot, most)).min(each);
    let together = |each: f64| keys.known().map(|slot| sampled(slot, each)).sum::<f64>();
    if together(highest) <= target {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (0.0, highest);
    for _ in 0..24 {
        let middle = f64::midpoint(low, high);
        if together(middle) <= target { low = middle } else { high = middle }
    }
    // Two kinds that share a place still get something.
    low.max(target / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(arrivals: &[u32], target: f64, most: f64) -> Vec<f64> {
        let keys = Keys::new();
        let slots: Vec<_> = (1..).zip(arrivals).map(|(id, _)| keys.find(id)).collect();
        for (slot, arrivals) in slots.iter().zip(arrivals) {
            (0..*arrivals).for_each(|_| keys.count(*slot));
        }
        adapt(&keys, 1_000_000_000, 1.0, target, most);
        slots.iter().map(|slot| keys.slot(*slot).part().unwrap()).collect()
    }

    #[test]
    fn what_fits_is_sampled_whole() {
        assert_eq!(parts(&[10, 20, 30], 100.0, 1.0), [1.0; 3]);
    }

    #[test]
    fn the_large_get_what_the_small_leave() {
        let parts = parts(&[10_000, 10, 10], 100.0, 1.0);
        assert!((parts[0] * 10_000.0 - 80.0).abs() < 1.0, "{parts:?}");
        assert_eq!(parts[1..], [1.0; 2]);
    }

    #[test]
    fn nobody_gets_more_than_the_most() {
        let parts = parts(&[10, 10_000], 100.0, 0.25);
        assert!((parts[0] - 0.25).abs() < 1e-6);
        assert!((parts[1] * 10_000.0 - 97.5).abs() < 1.0, "{parts:?}");
    }

    #[test]
    fn no_kind_starves_among_very_many() {
        let arrivals: Vec<u32> = (0..150).map(|n| 1000 + 1000 * n).collect();
        let parts = parts(&arrivals, 10.0, 1.0);
        let sampled: Vec<f64> = parts
            .iter()
            .zip(&arrivals)
            .map(|(part, arrivals)| part * f64::from(*arrivals))
            .collect();
        assert!(sampled.iter().all(|sampled| (0.05..0.1).contains(sampled)), "{sampled:?}");
    }

    #[test]
    fn a_burst_and_silence_count_at_once_and_chance_does_not() {
        assert!((averaged(10.0, 1000.0, 0.1) - 10_000.0).abs() < 1e-6);
        assert!(averaged(10_000.0, 0.0, 0.1) < 1e-6);
        assert!((averaged(100.0, 15.0, 0.1) - 101.0).abs() < 0.1);
    }

    #[test]
    fn one_thread_looks_and_a_clock_that_was_set_back_stops_nobody() {
        let ticks = Ticks::new(5 * TICK_NS);
        assert_eq!(ticks.due(5 * TICK_NS + 1), None);
        assert!(ticks.due(7 * TICK_NS).is_some());
        assert_eq!(ticks.due(7 * TICK_NS), None);
        assert!(ticks.due(TICK_NS).is_some(), "set back");
        assert_eq!(ticks.due(TICK_NS + 1), None);
    }
}
