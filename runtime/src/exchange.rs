//! Spans of conversations, for the crates under `integrations`: a request and its answer, as long as its body lasts.
//!
//! Such a span begins at the call, is current during each poll of whatever answers, moves from the future of the
//! answer to its body, and ends where the protocol says so. What is known by then is said in the same visit.

use crate::callsite::Callsite;
use crate::context::Parentage;
use crate::future::{Suspended, Visit as Poll};
use crate::hook;
use crate::id::TraceId;
use crate::lasting::{Before, Decided, First, Lasting};
use crate::note;
use crate::propagation::{Headers, propagators};
use crate::redact::cap;
use crate::sampling::left_out;
use crate::segment::attribute::Attributes;
use crate::segment::record::flag;
use crate::segment::thread::{Hot, hot};
use crate::span::{add_outcome, root};
use crate::value::Value;
use std::fmt;
use std::mem::ManuallyDrop;

/// An open span that is entered and left many times. Dropped before it was ended, it was cancelled.
///
/// Its own drop looks whether anything is left at all, so that each of those that move it does not look part by part.
pub struct Exchange(ManuallyDrop<Lasting>);

impl Exchange {
    /// No span.
    pub const fn none() -> Self {
        Self(ManuallyDrop::new(Lasting::none()))
    }

    /// Whether it is worth while to ask for [one that is left out](Self::left_out).
    #[inline]
    pub fn may_be_left_out() -> bool {
        left_out::is_any()
    }

    /// Begins a span that answers a request of nobody known, if that is left out whatever its place is.
    #[inline]
    pub fn left_out() -> Result<Self, Draw> {
        hot(|hot| {
            if !hot.is_idle() || hook::has_moved(hot) {
                return Err(Draw::NONE);
            }
            let trace = TraceId::random();
            if !left_out::is_left_out(trace) {
                return Err(Draw(Some(trace)));
            }
            let mut exchange = Self::none();
            exchange.0.hold_unsampled(root::left_out(trace));
            Ok(exchange)
        })
    }

    /// Begins a span that answers a request of this route, if it is known. Unless it is not recorded, its values are
    /// asked for. A place that is off asks for no parent either.
    #[inline]
    pub fn begin(
        site: &'static Callsite,
        parent: impl FnOnce() -> Parentage,
        route: Option<&str>,
        visit: FirstVisit,
        draw: Draw,
    ) -> Begun {
        let head = site.recording_as();
        if head == 0 {
            return Begun::Opened(Opened::nothing());
        }
        let mut exchange = Self::none();
        match exchange.0.begin_now(site, head, parent(), route, draw.0) {
            First::Held => Begun::Opened(exchange.held(visit)),
            First::Asks(opening) => Begun::Asks(Asking { exchange, site, opening, visit }),
        }
    }

    /// Visits a span that is held, and not recorded.
    pub fn held(mut self, visit: FirstVisit) -> Opened {
        if visit == FirstVisit::Later || !self.is_open() {
            return Opened { exchange: self, visit: None };
        }
        let before = self.0.enter_held();
        self.opened(before)
    }

    fn opened(mut self, before: Before) -> Opened {
        let visit = self.is_open().then(|| Poll::begun(&mut self.0, before).suspended());
        Opened { exchange: self, visit }
    }

    /// Whether there is a span that has not ended.
    #[inline]
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// Takes the span, to be held elsewhere.
    #[must_use]
    pub fn take(&mut self) -> Self {
        std::mem::replace(self, Self::none())
    }

    #[inline(never)]
    fn let_go(&mut self) {
        if self.is_open() {
            Poll::begin(&mut self.0).end(flag::CANCELLED);
        }
        *self.0 = Lasting::none();
    }

    /// Makes the span current until the visit is left. If it is not, because of a panic, the span ends with that.
    #[inline]
    pub fn enter(&mut self) -> Visit<'_> {
        if !self.is_open() {
            return Visit(None);
        }
        Visit(Some(match self.0.enter_outermost() {
            Some(before) => Poll::begun(&mut self.0, before),
            None => Poll::begin(&mut self.0),
        }))
    }
}

