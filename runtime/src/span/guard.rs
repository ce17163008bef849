//! What the owner of an open span holds.
//!
//! A guard's span carries flags. Any of them sends its end to the cold path, because the thread's innermost span
//! carries none.

use super::close::exit;
use super::open::locate;
use crate::id::SpanRef;
use crate::segment::record::Slot;
use crate::segment::thread::hot;
use std::marker::PhantomData;

/// The chunk ends with this span.
pub(crate) const OWNS: u64 = 1 << 60;
/// A scope was made for this span alone, and goes with it.
pub(crate) const SCOPED: u64 = 1 << 61;
/// The place has a threshold.
pub(crate) const WATCHED: u64 = 1 << 62;
/// The chunk was crowded: the span may be folded.
pub(crate) const CROWDED: u64 = 1 << 63;

/// An open span of a synchronous function; it ends when this is dropped.
///
/// Dropping guards in another order than they were made leaves every span with its own end; forgetting
/// one leaves its span without.
#[must_use = "the span ends where its guard is dropped"]
#[derive(Debug)]
pub struct Guard {
    open: Option<Open>,
    /// The span is the innermost one of a thread.
    _stays_here: PhantomData<*const ()>,
}

/// An open span, and where its record lies for as long as the thread's innermost span is equal to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(super) slot: Slot<'static>,
    pub(super) span: SpanRef,
}

impl Open {
    /// The chunk ends with this span.
    pub(super) const fn owning(self) -> Self {
        Self { slot: self.slot, span: self.span.with_flag(OWNS) }
    }

    #[inline(always)]
    pub(crate) const fn span(self) -> SpanRef {
        self.span
    }

    #[inline(always)]
    pub(crate) const fn slot(self) -> Slot<'static> {
        self.slot
    }
}

impl Guard {
    #[inline(always)]
    pub(super) const fn new(open: Option<Open>) -> Self {
        Self { open, _stays_here: PhantomData }
    }

    /// A guard of what was opened on the cold path.
    pub(crate) fn of(span: SpanRef) -> Self {
        Self::new(hot(|hot| locate(hot, span)))
    }

    /// The span without its guard.
    #[inline]
    pub(crate) fn into_span(self) -> SpanRef {
        let span = self.open.map_or(SpanRef::NONE, |open| open.span);
        std::mem::forget(self);
        span
    }

    /// Whether nothing was opened.
    pub(crate) const fn is_nothing(&self) -> bool {
        self.open.is_none()
    }

    /// A guard of no span.
    #[inline(always)]
    pub(crate) const fn none() -> Self {
        Self::new(None)
    }

    /// Ends the span where control has come to its end: there is no panic to ask about.
    #[inline(always)]
    pub fn leave(self) {
        let open = self.open;
        std::mem::forget(self);
        if let Some(open) = open {
            exit(open, || false);
        }
    }
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(open) = self.open {
            exit(open, std::thread::panicking);
        }
    }
}
