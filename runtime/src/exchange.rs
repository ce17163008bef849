//! Spans of conversations, for the crates under `integrations`: a request and its answer, as long as its body lasts.
//!
//! Such a span begins at the call, is current during each poll of whatever answers, moves from the future of the
//! answer to its body, and ends where the protocol says so. What is known by then is said in the same visit.

use crate::callsite::Callsite;
use crate::context::Parentage;
use crate::future::Visit;
use crate::lasting::Lasting;
use crate::note;
use crate::segment::attribute::Attributes;
use crate::segment::record::flag;
use crate::segment::thread::{Hot, hot};
use crate::span::add_outcome;
use crate::value::Value;
use std::fmt;

/// An open span that is entered and left many times. Dropped before it was ended, it was cancelled.
pub struct Exchange(Lasting);

/// What becomes of the span after a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// It stays open.
    GoOn,
    /// It ends now.
    End,
}

impl Exchange {
    /// No span.
    pub const fn none() -> Self {
        Self(Lasting::none())
    }

    /// Opens a span with these values. It is current in its visits. A place that is off asks for no parent.
    #[inline]
    pub fn open(
        site: &'static Callsite,
        parent: impl FnOnce() -> Parentage,
        values: &[Value<'_>],
    ) -> Self {
        if site.is_off() {
            return Self::none();
        }
        let attributes = Attributes::new(values);
        let mut exchange = Self::none();
        let before = exchange.0.open_now(site, &parent(), attributes);
        Visit::begun(&mut exchange.0, before).pause();
        exchange
    }

    /// Whether there is a span that has not ended.
    #[inline]
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// Takes the span, to be held elsewhere.
    #[must_use]
    pub fn take(&mut self) -> Self {
        Self(std::mem::replace(&mut self.0, Lasting::none()))
    }

    /// Runs `work` inside of the span, which ends if it unwinds, or if `work` says so.
    #[inline]
    pub fn visit<R>(&mut self, work: impl FnOnce() -> (R, Next)) -> R {
        if !self.is_open() {
            return work().0;
        }
        let visit = Visit::begin(&mut self.0);
        let (answer, next) = work();
        match next {
            Next::GoOn => visit.pause(),
            Next::End => visit.end(0),
        }
        answer
    }

    /// The span ends, and went as well as was said.
    pub fn end(&mut self) {
        self.visit(|| ((), Next::End));
    }
}

impl Drop for Exchange {
    #[inline]
    fn drop(&mut self) {
        if self.is_open() {
            Visit::begin(&mut self.0).end(flag::CANCELLED);
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("is_open", &self.is_open()).finish()
    }
}

/// Whether somebody wants to know what is said about the innermost span.
#[inline]
pub fn is_recording() -> bool {
    hot(Hot::is_recording)
}

/// Says something about the innermost span, under the keys of a place.
#[inline]
pub fn say(site: &'static Callsite, values: &[Value<'_>]) {
    note::record_all(site, values);
}

/// The innermost span failed; why, its attributes say.
#[cold]
pub fn fail() {
    hot(|hot| {
        if hot.is_recording() {
            add_outcome(hot, hot.top.get(), flag::ERROR);
        }
    });
}

const _: () = {
    const fn is_what_futures_want<T: Send + Sync + Unpin>() {}
    is_what_futures_want::<Exchange>();
};
