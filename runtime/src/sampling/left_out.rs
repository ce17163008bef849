//! Requests that are left out before anybody looks for their place.
//!
//! Where a fixed part of all traces is sampled, most of what a service answers is not recorded, and nobody needs to know
//! what it would be called. One word says which traces these are: it is zero unless the sampler goes by a threshold
//! alone, and all places of requests are on, whatever their names.

use super::Randomness;
use crate::id::TraceId;
use crate::pipeline::install;
use crate::sync::{AtomicU64, Relaxed};

/// The target of all places of requests.
pub const TARGET: &str = "traced_http";

static BELOW: AtomicU64 = AtomicU64::new(0);

/// Whether places of requests are all on has been found out anew.
pub(crate) fn settle(all_are_on: bool) {
    BELOW.store(if all_are_on { install::leaves_out_below() } else { 0 }, Relaxed);
}

/// Whether any trace is left out so.
#[inline]
pub(crate) fn is_any() -> bool {
    BELOW.load(Relaxed) != 0
}

/// Whether this one is.
#[inline]
pub(crate) fn is_left_out(trace: TraceId) -> bool {
    Randomness::of_trace(trace).to_u64() < BELOW.load(Relaxed)
}
