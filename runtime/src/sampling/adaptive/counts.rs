//! What became of segments, by class and reason.

use super::class::Class;
use super::keys::{SHARDS, shard};
use crate::sync::{AtomicU64, Relaxed};

/// What became of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It goes out.
    Kept,
    /// Its randomness did not reach the threshold.
    Chance,
    /// It did, and there was nothing left of the budget.
    Budget,
}

const FATES: usize = 3;

/// What became of the segments that a sampler judged, by class.
///
/// A segment counts for the first class that it belongs to; one that was kept, for the class that kept it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Sampled([[u64; FATES]; Class::ALL.len()]);

impl Sampled {
    /// Segments of this class that went out.
    pub fn kept(&self, class: Class) -> u64 {
        self.0[class as usize][Fate::Kept as usize]
    }

    /// Segments of this class that were dropped because chance decided so, to fit the rest into the budget.
    pub fn dropped_by_chance(&self, class: Class) -> u64 {
        self.0[class as usize][Fate::Chance as usize]
    }

    /// Segments of this class that chance would have kept, and for which the budget had nothing left.
    pub fn dropped_over_budget(&self, class: Class) -> u64 {
        self.0[class as usize][Fate::Budget as usize]
    }
}

/// Kept apart for groups of threads, as arrivals are.
#[repr(align(128))]
#[derive(Debug, Default)]
struct Shard([[AtomicU64; FATES]; Class::ALL.len()]);

#[derive(Debug, Default)]
pub(super) struct Counts([Shard; SHARDS]);

impl Counts {
    pub(super) fn add(&self, class: Class, fate: Fate) {
        self.0[shard()].0[class as usize][fate as usize].fetch_add(1, Relaxed);
    }

    pub(super) fn read(&self) -> Sampled {
        let mut sum = Sampled::default();
        for shard in &self.0 {
            for (sums, counts) in sum.0.iter_mut().zip(&shard.0) {
                for (sum, count) in sums.iter_mut().zip(counts) {
                    *sum += count.load(Relaxed);
                }
            }
        }
        sum
    }
}
