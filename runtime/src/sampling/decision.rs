//! What was decided about a segment, as one word; and how samplers are asked.

use super::{End, Head, Randomness, Sampler, Start, Threshold, Verdict};
use crate::pipeline::install;
use crate::segment::block::Block;
use crate::segment::record::SAMPLING_WORD;
use crate::segment::shared::{Route, Shared};
use crate::segment::thread::hot;
use crate::sync::Relaxed;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What is known about a segment, or decided: the bits of its header's [`SAMPLING_WORD`] that are not others'.
///
/// `threshold:56 | 0:2 | (random:1) | kept:1 | partial:1 | weighted:1 | (sampled:1 | parent is remote:1)`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Decision(u64);

impl Decision {
    /// Nothing is decided, and the weight is unknown.
    pub(crate) const OPEN: Self = Self(0);
    /// It is forgotten. No other decision is this number.
    pub(crate) const DROP: Self = Self(1);

    const WEIGHTED: u64 = 1 << 2;
    const PARTIAL: u64 = 1 << 3;
    const KEPT: u64 = 1 << 4;
    const SHIFT: u32 = 8;
    /// What a header has besides.
    const OTHERS: u64 = 3 | 1 << 5;

    /// Sampled at the start, by this threshold if it is known.
    pub(crate) fn at_start(threshold: Option<Threshold>) -> Self {
        Self(threshold.map_or(0, |threshold| threshold.to_u64() << Self::SHIFT | Self::WEIGHTED))
    }

    /// What a verdict makes of a segment that is so at its end.
    fn at_end(self, sampled: bool, verdict: Verdict) -> Self {
        let weight = match (verdict, self.threshold()) {
            (Verdict::Drop, _) => return Self::DROP,
            (Verdict::Keep, known) if sampled => Self::at_start(known),
            (Verdict::KeepAt(higher), Some(known)) if sampled => {
                Self::at_start(Some(known.max(higher)))
            }
            (Verdict::KeepAt(_), None) if sampled => Self::OPEN,
            (Verdict::KeepAt(_) | Verdict::Keep | Verdict::KeepPartial, _) => Self(Self::PARTIAL),
        };
        Self(weight.0 | Self::KEPT)
    }

    /// What a verdict makes of a segment that was sampled by nobody knows what.
    #[cfg(all(test, loom))]
    pub(crate) fn of_verdict(verdict: Verdict) -> Self {
        Self::OPEN.at_end(true, verdict)
    }

    /// From the word as it is shared between threads.
    pub(crate) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    pub(crate) fn to_bits(self) -> u64 {
        self.0
    }

    /// From the header's word.
    pub(crate) fn of_word(word: u64) -> Self {
        Self(word & !Self::OTHERS)
    }

    pub(crate) fn of_block(block: Block) -> Self {
        block.get(SAMPLING_WORD).map_or(Self::OPEN, |word| Self::of_word(word.load(Relaxed)))
    }

    /// The header's word after the decision.
    pub(crate) fn applied_to(self, word: u64) -> u64 {
        if self.is_kept() { word & Self::OTHERS | self.0 } else { word }
    }

    pub(crate) fn is_kept(self) -> bool {
        self.0 & Self::KEPT != 0
    }

    /// Whether it was kept although other services may not have kept their part.
    pub(crate) fn is_partial(self) -> bool {
        self.0 & Self::PARTIAL != 0
    }

    /// What a kept segment's weight follows from, if it has one.
    pub(crate) fn threshold(self) -> Option<Threshold> {
        let is_known = self.0 & Self::WEIGHTED != 0;
        Threshold::new(self.0 >> Self::SHIFT).filter(|_| is_known)
    }
}

/// Asks the sampler of a route about a root that begins; nobody listens where there is none.
#[inline(always)]
pub(crate) fn head(start: &Start, route: &Route) -> Option<Head> {
    sampler_of(route).map(|sampler| guarded_head(sampler, start))
}

fn sampler_of(route: &Route) -> Option<&dyn Sampler> {
    match route {
        Route::Capture(capture) => Some(capture.sampler()),
        Route::Process => install::sampler(),
    }
}

/// A sampler that panics has decided nothing: the trace is not recorded.
fn guarded_head(sampler: &dyn Sampler, start: &Start) -> Head {
    undisturbed(|| sampler.start(start)).unwrap_or(Head::OFF)
}

