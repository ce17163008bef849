//! What a poll displaced, and must put back.

use crate::hook::Seen;
use crate::id::SpanRef;

/// What was current before a poll: the innermost position; of a future with a chunk of its own, that chunk; of
/// one that lends its segment, the name of that segment's. The bits that are a guard's flags elsewhere say how the
/// span was made current instead, so that one compare tells whether it is as simple as can be.
#[derive(Clone, Copy)]
pub(crate) struct Before {
    pub(super) at: SpanRef,
    /// What others had attached, as far as that position knew.
    pub(super) seen: Seen,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// The innermost position is another one in the same chunk.
    Position = 0,
    /// The same, and scopes were written to stand for the span.
    Scope = 1,
    /// The future's own chunk was exchanged with the thread's.
    Chunk = 2,
    /// Nothing was changed.
    Nothing = 3,
    /// The thread had nothing, and was lent the segment, which is not recorded.
    Bare = 4,
}

impl Before {
    pub(crate) const NOTHING: Self = Self::new(How::Nothing, SpanRef::NONE);

    #[inline(always)]
    pub(super) const fn new(how: How, outer: SpanRef) -> Self {
        let at = outer.with_flag((how as u64) << SpanRef::FLAG_SHIFT);
        Self { at, seen: Seen::NOTHING }
    }

    pub(super) fn how(self) -> How {
        match self.at.0 >> SpanRef::FLAG_SHIFT {
            0 => How::Position,
            1 => How::Scope,
            2 => How::Chunk,
            4 => How::Bare,
            _ => How::Nothing,
        }
    }

    pub(super) fn outer(self) -> SpanRef {
        self.at.without_flags()
    }
}
