//! Which places are rarely entered, found out without looking at every call.
//!
//! Once a minute every place that is on is marked, so that its next call takes the cold path. That call notes the
//! time, takes the mark away, and knows when the place was seen before. A trace in which a place was entered for the
//! first time in ten minutes, or at all, is [rare](crate::sampling::Class::Rare).

use super::{Callsite, REGISTRATION, SITES, SPECIAL};
use crate::clock;
use crate::segment::chunk::state;
use crate::segment::record::flag;
use crate::segment::thread::hot;
use crate::sync::{AtomicU64, PoisonError, Relaxed};

/// A place is rare that was not seen for so many seconds.
const RARE_AFTER: u32 = 600;
const SWEEP_EVERY_NS: u64 = 60_000_000_000;

/// When places were last marked, in ticks.
static LAST_SWEEP: AtomicU64 = AtomicU64::new(0);

/// Marks all places, if it is time to.
pub(crate) fn sweep_if_due() {
    let (last, now) = (LAST_SWEEP.load(Relaxed), clock::ticks());
    if last == 0 {
        LAST_SWEEP.store(now, Relaxed);
    } else if clock::elapsed_ns(last, now) >= SWEEP_EVERY_NS {
        LAST_SWEEP.store(now, Relaxed);
        sweep();
    }
}

/// Marks all places that are on.
pub(crate) fn sweep() {
    let _nobody_switches = REGISTRATION.lock().unwrap_or_else(PoisonError::into_inner);
    for site in SITES.iter() {
        let state = site.state.load(Relaxed);
        if state != super::OFF {
            // Whoever takes away a mark meanwhile finds another state, and leaves this one.
            site.state.store(state | SPECIAL | flag::SWEPT, Relaxed);
        }
    }
}

impl Callsite {
    /// A marked place is entered.
    pub(crate) fn note_entered(&self, marked: u64) {
        let others = marked & (flag::WATCHED | flag::GATED);
        let sign = if others == 0 { SPECIAL } else { 0 };
        let unmarked = marked & !(flag::SWEPT | sign);
        // Who comes second, or after a switch, has nothing to note.
        if self.state.compare_exchange(marked, unmarked, Relaxed, Relaxed).is_err() {
            return;
        }
        let before = self.seen_seconds.swap(now_seconds(), Relaxed);
        if is_rare(before, now_seconds()) {
            hot(|hot| {
                if hot.is_recording() {
                    hot.add_state(state::RARE);
                }
            });
        }
    }
}

/// Seconds by the clock of spans, never zero.
fn now_seconds() -> u32 {
    let seconds = clock::elapsed_ns(0, clock::ticks()) / 1_000_000_000;
    u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
}

fn is_rare(before: u32, now: u32) -> bool {
    before == 0 || now.saturating_sub(before) >= RARE_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_is_what_was_not_seen_for_ten_minutes() {
        assert!(is_rare(0, 1));
        assert!(is_rare(1, 601));
        assert!(!is_rare(1, 600));
        assert!(!is_rare(600, 1), "a clock that was set back");
    }
}
