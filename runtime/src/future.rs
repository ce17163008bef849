//! Spans of futures: open from the first poll to the end, current during each poll and at no other time.
//!
//! A span that is polled where its record lies costs two stores a poll. The outermost traced future of a
//! task owns the chunk of its segment and exchanges it with the thread's for each poll: no lock, no copy.
//! A future that is polled in a chunk of its segment that is not the one of its record writes a scope
//! there; one that is polled where its segment is not current at all (it moved to another task) gets a
//! chunk of its own.

use crate::callsite::Callsite;
use crate::clock;
use crate::context::{Context, Kin, Parentage};
use crate::id::SpanRef;
use crate::segment::attribute::Attributes;
use crate::segment::block::TASK;
use crate::segment::chunk::{Chunk, mark_handed_off, state};
use crate::segment::record::{HEADER, Kind, RECORD, Slot, flag};
use crate::segment::shared::Shared;
use crate::segment::thread::{Hot, hot};
use crate::span::{self, Given, Span, root, stack};
use crate::sync::modelled::Arc;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

pin_project! {
    /// A future, or a stream, with a span around it.
    #[must_use = "futures do nothing unless polled"]
    pub struct Traced<F> {
        span: Lasting,
        // Taken out to be dropped inside of the span, where its sections and children still belong.
        #[pin]
        inner: Option<F>,
    }

    impl<F> PinnedDrop for Traced<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.span.is_live() {
                let visit = Visit::begin(this.span);
                this.inner.set(None);
                visit.end(flag::CANCELLED);
            }
        }
    }
}

impl<F: std::fmt::Debug> std::fmt::Debug for Traced<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Traced").field("inner", &self.inner).finish_non_exhaustive()
    }
}

/// Puts a span around a future: the call of an annotated async function.
#[inline]
pub fn traced<F: Future>(site: &'static Callsite, future: F) -> Traced<F> {
    Traced { span: Lasting::called_here(site, None), inner: Some(future) }
}

impl<F> Traced<F> {
    pub(crate) fn of(span: Span, inner: F) -> Self {
        let lasting = match span.site {
            Some(site) => Lasting::called_here(site, span.given),
            None => Lasting::none(),
        };
        Self { span: lasting, inner: Some(inner) }
    }

    pub(crate) fn continuing(context: &Context, inner: F) -> Self {
        Self { span: Lasting::continuing(context), inner: Some(inner) }
    }

    /// Polls the inner value inside of the span; `is_done` says whether the span ends with this answer.
    #[inline]
    pub(crate) fn poll_inner<R>(
        self: Pin<&mut Self>,
        poll: impl FnOnce(Pin<&mut F>) -> R,
        is_done: impl FnOnce(&R) -> bool,
    ) -> R {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else {
            // Dropped inside a span that was cancelled; nobody can poll after that.
            unreachable!("a future was polled after it was dropped")
        };
        if this.span.is_off() {
            return poll(inner);
        }
        let visit = Visit::begin(this.span);
        let answer = poll(inner);
        if is_done(&answer) {
            visit.end(0);
        } else {
            visit.pause();
        }
        answer
    }
}

impl<F: Future> Future for Traced<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        self.poll_inner(|inner| inner.poll(cx), Poll::is_ready)
    }
}

/// A span that is entered and left many times.
struct Lasting {
    site: Option<&'static Callsite>,
    stage: Stage,
    /// The span, once it is open.
    span: SpanRef,
    /// Before that: the span that was current at the call. While suspended: the innermost position of
    /// the future, its own span or a section that lasts across `.await`.
    top: SpanRef,
    /// The segment: of the call at first, then of the span.
    home: Option<Arc<Shared>>,
    /// The chunk that this future owns. During a poll it holds what the thread had before.
    own: Option<Box<Chunk>>,
    given: Option<Box<Given>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Never polled.
    New,
    /// Open.
    Live,
    /// Continues a span that somebody else opened and ends.
    Lent,
    /// Ended, or never recorded.
    Off,
}

impl Lasting {
    const fn none() -> Self {
        Self {
            site: None,
            stage: Stage::Off,
            span: SpanRef::NONE,
            top: SpanRef::NONE,
            home: None,
            own: None,
            given: None,
        }
    }