/// Runs what may be code of the user where this thread has never heard of tracing; nothing if it panics.
#[inline]
fn undisturbed<R>(ask: impl FnOnce() -> R) -> Option<R> {
    let ask = || catch_unwind(AssertUnwindSafe(ask)).ok();
    hot(|hot| if hot.is_active() { hot.undisturbed(ask) } else { hot.undisturbed_idle(ask) })
}

/// Tells the sampler that about so many bytes more of a segment go out which it kept.
pub(crate) fn note_more(bytes: u64, shared: Option<&Shared>) {
    let route = shared.map_or(&Route::Process, Shared::route);
    if let Some(sampler) = sampler_of(route) {
        // Who panics here has not heard of it.
        let _heard = undisturbed(|| sampler.sent_more(bytes));
    }
}

/// Asks the sampler of a segment about its root, which stands in this block. `bits` is the state of the root's
/// chunk.
pub(crate) fn judge(
    block: Block,
    words: usize,
    bits: u32,
    shared: Option<&Shared>,
) -> Option<Decision> {
    judge_with(block, words, bits, shared)
}

/// The same of a segment that shares nothing.
#[inline(always)]
pub(crate) fn judge_whole(block: Block, words: usize, bits: u32) -> Option<Decision> {
    judge_with(block, words, bits, None)
}

#[inline(always)]
fn judge_with(block: Block, words: usize, bits: u32, shared: Option<&Shared>) -> Option<Decision> {
    let bits = bits | shared.map_or(0, Shared::marks);
    let randomness: Option<Randomness> = shared.and_then(Shared::randomness);
    let route = shared.map_or(&Route::Process, Shared::route);
    let waiting = shared.map_or(0, Shared::waiting_bytes);
    let end = End { block, bits, words, waiting, randomness };
    let forced = end.is_forced();
    let asked = sampler_of(route).map(|sampler| {
        let ask = || if forced { sampler.end_forced(&end) } else { sampler.end(&end) };
        // A sampler that panics has decided nothing: what it called sampled stays so.
        let followed = if forced || end.is_sampled() { Verdict::Keep } else { Verdict::Drop };
        undisturbed(ask).unwrap_or(followed)
    });
    // What was forced is kept even if nobody is left to say so.
    let verdict = asked.or(forced.then_some(Verdict::Keep))?;
    Some(Decision::of_block(block).at_end(end.is_sampled(), verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threshold(probability: f64) -> Option<Threshold> {
        Threshold::of_probability(probability)
    }

    #[test]
    fn each_row_of_the_table() {
        let at = |probability| Verdict::KeepAt(threshold(probability).unwrap());
        let (known, unknown) = (threshold(0.5), None);
        // The start's threshold, whether it sampled, the verdict: the weight, whether it is partial.
        let rows = [
            (known, true, Verdict::Keep, known, false),
            (known, true, at(0.25), threshold(0.25), false),
            (known, true, at(1.0), known, false),
            (known, true, Verdict::KeepPartial, None, true),
            (unknown, true, Verdict::Keep, None, false),
            (unknown, true, at(0.25), None, false),
            (unknown, true, Verdict::KeepPartial, None, true),
            (unknown, false, Verdict::Keep, None, true),
            (unknown, false, at(0.25), None, true),
            (unknown, false, Verdict::KeepPartial, None, true),
        ];
        for (start, sampled, verdict, weight, partial) in rows {
            let decision = Decision::at_start(start).at_end(sampled, verdict);
            assert!(decision.is_kept());
            assert_eq!((decision.threshold(), decision.is_partial()), (weight, partial));
            let dropped = Decision::at_start(start).at_end(sampled, Verdict::Drop);
            assert_eq!(dropped, Decision::DROP);
            assert!(!dropped.is_kept());
        }
    }

    #[test]
    fn a_decision_survives_the_header() {
        for others in 0..4 {
            for bits in [0, 1, (1 << 56) - 1, 0x00ab_cdef_0123_4567] {
                let decision = Decision::at_start(Threshold::new(bits)).at_end(true, Verdict::Keep);
                let word = decision.applied_to(u64::MAX << 2 | others);
                assert_eq!(Decision::of_word(word), decision);
                assert_eq!(word & 3, others);
            }
        }
    }
}
