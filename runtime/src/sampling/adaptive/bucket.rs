//! A token bucket in one word: it fills at a constant rate, and is taken from without a lock.
//!
//! The word is the time at which the bucket will be full again. Taking tokens moves it into the future by the time
//! that they take to flow in, and more than a bucket holds cannot be owed. So over any time `t` at most
//! `capacity + rate × t` goes out, and with half a second's worth of capacity never more than 105 % of what
//! flows in over ten seconds.

use crate::sync::Relaxed;
use crate::sync::modelled::AtomicU64;

/// Time in a bucket is counted in so many parts of a nanosecond, so that a byte of a large budget is not nothing.
const PARTS: u64 = 64;
/// What fits into a bucket, as the time in which it flows in.
const CAPACITY: u64 = PARTS * 500_000_000;
/// Nobody owes more: what does comes from a clock that was set back.
const MOST_OWED: u64 = PARTS * 60_000_000_000;
/// How often a taker tries anew when another one was faster.
const TRIES: usize = 16;

#[derive(Debug)]
pub(crate) struct Bucket {
    full_at: AtomicU64,
    per_token: f64,
    capacity: u64,
}

/// Why nothing was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Empty;

impl Bucket {
    /// A full one, into which so many tokens flow in a second; it holds one token at the least.
    #[allow(clippy::cast_precision_loss, reason = "times of minutes")]
    pub(crate) fn per_second(rate: f64) -> Self {
        let per_token = PARTS as f64 * 1e9 / rate.max(1e-3);
        let bucket = Self { full_at: AtomicU64::new(0), per_token, capacity: CAPACITY };
        let one = bucket.time_of(1.0);
        Self { capacity: CAPACITY.max(one), ..bucket }
    }

    /// How full it is, from 0 to 1.
    #[allow(clippy::cast_precision_loss, reason = "times of minutes")]
    #[inline]
    pub(super) fn level(&self, now_ns: u64) -> f64 {
        let owed = owed(self.full_at.load(Relaxed), now_ns.saturating_mul(PARTS));
        1.0 - (owed as f64 / self.capacity as f64).min(1.0)
    }

    /// Takes so many tokens, if they are there. Who wants more than ever fits must wait until it is full, and
    /// leaves a debt.
    pub(crate) fn take(&self, now_ns: u64, tokens: f64) -> Result<(), Empty> {
        let (now, time) = (now_ns.saturating_mul(PARTS), self.time_of(tokens));
        let needed = time.min(self.capacity);
        let mut seen = self.full_at.load(Relaxed);
        for _ in 0..TRIES {
            let owed = owed(seen, now);
            if owed + needed > self.capacity {
                return Err(Empty);
            }
            let then = now + owed + time;
            match self.full_at.compare_exchange_weak(seen, then, Relaxed, Relaxed) {
                Ok(_) => return Ok(()),
                Err(newer) => seen = newer,
            }
        }
        Err(Empty)
    }

    /// Takes so many tokens that are spent already, whether they are there or not.
    pub(super) fn owe(&self, now_ns: u64, tokens: f64) {
        let (now, time) = (now_ns.saturating_mul(PARTS), self.time_of(tokens));
        let mut seen = self.full_at.load(Relaxed);
        for _ in 0..TRIES {
            // A thread whose clock is a moment behind must not take it for one that was set back.
            let then = now + (owed(seen, now) + time).min(MOST_OWED / 2);
            match self.full_at.compare_exchange_weak(seen, then, Relaxed, Relaxed) {
                Ok(_) => return,
                Err(newer) => seen = newer,
            }
        }
    }

    /// Gives back what was taken.
    pub(super) fn give_back(&self, tokens: f64) {
        self.full_at.fetch_sub(self.time_of(tokens), Relaxed);
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between zero and what may be owed"
    )]
    fn time_of(&self, tokens: f64) -> u64 {
        (tokens * self.per_token).min(MOST_OWED as f64 / 2.0) as u64
    }
}