    /// Remembers who called, in case the future is first polled where nothing is current.
    #[inline]
    fn called_here(site: &'static Callsite, given: Option<Box<Given>>) -> Self {
        let mut lasting = Self { site: Some(site), given, ..Self::none() };
        if site.recording_as() != 0 {
            lasting.stage = Stage::New;
            hot(|hot| {
                if hot.is_active() {
                    lasting.home = hot.share();
                    lasting.top = span::name_of(hot, hot.top.get());
                    mark_handed_off(hot);
                } else if let Some(remote) = crate::context::ambient() {
                    let given = lasting.given.get_or_insert_default();
                    if matches!(given.parent, Parentage::Current) {
                        given.parent = Parentage::Of(Context::of_remote(remote));
                    }
                }
            });
        }
        lasting
    }

    /// No span of its own: whatever is polled inside hangs on the context.
    fn continuing(context: &Context) -> Self {
        match context.kin() {
            Kin::Local(shared, span) => Self {
                stage: Stage::Lent,
                span: *span,
                top: *span,
                home: Some(shared.clone()),
                ..Self::none()
            },
            Kin::None | Kin::Remote(_) => Self::none(),
        }
    }

    #[inline]
    fn is_live(&self) -> bool {
        matches!(self.stage, Stage::Live | Stage::Lent)
    }

    #[inline]
    fn is_off(&self) -> bool {
        self.stage == Stage::Off
    }

    /// Makes the span current, and returns how to undo that.
    #[inline]
    fn enter(&mut self, hot: &Hot) -> Before {
        if self.stage == Stage::New {
            return self.open(hot);
        }
        if self.own.is_none() && hot.top.get().chunk() == self.span.chunk() {
            return Before::Position(hot.top.replace(self.top));
        }
        self.enter_elsewhere(hot)
    }

    #[inline(never)]
    fn enter_elsewhere(&mut self, hot: &Hot) -> Before {
        if let Some(own) = &mut self.own {
            hot.swap(own);
            crate::segment::part::cut_if_task_is_long(hot);
            return Before::Chunk(hot.top.get().chunk());
        }
        let before = hot.top.get();
        if span::is_carried(hot, self.span) {
            hot.top.set(before.at(self.top.position()));
            return Before::Position(before);
        }
        let Some(home) = &self.home else { return Before::Nothing };
        if hot.is_active() && hot.is_in(home) {
            self.push_scopes(hot);
            return Before::Scope(before);
        }
        let Some(chunk) = root::new_visit(home) else { return Before::Nothing };
        let entered = self.swap_in(hot, chunk);
        self.push_scopes(hot);
        entered
    }

    /// Lets children hang on the span, or on the section inside of it that is still open.
    fn push_scopes(&self, hot: &Hot) {
        root::push_scope(hot, self.span, 0);
        if self.top != self.span {
            root::push_scope(hot, self.top, 0);
        }
    }

    fn swap_in(&mut self, hot: &Hot, mut chunk: Box<Chunk>) -> Before {
        hot.swap(&mut chunk);
        self.own = Some(chunk);
        Before::Chunk(hot.top.get().chunk())
    }

    /// The first poll: opens the span.
    #[inline(never)]
    fn open(&mut self, hot: &Hot) -> Before {
        let Some(site) = self.site else { return self.stay_off() };
        let head = site.recording_as();
        if head == 0 || hot.closed.get() {
            return self.stay_off();
        }
        let given = self.given.take();
        let before = hot.top.get();
        let parent = given.as_ref().map_or(&Parentage::Current, |given| &given.parent);
        let encoded = given.as_ref().map_or(&[][..], |given| &given.attributes);
        let attributes = Attributes::encoded(encoded);
        match parent {
            Parentage::Current if hot.is_active() => {
                let is_bare = encoded.is_empty() && head & flag::WATCHED == 0;
                let written = if is_bare { span::write_bare(hot, head) } else { None };
                let opened =
                    written.unwrap_or_else(|| span::open_making_room(hot, site, head, &attributes));
                self.opened_here(hot, opened, before)
            }
            Parentage::Current => match self.home.take() {
                Some(home) => self.open_in_visit(hot, &home, self.top, head, &attributes),
                None => self.open_root(hot, site, head, None, &attributes),
            },
            Parentage::Root => self.open_root(hot, site, head, None, &attributes),
            Parentage::Of(context) => match context.kin() {
                Kin::None => self.open_root(hot, site, head, None, &attributes),
                Kin::Remote(remote) => self.open_root(hot, site, head, Some(*remote), &attributes),
                Kin::Local(segment, span) if root::is_here(hot, segment, *span) => {
                    root::push_scope(hot, *span, 0);
                    let opened = span::open_making_room(hot, site, head, &attributes);
                    self.opened_here(hot, opened, before)
                }
                Kin::Local(segment, span) => {
                    self.open_in_visit(hot, &segment.clone(), *span, head, &attributes)
                }
            },
        }
    }

