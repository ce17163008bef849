//! Spans of futures: open from the first poll to the end, current during each poll and at no other time.
//!
//! How a span is entered and left is [`lasting`](crate::lasting)'s; here is what wraps a future in one.

use crate::callsite::Callsite;
use crate::context::Context;
use crate::hook::Entered;
use crate::lasting::{Before, Lasting};
use crate::recorder::recorder;
use crate::segment::record::flag;
use crate::span::Span;
use pin_project_lite::pin_project;
use std::future::Future;
use std::mem::{ManuallyDrop, needs_drop, replace};
use std::pin::Pin;
use std::task::Poll;

pin_project! {
    /// A future, or a stream, with a span around it.
    #[must_use = "futures do nothing unless polled"]
    pub struct Traced<F> {
        // Dropped by one call, which leaves nothing in it.
        span: ManuallyDrop<Lasting>,
        // Taken out to be dropped inside of the span, where its sections and children still belong.
        #[pin]
        inner: Option<F>,
    }

    impl<F> PinnedDrop for Traced<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if needs_drop::<F>() {
                this.span.end_around(&mut this.inner);
            } else {
                this.span.end_around(&mut ());
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
    Traced::around(Lasting::called_here(site), future)
}

impl<F> Traced<F> {
    #[inline]
    const fn around(span: Lasting, inner: F) -> Self {
        Self { span: ManuallyDrop::new(span), inner: Some(inner) }
    }

    pub(crate) fn of(span: Span, inner: F) -> Self {
        let lasting = match span.site {
            Some(site) => Lasting::called_with(site, span.given),
            None => Lasting::none(),
        };
        Self::around(lasting, inner)
    }

    pub(crate) fn continuing(context: &Context, inner: F) -> Self {
        Self::around(Lasting::continuing(context), inner)
    }

    /// Polls the inner value inside of the span; `is_done` says whether the span ends with this answer.
    #[inline]
    pub(crate) fn poll_inner<R>(
        self: Pin<&mut Self>,
        poll: impl FnOnce(Pin<&mut F>) -> R,
        is_done: impl FnOnce(&R) -> bool,
    ) -> R {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else { polled_after_drop() };
        // One call of the inner poll, whatever the stage, and one call each before and behind it: this is compiled
        // anew for every future.
        let visit = Visit::begin(this.span);
        let answer = poll(inner);
        visit.leave(is_done(&answer));
        answer
    }
}

/// What a span is around, to be dropped inside of it. No closure, which would be compiled in more forms than one.
pub(crate) trait Inner {
    fn end(&mut self);
}

impl<F> Inner for Pin<&mut Option<F>> {
    fn end(&mut self) {
        self.set(None);
    }
}

/// What needs no drop.
impl Inner for () {
    fn end(&mut self) {}
}

impl Lasting {
    /// Lets go of everything. What is still open, or has a context to be current, is current meanwhile.
    #[inline(never)]
    fn end_around(&mut self, inner: &mut dyn Inner) {
        if self.has_only_home() {
            self.forget_home();
        } else if let Some(recorder) = recorder() {
            recorder.cancel(self, inner);
        }
    }

    /// Dropped before it has finished, or where a context is to be current.
    pub(crate) fn cancel(&mut self, inner: &mut dyn Inner) {
        let emptied = Emptied(self);
        if emptied.0.is_open() {
            let visit = Visit::begin(emptied.0);
            inner.end();
            visit.end(flag::CANCELLED);
        }
    }
}

/// A span that holds nothing afterwards, also where what it was around panics.
struct Emptied<'s>(&'s mut Lasting);

impl Drop for Emptied<'_> {
    fn drop(&mut self) {
        *self.0 = Lasting::none();
    }
}

/// A future is dropped early only by its own destructor, and nobody polls after that.
#[cold]
fn polled_after_drop() -> ! {
    unreachable!("a future was polled after it was dropped")
}

impl<F: Future> Future for Traced<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        self.poll_inner(|inner| inner.poll(cx), Poll::is_ready)
    }
}

/// What a visit needs to be gone on with, while its span is moved.
pub(crate) struct Suspended {
    before: Before,
    entered: Entered,
}

/// One poll. If it unwinds, the span ends with the panic.
pub(crate) struct Visit<'s> {
    span: &'s mut Lasting,
    before: Before,
    /// What others see of it.
    entered: Entered,
}

#[inline(never)]
fn enter(span: &mut Lasting) -> Suspended {
    let before = span.enter();
    Suspended { before, entered: span.show(before) }
}

impl<'s> Visit<'s> {
    #[inline]
    pub(crate) fn begin(span: &'s mut Lasting) -> Self {
        let Suspended { before, entered } = enter(span);
        Self { span, before, entered }
    }

    #[inline(always)]
    pub(crate) fn begun(span: &'s mut Lasting, before: Before) -> Self {
        let entered = span.show(before);
        Self { span, before, entered }
    }

    /// Ends the span, or puts it aside.
    #[inline(never)]
    fn leave(self, is_done: bool) {
        if is_done {
            self.end(0);
        } else {
            self.pause();
        }
    }

    /// The span stays current, and may be moved.
    #[inline]
    pub(crate) fn suspended(self) -> Suspended {
        let mut this = ManuallyDrop::new(self);
        let entered = replace(&mut this.entered, Entered::NOTHING);
        Suspended { before: this.before, entered }
    }

    #[inline]
    pub(crate) fn resumed(span: &'s mut Lasting, visit: Suspended) -> Self {
        Self { span, before: visit.before, entered: visit.entered }
    }

    #[inline(always)]
    fn left_by(self, leave: impl FnOnce(&mut Lasting, Before)) {
        let mut this = ManuallyDrop::new(self);
        let before = this.before;
        this.entered.leave();
        leave(this.span, before);
    }

    #[inline]
    pub(crate) fn pause(self) {
        self.left_by(Lasting::pause);
    }

    #[inline]
    pub(crate) fn end(self, flags: u64) {
        self.left_by(|span, before| span.end(before, flags));
    }

    /// The same of what is outermost in a task, which may have been lent.
    #[inline]
    pub(crate) fn pause_outermost(self) {
        self.left_by(|span, before| {
            if !span.pause_lent(before) {
                span.pause(before);
            }
        });
    }

    /// The same where it ends.
    #[inline]
    pub(crate) fn end_outermost(self) {
        self.left_by(|span, before| {
            if !span.end_lent(before) {
                span.end(before, 0);
            }
        });
    }
}

impl Drop for Visit<'_> {
    #[cold]
    fn drop(&mut self) {
        let before = self.before;
        self.entered.leave();
        self.span.end(before, flag::PANICKED | flag::ERROR);
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
