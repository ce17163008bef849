//! How many bytes a record becomes when it is sent: measured, because it depends on the exporter and on names.

use crate::sync::{AtomicU64, Relaxed};

/// Before anything was sent: a span without attributes is four words here and about 130 bytes of OTLP.
const AT_FIRST: u64 = 32;
/// An average over so many words, at the least.
const AVERAGED_OVER: u64 = 1 << 20;

/// What was sent lately: `bytes:32 | words:32`, in one word so that the two belong together.
static SENT: AtomicU64 = AtomicU64::new(0);

/// The collector has sent so many words as so many bytes.
#[cfg_attr(not(feature = "otlp"), allow(dead_code, reason = "who encodes records is a feature"))]
pub(crate) fn note_sent(words: usize, bytes: usize) {
    let limit = |count: usize| (count as u64).min(u64::from(u32::MAX) / 4);
    let (old_bytes, old_words) = halves(SENT.load(Relaxed));
    let (mut bytes, mut words) = (old_bytes + limit(bytes), old_words + limit(words));
    while words > 2 * AVERAGED_OVER || bytes > u64::from(u32::MAX) {
        (bytes, words) = (bytes / 2, words / 2);
    }
    SENT.store(bytes << 32 | words, Relaxed);
}

/// About how many bytes so many words will be.
pub(crate) fn bytes_of(words: usize) -> u64 {
    let words = words as u64;
    match halves(SENT.load(Relaxed)) {
        (0, _) | (_, 0) => words * AT_FIRST,
        (bytes, sent) => (u128::from(words) * u128::from(bytes) / u128::from(sent))
            .try_into()
            .unwrap_or(u64::MAX),
    }
}

fn halves(word: u64) -> (u64, u64) {
    (word >> 32, word & u64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_follows_what_was_sent() {
        assert_eq!(bytes_of(4), 4 * AT_FIRST);
        for _ in 0..100 {
            note_sent(100_000, 2_000_000);
        }
        assert!((39..=41).contains(&bytes_of(2)));
        note_sent(usize::MAX, usize::MAX);
        assert!(bytes_of(1000) >= 1000 / 2);
        SENT.store(0, Relaxed);
    }
}