    fn stay_off(&mut self) -> Before {
        *self = Self::none();
        Before::Nothing
    }

    /// The span lies in the chunk that was current, or was not recorded.
    #[inline]
    fn opened_here(&mut self, hot: &Hot, opened: SpanRef, before: SpanRef) -> Before {
        if opened.is_none() {
            hot.top.set(hot.top.get().at(before.position()));
            return self.stay_off();
        }
        self.is_now(opened.without_flags());
        // The call was somewhere else: from now on the segment is this one.
        if !self.home.as_ref().is_some_and(|home| hot.is_in(home)) {
            self.home = hot.share();
        }
        Before::Position(before)
    }

    fn is_now(&mut self, span: SpanRef) {
        self.stage = Stage::Live;
        self.span = span;
        self.top = span;
    }

    fn open_in_visit(
        &mut self,
        hot: &Hot,
        segment: &Arc<Shared>,
        below: SpanRef,
        head: u64,
        attributes: &Attributes<'_>,
    ) -> Before {
        let Some(chunk) = root::new_visit(segment) else { return self.stay_off() };
        let before = self.swap_in(hot, chunk);
        root::push_scope(hot, below, 0);
        let opened = span::write_making_room(hot, head, attributes);
        self.is_now(opened.unwrap_or(hot.top.get()).without_flags());
        self.home = Some(segment.clone());
        before
    }

    fn open_root(
        &mut self,
        hot: &Hot,
        site: &'static Callsite,
        head: u64,
        parent: Option<crate::context::Remote>,
        attributes: &Attributes<'_>,
    ) -> Before {
        let Some(chunk) = root::new_root(hot, site, TASK, parent) else { return self.stay_off() };
        let before = self.swap_in(hot, chunk);
        let opened = root::begin_root(hot, head, attributes);
        self.is_now(opened.without_flags());
        self.home = None;
        before
    }

    /// Takes the span back out of the thread, to be polled again.
    #[inline]
    fn pause(&mut self, hot: &Hot, before: &Before) {
        match before {
            Before::Position(outer) if hot.top.get().chunk() == outer.chunk() => {
                self.top = hot.top.replace(*outer);
            }
            before => self.pause_cold(hot, before),
        }
    }

    #[inline(never)]
    fn pause_cold(&mut self, hot: &Hot, before: &Before) {
        match before {
            Before::Nothing => {}
            Before::Chunk(chunk) => {
                self.back_to_own(hot, *chunk);
                if let Some(own) = &mut self.own {
                    hot.swap(own);
                }
            }
            Before::Position(outer) | Before::Scope(outer) => {
                Self::restore(hot, *outer);
                if let Before::Position(_) = before {
                    self.top = self.span;
                }
            }
        }
    }

    /// Roots that were opened during the poll and are still open end here.
    fn back_to_own(&self, hot: &Hot, chunk: SpanRef) {
        let now = hot.top.get().chunk();
        // A chunk that was cut has another nonce, and is still ours.
        if now != chunk && !span::is_carried(hot, self.span) {
            stack::unwind_to(hot, chunk);
        }
    }

    fn restore(hot: &Hot, outer: SpanRef) {
        if hot.top.get().chunk() != outer.chunk() && !span::is_carried(hot, outer) {
            stack::unwind_to(hot, outer.chunk());
        }
        let top = hot.top.get();
        if top.chunk() == outer.chunk() {
            drop_empty_scopes(hot, outer);
            hot.top.set(outer);
        } else if span::is_carried(hot, outer) {
            hot.top.set(top.at(outer.position()));
        }
    }