/// Whether these headers may name who asks, in a format that is read.
#[inline]
pub fn may_name_caller(headers: &impl Headers) -> bool {
    propagators().may_read(headers)
}

/// The trace that was drawn for a request which was not left out, if any was. Nobody may draw again: it would be left out
/// by chance twice.
#[derive(Clone, Copy, Debug)]
pub struct Draw(Option<TraceId>);

impl Draw {
    /// None was.
    pub const NONE: Self = Self(None);
}

/// Whether a span is current as soon as it is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FirstVisit {
    /// Its work begins at once.
    Now,
    /// All of its work is done when it is entered.
    Later,
}

/// What has become of a span that was to begin.
pub enum Begun {
    /// It is open, or there is none; nobody wants to know its values.
    Opened(Opened),
    /// It is to be recorded, with values.
    Asks(Asking),
}

/// A span that waits for its values.
#[must_use = "it begins when it has them"]
pub struct Asking {
    exchange: Exchange,
    site: &'static Callsite,
    opening: Decided,
    visit: FirstVisit,
}

impl Asking {
    /// Opens the span with these values.
    pub fn tell(self, values: &[Value<'_>]) -> Opened {
        self.with(Attributes::new(values))
    }

    /// The same with values that were prepared; `Err` if they may not be told so any more.
    pub fn tell_again(self, values: &Prepared) -> Result<Opened, Self> {
        if cap::is_capped() { Err(self) } else { Ok(self.with(Attributes::encoded(&values.0))) }
    }

    fn with(self, attributes: Attributes<'_>) -> Opened {
        let Self { mut exchange, site, opening, visit } = self;
        match visit {
            FirstVisit::Now => {
                let before = exchange.0.open_decided(site, opening, attributes);
                exchange.opened(before)
            }
            FirstVisit::Later => {
                exchange.0.open_decided_for_later(site, opening, attributes);
                Opened { exchange, visit: None }
            }
        }
    }
}

/// Values that many spans of one place begin with, as they lie in records.
#[derive(Debug)]
pub struct Prepared(Vec<u64>);

impl Prepared {
    /// These values; nothing where a value may be told otherwise from one time to another.
    pub fn of(values: &[Value<'_>]) -> Option<Self> {
        (!cap::is_capped()).then(|| Self(Attributes::new(values).to_words()))
    }
}

/// A span that has just been opened, and is current until it is [left](Opened::left), unless it is visited later.
#[must_use = "the span is current until this is left, or dropped"]
pub struct Opened {
    exchange: Exchange,
    visit: Option<Suspended>,
}

impl Opened {
    /// No span.
    pub const fn nothing() -> Self {
        Self { exchange: Exchange::none(), visit: None }
    }

    /// Leaves the span, which can be entered again.
    #[inline]
    pub fn left(self) -> Exchange {
        // Both parts are taken out, and nothing of it is left to be dropped.
        let mut this = ManuallyDrop::new(self);
        if let Some(visit) = this.visit.take() {
            Poll::resumed(&mut this.exchange.0, visit).pause();
        }
        this.exchange.take()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let Some(visit) = self.visit.take() else { return };
        let visit = Poll::resumed(&mut self.exchange.0, visit);
        // Dropped by a panic, it ends the span with that.
        if !std::thread::panicking() {
            visit.pause();
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
            poll.pause_outermost();
        }
    }

    /// It ends, and went as well as was said.
    #[inline]
    pub fn end(self) {
        if let Some(poll) = self.0 {
            poll.end_outermost();
        }
    }
}

impl Drop for Exchange {
    #[inline]
    fn drop(&mut self) {
        // Nearly all have ended by now, and hold nothing.
        if !self.0.is_nothing() {
            self.let_go();
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

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").finish_non_exhaustive()
    }
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asking").finish_non_exhaustive()
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
