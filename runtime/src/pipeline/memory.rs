//! One bound on what waits: the words in all outboxes, and those that the collector has in hand.
//!
//! A thread reserves a few kibibytes at a time and spends them without asking again, so that threads meet
//! at the common counter once in many traces. The collector gives words back when they have been sent.

use crate::pipeline::collector;
use crate::sync::{AtomicUsize, Mutex, Relaxed};

/// 32 MiB.
pub(crate) const DEFAULT_LIMIT_BYTES: usize = 32 << 20;
/// What a thread reserves beyond its need.
const CREDIT: usize = (4 << 10) / 8;
/// The collector is called each time that so much more is held.
const CALL_EACH: usize = (2 << 20) / 8;

static LIMIT: AtomicUsize = AtomicUsize::new(DEFAULT_LIMIT_BYTES / 8);
static HELD: AtomicUsize = AtomicUsize::new(0);

/// All that waits may have so many bytes from now on.
pub(crate) fn set_limit_bytes(bytes: usize) {
    LIMIT.store(bytes / 8, Relaxed);
}

/// How many words may be held.
pub(crate) fn limit() -> usize {
    LIMIT.load(Relaxed)
}

/// Whether there is room for so many words; it is taken if there is.
pub(crate) fn reserve(words: usize) -> bool {
    let before = HELD.fetch_add(words, Relaxed);
    let after = before.saturating_add(words);
    if after > LIMIT.load(Relaxed) {
        HELD.fetch_sub(words, Relaxed);
        return false;
    }
    if before == 0 || before / CALL_EACH != after / CALL_EACH {
        collector::call_first(before);
    }
    true
}

/// The same for a thread that has some credit already.
#[inline]
pub(crate) fn reserve_with(credit: &AtomicUsize, words: usize) -> bool {
    // Its thread is the only one that writes to it.
    let left = credit.load(Relaxed);
    if words <= left {
        credit.store(left - words, Relaxed);
        return true;
    }
    reserve_more(credit, left, words)
}

#[cold]
fn reserve_more(credit: &AtomicUsize, left: usize, words: usize) -> bool {
    let needed = words - left;
    if reserve(needed + CREDIT) {
        credit.store(CREDIT, Relaxed);
        return true;
    }
    // The last words are spent without a margin.
    let spent = reserve(needed);
    if spent {
        credit.store(0, Relaxed);
    }
    spent
}

/// Gives words back.
pub(crate) fn release(words: usize) {
    HELD.fetch_sub(words, Relaxed);
}

/// How many words are held.
pub(crate) fn held() -> usize {
    HELD.load(Relaxed)
}

/// Whether so much is held that what comes had better take less room.
pub(crate) fn is_tight() -> bool {
    held() > limit() / 2
}

/// In a forked child: nothing is held yet.
#[cfg(all(unix, not(loom)))]
pub(crate) fn begin_again() {
    HELD.store(0, Relaxed);
}

/// Words of a page: 64 KiB.
pub(crate) const PAGE: usize = (64 << 10) / 8;
/// So many empty pages are kept.
const MAX_SPARE: usize = 16;

static SPARE: Mutex<Vec<Vec<u64>>> = Mutex::new(Vec::new());

/// A page with room for so many words: one that was used before, if there is one and nobody else looks.
pub(crate) fn page(words: usize) -> Vec<u64> {
    let used = (words <= PAGE).then(|| SPARE.try_lock().ok()?.pop()).flatten();
    used.unwrap_or_else(|| Vec::with_capacity(words.max(PAGE)))
}

/// Takes a page back that was read.
pub(crate) fn recycle(mut page: Vec<u64>) {
    if page.capacity() == PAGE {
        if let Ok(mut spare) = SPARE.try_lock() {
            if spare.len() < MAX_SPARE {
                page.clear();
                spare.push(page);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One after the other: what is refused is taken for a moment, in which others find no room.
    #[test]
    fn credit_is_spent_before_more_is_reserved_and_what_is_more_than_all_is_refused() {
        let credit = AtomicUsize::new(0);
        assert!(!reserve_with(&credit, DEFAULT_LIMIT_BYTES));
        assert_eq!(credit.load(Relaxed), 0);
        assert!(reserve_with(&credit, 10));
        assert_eq!(credit.load(Relaxed), CREDIT);
        assert!(reserve_with(&credit, 10));
        assert_eq!(credit.load(Relaxed), CREDIT - 10);
        release(CREDIT + 10);
    }
}
