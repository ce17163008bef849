//! The most spans of one trace that one process sends.
//!
//! Past the cap a chunk is as if it were [crowded](super::fold): what finishes without anything remarkable is folded
//! into one record for its place, so that the error at iteration 900,000 still arrives. A tenth more than the
//! cap is written down for the sake of such spans, and what comes then is counted on the local root alone.

use crate::segment::block::Block;
use crate::segment::chunk::state;
use crate::segment::record::RECORD;
use crate::segment::shared::{Route, Shared};
use crate::segment::thread::Hot;
use crate::sync::{AtomicU32, Relaxed};

/// Without anybody saying otherwise.
const DEFAULT: u32 = 10_000;

/// The word of a header that counts, while the chunk is written, what its parts sent.
const SENT: usize = 7;

static CAP: AtomicU32 = AtomicU32::new(DEFAULT);

/// Sets the cap of the process.
pub(crate) fn set(spans: u32) {
    CAP.store(spans.max(1), Relaxed);
}

/// How many spans chunks of one segment may have together that are not its root's.
pub(crate) fn of_others(route: &Route) -> u32 {
    match route {
        Route::Process => CAP.load(Relaxed),
        // A test wants to see every span, unless it says otherwise.
        Route::Capture(capture) => capture.spans_per_trace(),
    }
}

fn of_current(hot: &Hot) -> u32 {
    let shared = hot.shared.take();
    let cap = of_others(shared.as_deref().map_or(&Route::Process, Shared::route));
    hot.shared.set(shared);
    cap
}

/// How many spans of the current chunk are written down, or were.
fn written(hot: &Hot) -> u64 {
    let crowd = hot.crowd.take();
    let lost = crowd.as_ref().map_or(0, |crowd| crowd.lost());
    hot.crowd.set(crowd);
    sent(hot.block.get()) + u64::from(hot.spans().saturating_sub(lost))
}

/// How many spans parts of this chunk sent.
pub(crate) fn sent(block: Block) -> u64 {
    block.get(SENT).map_or(0, |sent| sent.load(Relaxed))
}

/// So many spans were sent; that word is something else in what leaves.
pub(crate) fn set_sent(block: Block, spans: u64) {
    if let Some(sent) = block.get(SENT) {
        sent.store(spans, Relaxed);
    }
}

/// Notes that the cap is reached. Returns how many words entries may write until the next look.
#[cold]
#[allow(clippy::cast_possible_truncation, reason = "no more than a step")]
pub(crate) fn look(hot: &Hot, step: usize) -> usize {
    let left = u64::from(of_current(hot)).saturating_sub(written(hot));
    if left == 0 && hot.state.get() & state::CAPPED == 0 {
        hot.add_state(state::CAPPED | state::CROWDED);
        let mut crowd = hot.crowd.take().unwrap_or_default();
        crowd.begin_at(hot.cursor());
        hot.crowd.set(Some(crowd));
    }
    // No span is shorter than this.
    left.saturating_mul(RECORD as u64).min(step as u64) as usize
}

/// Whether not even what is remarkable is written down any more.
pub(crate) fn is_reached(hot: &Hot) -> bool {
    hot.state.get() & state::CAPPED != 0 && {
        let cap = u64::from(of_current(hot));
        written(hot) >= cap + cap / 10
    }
}