    /// Ends the span, which is current.
    #[inline]
    fn end(&mut self, hot: &Hot, before: &Before, flags: u64) {
        if self.stage == Stage::Live {
            let end = clock::ticks();
            let here = self.span.chunk() == hot.top.get().chunk();
            match Slot::new(hot.block.get(), self.span.position()) {
                Some(slot) if here && flags == 0 && slot.kind() == Some(Kind::Span) => {
                    if hot.state.get() & state::CROWDED == 0 && !slot.has(flag::WATCHED) {
                        slot.set_end(end);
                    } else {
                        self.end_cold(hot, end, flags);
                    }
                }
                _ => self.end_cold(hot, end, flags),
            }
        }
        self.stage = Stage::Off;
        match before {
            Before::Position(outer) if hot.top.get().chunk() == outer.chunk() => {
                hot.top.set(*outer);
            }
            before => self.end_chunk(hot, before),
        }
        self.home = None;
    }

    #[inline(never)]
    fn end_cold(&self, hot: &Hot, end: u64, flags: u64) {
        if flags != 0 {
            span::add_outcome(hot, self.span, flags);
        }
        let here = hot.top.get().chunk() == self.span.chunk() || span::is_carried(hot, self.span);
        if here {
            // The end is compared with the place's threshold; the position is left by our caller.
            let guarded = self.span.with_flag(span::guard::WATCHED | span::guard::CROWDED);
            span::close_here(hot, hot.top.get().at(self.span.position()), guarded, end);
        } else {
            span::send_end(hot, self.span, end, 0);
        }
    }

    #[inline(never)]
    fn end_chunk(&mut self, hot: &Hot, before: &Before) {
        match before {
            Before::Chunk(chunk) => {
                self.back_to_own(hot, *chunk);
                if let Some(mut own) = self.own.take() {
                    hot.swap(&mut own);
                    stack::end_and_recycle(own);
                }
            }
            Before::Position(outer) | Before::Scope(outer) => Self::restore(hot, *outer),
            Before::Nothing => {}
        }
    }
}

/// Scopes that nothing was recorded under are taken back.
fn drop_empty_scopes(hot: &Hot, outer: SpanRef) {
    let mut at = hot.top.get().position();
    while at > outer.position() && at >= HEADER {
        let Some(slot) = Slot::new(hot.block.get(), at) else { return };
        if slot.kind() != Some(Kind::Scope) || hot.cursor() != at + RECORD {
            return;
        }
        hot.set_cursor(at);
        at = slot.parent();
    }
}

/// What was current before a poll, and how the span was made current instead.
enum Before {
    /// Nothing was changed.
    Nothing,
    /// The position in the same chunk.
    Position(SpanRef),
    /// The same, and scopes were written to stand for the span.
    Scope(SpanRef),
    /// The future's own chunk, this one, was exchanged with the thread's.
    Chunk(SpanRef),
}

/// One poll. If it unwinds, the span ends with the panic.
struct Visit<'s> {
    span: &'s mut Lasting,
    before: Before,
}

impl<'s> Visit<'s> {
    #[inline]
    fn begin(span: &'s mut Lasting) -> Self {
        let before = hot(|hot| span.enter(hot));
        Self { span, before }
    }

    #[inline]
    fn pause(mut self) {
        let before = std::mem::replace(&mut self.before, Before::Nothing);
        hot(|hot| self.span.pause(hot, &before));
        std::mem::forget(self);
    }

    #[inline]
    fn end(mut self, flags: u64) {
        let before = std::mem::replace(&mut self.before, Before::Nothing);
        hot(|hot| self.span.end(hot, &before, flags));
        std::mem::forget(self);
    }
}

impl Drop for Visit<'_> {
    #[cold]
    fn drop(&mut self) {
        let before = std::mem::replace(&mut self.before, Before::Nothing);
        hot(|hot| self.span.end(hot, &before, flag::PANICKED | flag::ERROR));
    }
}

/// Puts a span around a future.
pub trait Instrument: Future + Sized {
    /// The span is open from the first poll until the future is ready or dropped.
    fn instrument(self, span: Span) -> Traced<Self> {
        Traced::of(span, self)
    }

    /// The future continues the present trace wherever it is polled.
    fn in_current(self) -> Traced<Self> {
        Traced::continuing(&crate::context::current(), self)
    }

    /// The future continues that trace wherever it is polled.
    fn in_context(self, context: &Context) -> Traced<Self> {
        Traced::continuing(context, self)
    }
}

impl<F: Future> Instrument for F {}

const _: () = {
    const fn is_what_its_future_is<T: Send + Sync + Unpin>() {}
    is_what_its_future_is::<Traced<std::future::Ready<()>>>();
};
