//! `sample = …` and `limit = …` at a place: which part of its calls is recorded, and how many a second.
//!
//! At a root this is part of the trace's own decision: `sample` compares its threshold with the trace's
//! randomness, so that services agree and the weight stays true. `limit` goes by arrival, so that what it lets in
//! has no known weight. Inside of a trace each call decides for itself, and what is not recorded takes along all
//! that runs inside of it.

use super::adaptive::Bucket;
use super::{Head, Start, Threshold};
use crate::callsite::{About, Callsite};
use crate::clock;
use crate::id::random;

/// Whether not every call of a place is recorded.
#[inline]
pub(crate) fn is_gated(place: &About) -> bool {
    place.sample < 1.0 || place.limit_per_second > 0.0
}

/// A bucket for the calls of a place that has a limit.
pub(crate) fn bucket(place: &About) -> Bucket {
    Bucket::per_second(place.limit_per_second)
}

/// What the place of a root, of which not every call is recorded, makes of what a sampler decided.
#[cold]
pub(crate) fn at_root(site: &'static Callsite, start: &Start, decided: Head) -> Head {
    let place = site.about();
    let mut head = decided;
    if place.sample < 1.0 {
        match Threshold::of_probability(place.sample) {
            Some(own) if own.admits(start.randomness) => {
                head.threshold = head.threshold.map(|threshold| threshold.max(own));
            }
            _ => return Head::OFF,
        }
    }
    if place.limit_per_second > 0.0 {
        head.threshold = None;
        if (head.recorded || head.sampled) && !has_room(site) {
            return Head::OFF;
        }
    }
    head
}

/// Whether a call inside of a trace is recorded.
pub(crate) fn admits(site: &'static Callsite) -> bool {
    let place = site.about();
    is_chosen(place.sample) && (place.limit_per_second <= 0.0 || has_room(site))
}

#[allow(clippy::cast_precision_loss, reason = "53 bits of chance")]
fn is_chosen(part: f64) -> bool {
    part >= 1.0 || ((random() >> 11) as f64) < part * (1_u64 << 53) as f64
}

fn has_room(site: &'static Callsite) -> bool {
    let now = clock::elapsed_ns(0, clock::ticks());
    site.limit().is_none_or(|bucket| bucket.take(now, 1.0).is_ok())
}
