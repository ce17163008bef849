//! Spans of conversations, for the crates under `integrations`: a request and its answer, as long as its body lasts.
//!
//! Such a span begins at the call, is current during each poll of whatever answers, moves from the future of the
//! answer to its body, and ends where the protocol says so. What is known by then is said in the same visit.

use crate::callsite::Callsite;
use crate::context::Parentage;
use crate::future::{Suspended, Visit as Poll};
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

impl Exchange {
    /// No span.
    pub const fn none() -> Self {
        Self(Lasting::none())
    }

    /// Opens a span with these values, for its first visit. A place that is off asks for no parent.
    #[inline]
    pub fn open(
        site: &'static Callsite,
        parent: impl FnOnce() -> Parentage,
        values: &[Value<'_>],
    ) -> Opened {
        if site.is_off() {
            return Opened::nothing();
        }
        let attributes = Attributes::new(values);
        let mut exchange = Self::none();
        let before = exchange.0.open_now(site, &parent(), attributes);
        let visit = exchange.is_open().then(|| Poll::begun(&mut exchange.0, before).suspended());
        Opened { exchange, visit }
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

    /// Makes the span current until the visit is left. If it is not, because of a panic, the span ends with that.
    #[inline]
    pub fn enter(&mut self) -> Visit<'_> {
        Visit(if self.is_open() { Some(Poll::begin(&mut self.0)) } else { None })
    }
}

/// A span that has just been opened, and is current until [`Opened::run`] is over.
#[must_use = "the span is current until this is run, or dropped"]
pub struct Opened {
    exchange: Exchange,
    visit: Option<Suspended>,
}

impl Opened {
    /// No span.
    pub const fn nothing() -> Self {
        Self { exchange: Exchange::none(), visit: None }
    }

    /// Runs `work` inside of the span, which can be entered again afterwards.
    #[inline]
    pub fn run<R>(mut self, work: impl FnOnce() -> R) -> (Exchange, R) {
        let mut exchange = self.exchange.take();
        let Some(visit) = self.visit.take() else { return (exchange, work()) };
        let visit = Poll::resumed(&mut exchange.0, visit);
        let result = work();
        visit.pause();
        (exchange, result)
    }
}

impl Drop for Opened {
    #[inline]
    fn drop(&mut self) {
        if let Some(visit) = self.visit.take() {
            Poll::resumed(&mut self.exchange.0, visit).pause();
        }
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("exchange", &self.exchange).finish_non_exhaustive()
    }
}

/// A time during which a span is current.
#[must_use = "it is to be left, in one way or the other"]
pub struct Visit<'e>(Option<Poll<'e>>);

impl Visit<'_> {
    /// The span stays open.
    #[inline]
    pub fn pause(self) {
        if let Some(poll) = self.0 {
            poll.pause();
        }
    }

    /// It ends, and went as well as was said.
    #[inline]
    pub fn end(self) {
        if let Some(poll) = self.0 {
            poll.end(0);
        }
    }
}

impl Drop for Exchange {
    #[inline]
    fn drop(&mut self) {
        if self.is_open() {
            Poll::begin(&mut self.0).end(flag::CANCELLED);
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("is_open", &self.is_open()).finish()
    }
}

impl fmt::Debug for Visit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").finish_non_exhaustive()
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