/// How long until the bucket is full.
fn owed(full_at: u64, now: u64) -> u64 {
    Some(full_at.saturating_sub(now)).filter(|owed| *owed <= MOST_OWED).unwrap_or(0)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn taken(bucket: &Bucket, times: impl Iterator<Item = u64>, tokens: f64) -> usize {
        times.filter(|now| bucket.take(*now, tokens).is_ok()).count()
    }

    #[test]
    fn no_ten_seconds_give_more_than_five_percent_above_the_rate() {
        let bucket = Bucket::per_second(100.0);
        let out: Vec<u64> = (0..60_000)
            .map(|n| n * SECOND / 1000)
            .filter(|now| bucket.take(*now, 1.0).is_ok())
            .collect();
        assert!(out.len() >= 6000, "what flows in is not lost: {}", out.len());
        for start in &out {
            let window = out.iter().filter(|now| (*start..start + 10 * SECOND).contains(now));
            assert!(window.count() <= 1050);
        }
    }

    #[test]
    fn the_level_falls_by_what_is_taken_and_rises_with_time() {
        let bucket = Bucket::per_second(100.0);
        assert!((bucket.level(0) - 1.0).abs() < 1e-9);
        bucket.take(0, 25.0).unwrap();
        assert!((bucket.level(0) - 0.5).abs() < 1e-9);
        assert!((bucket.level(SECOND / 8) - 0.75).abs() < 1e-9);
        bucket.give_back(12.5);
        assert!((bucket.level(SECOND / 8) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_owed_is_paid_before_anything_else_is_taken() {
        let bucket = Bucket::per_second(100.0);
        bucket.owe(0, 150.0);
        assert!(bucket.take(0, 1.0).is_err());
        assert!(bucket.take(SECOND, 1.0).is_err(), "a bucket below nothing");
        assert_eq!(taken(&bucket, (0..200).map(|n| n * SECOND / 100), 1.0), 100 - 1);
        let deep = Bucket::per_second(1.0);
        for _ in 0..10 {
            deep.owe(0, 1e9);
        }
        assert!(deep.take(0, 1.0).is_err(), "no debt is forgotten because it is large");
        deep.owe(SECOND, 1.0);
        assert!(deep.take(SECOND / 2, 1.0).is_err(), "nor by a thread that is behind");
        assert!(deep.take(61 * SECOND, 1.0).is_ok(), "and none outlives a minute");
    }

    #[test]
    fn a_small_rate_still_gives_whole_tokens() {
        let bucket = Bucket::per_second(0.5);
        assert_eq!(taken(&bucket, (0..1000).map(|n| n * SECOND / 10), 1.0), 50);
    }

    #[test]
    fn what_is_larger_than_the_bucket_waits_until_it_is_full_and_is_paid_off() {
        let bucket = Bucket::per_second(100.0);
        bucket.take(0, 1.0).unwrap();
        assert_eq!(bucket.take(0, 1000.0), Err(Empty));
        bucket.take(SECOND, 1000.0).unwrap();
        assert_eq!(taken(&bucket, (2..11).map(|n| n * SECOND), 1.0), 0);
        assert_eq!(taken(&bucket, (12..14).map(|n| n * SECOND), 1.0), 2);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_close_it() {
        let bucket = Bucket::per_second(100.0);
        bucket.take(1_000_000 * SECOND, 25.0).unwrap();
        assert!(bucket.take(0, 1.0).is_ok());
        // One that is a little behind does not open it.
        bucket.take(100 * SECOND, 50.0).unwrap();
        assert_eq!(bucket.take(100 * SECOND - 1000, 1.0), Err(Empty));
    }
}

#[cfg(all(test, loom))]
mod loom_models {
    use super::*;
    use loom::sync::Arc;
    use loom::thread;

    #[test]
    fn loom_takers_at_the_same_time_never_take_more_than_there_is() {
        loom::model(|| {
            // Two seconds a token, so that it holds one.
            let bucket = Arc::new(Bucket::per_second(0.5));
            let take = |bucket: &Bucket| usize::from(bucket.take(0, 1.0).is_ok());
            let other = thread::spawn({
                let bucket = bucket.clone();
                move || take(&bucket)
            });
            let taken = take(&bucket) + other.join().unwrap();
            assert_eq!(taken, 1);
        });
    }

    #[test]
    fn loom_what_is_given_back_is_there_again() {
        loom::model(|| {
            let bucket = Arc::new(Bucket::per_second(0.5));
            let other = thread::spawn({
                let bucket = bucket.clone();
                move || {
                    if bucket.take(0, 1.0).is_ok() {
                        bucket.give_back(1.0);
                    }
                }
            });
            let taken = bucket.take(0, 1.0).is_ok();
            other.join().unwrap();
            assert_ne!(bucket.take(0, 1.0).is_ok(), taken);
        });
    }
}
