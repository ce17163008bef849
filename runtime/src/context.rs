//! Where a span hangs: the current one of this thread, one that was handed over, or one of another process.

use crate::hook::{self, Look, Seen};
use crate::id::{SpanId, SpanRef, TraceId};
use crate::propagation::{Baggage, TraceState};
use crate::segment::chunk::mark_handed_off;
use crate::segment::record::{HEADER, Kind, RECORD, Slot};
use crate::segment::shared::Shared;
use crate::segment::thread::{Cold, Hot, cold, hot};
use crate::span::{leave, name_of, root, stack};
use crate::sync::modelled::Arc;
use std::fmt;
use std::marker::PhantomData;

/// A place in a trace, that can be handed to another task, thread or process.
///
/// [`current`] gives the innermost open span. Whatever runs inside of [`Context::in_scope`] hangs on it.
#[derive(Clone, Default)]
pub struct Context(Kin);

/// What a context is to this process.
#[derive(Clone, Default)]
pub(crate) enum Kin {
    #[default]
    None,
    Local(Arc<Shared>, SpanRef),
    Remote(Arc<Remote>),
}

/// A span of another process, and what came along with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Remote {
    /// Both are invalid where only something came along.
    pub(crate) trace: TraceId,
    pub(crate) span: SpanId,
    /// See [`remote`].
    pub(crate) flags: u8,
    pub(crate) trace_state: TraceState,
    pub(crate) baggage: Baggage,
}

/// What is said about the trace of a [`Remote`].
pub(crate) mod remote {
    /// It is sampled.
    pub(crate) const SAMPLED: u8 = 1;
    /// The trace id has random bits where W3C Level 2 wants them.
    pub(crate) const RANDOM: u8 = 1 << 1;
    /// Somebody debugs it, says B3 or Jaeger.
    pub(crate) const DEBUG: u8 = 1 << 2;
    /// The caller left it to us whether it is sampled.
    pub(crate) const UNDECIDED: u8 = 1 << 3;
    /// It is in this process after all: another library's.
    pub(crate) const IN_PROCESS: u8 = 1 << 4;
}

impl Remote {
    pub(crate) fn new(trace: TraceId, span: SpanId, flags: u8) -> Self {
        let (trace_state, baggage) = (TraceState::EMPTY, Baggage::EMPTY);
        Self { trace, span, flags, trace_state, baggage }
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether there is a span that others can hang on.
    pub(crate) fn is_span(&self) -> bool {
        self.trace.is_valid() && self.span.is_valid()
    }
}

/// Where a span is to hang.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Parentage {
    /// On whatever is current.
    #[default]
    Current,
    /// On nothing: it begins a trace.
    Root,
    /// There.
    Of(Context),
}

/// The innermost open span of this thread or task, or [`Context::none`].
pub fn current() -> Context {
    hot(|hot| {
        if hook::has_moved(hot) {
            if let Look::There(context) = hook::look(hot) {
                return context;
            }
        }
        innermost(hot)
    })
}

/// The innermost open span of our own.
pub(crate) fn innermost(hot: &Hot) -> Context {
    let Some(shared) = hot.share() else {
        return Context(hot.ambient().map_or(Kin::None, Kin::Remote));
    };
    mark_handed_off(hot);
    let top = hot.top.get();
    let innermost = if top.position() < HEADER { shared.root() } else { name_of(hot, top) };
    Context(Kin::Local(shared, innermost))
}

impl Context {
    /// No place in any trace.
    pub const fn none() -> Self {
        Self(Kin::None)
    }

    /// A span of another process, as its headers described it.
    pub fn remote(trace_id: TraceId, span_id: SpanId, is_sampled: bool) -> Self {
        let flags = if is_sampled { remote::SAMPLED } else { 0 };
        Self(Kin::Remote(Arc::new(Remote::new(trace_id, span_id, flags))))
    }

    #[cfg(feature = "otel")]
    pub(crate) fn local(segment: Arc<Shared>, span: SpanRef) -> Self {
        Self(Kin::Local(segment, span))
    }

    #[cfg(feature = "otel")]
    pub(crate) fn of_remote(remote: Arc<Remote>) -> Self {
        Self(Kin::Remote(remote))
    }

    /// What was read from headers.
    pub(crate) fn received(span: Option<Remote>, baggage: Option<Baggage>) -> Self {
        if span.is_none() && baggage.is_none() {
            return Self::none();
        }
        let nobody = || Remote::new(TraceId::INVALID, SpanId::INVALID, remote::UNDECIDED);
        let mut remote = span.unwrap_or_else(nobody);
        remote.baggage = baggage.unwrap_or_default();
        Self(Kin::Remote(Arc::new(remote)))
    }

    /// A remote context, and what the systems say that its trace came through. A context of this process
    /// keeps what its root was given.
    #[must_use]
    pub fn with_trace_state(self, trace_state: TraceState) -> Self {
        self.map_remote(|remote| remote.trace_state = trace_state)
    }

    /// A remote context, or none, and what comes along with it. A context of this process keeps what its root
    /// was given.
    #[must_use]
    pub fn with_baggage(self, baggage: Baggage) -> Self {
        if let Kin::None = self.0 {
            return Self::received(None, Some(baggage));
        }
        self.map_remote(|remote| remote.baggage = baggage)
    }

    fn map_remote(mut self, change: impl FnOnce(&mut Remote)) -> Self {
        if let Kin::Remote(remote) = &mut self.0 {
            let mut changed = (**remote).clone();
            change(&mut changed);
            *remote = Arc::new(changed);
        }
        self
    }

    /// Whether there is no span.
    pub fn is_none(&self) -> bool {
        match &self.0 {
            Kin::None => true,
            Kin::Local(..) => false,
            Kin::Remote(remote) => !remote.is_span(),
        }
    }

    /// What the systems say that the trace came through, this one included.
    pub fn trace_state(&self) -> TraceState {
        match &self.0 {
            Kin::None => TraceState::EMPTY,
            Kin::Local(shared, _) => shared.outgoing(),
            Kin::Remote(remote) => remote.trace_state.clone(),
        }
    }

    /// What came along with the request.
    pub fn baggage(&self) -> Baggage {
        match &self.0 {
            Kin::None => Baggage::EMPTY,
            Kin::Local(shared, _) => shared.baggage().clone(),
            Kin::Remote(remote) => remote.baggage.clone(),
        }
    }

    /// The trace; invalid if there is none.
    pub fn trace_id(&self) -> TraceId {
        match &self.0 {
            Kin::None => TraceId::INVALID,
            Kin::Local(shared, _) => shared.trace(),
            Kin::Remote(remote) => remote.trace,
        }
    }

    /// The span; invalid if there is none.
    pub fn span_id(&self) -> SpanId {
        match &self.0 {
            Kin::None => SpanId::INVALID,
            Kin::Local(_, span) => span.id(),
            Kin::Remote(remote) => remote.span,
        }
    }

    /// Whether the trace is sampled, as it goes out with requests.
    pub fn is_sampled(&self) -> bool {
        match &self.0 {
            Kin::None => false,
            Kin::Local(shared, _) => shared.header().sampled,
            Kin::Remote(remote) => remote.has(remote::SAMPLED),
        }
    }

    /// Whether the trace id is known to be random where W3C Trace Context Level 2 wants it: a sampler may
    /// then take it for a number that was drawn.
    pub fn is_random(&self) -> bool {
        match &self.0 {
            Kin::None => false,
            Kin::Local(shared, _) => shared.header().random,
            Kin::Remote(remote) => remote.has(remote::RANDOM),
        }
    }

    /// Whether somebody debugs this trace, as B3 and Jaeger can say.
    pub(crate) fn is_debug(&self) -> bool {
        match &self.0 {
            Kin::None => false,
            Kin::Local(shared, _) => shared.is_debug(),
            Kin::Remote(remote) => remote.has(remote::DEBUG),
        }
    }

    /// Runs `work` with this context current: a closure on another thread continues the trace.
    pub fn in_scope<R>(&self, work: impl FnOnce() -> R) -> R {
        let _here = Attached::of(self.make_current(true));
        work()
    }

    /// Makes this context current until the guard is dropped.
    pub fn attach(&self) -> Attached {
        Attached::of(self.make_current(false))
    }

    /// The same for who undoes it without a guard.
    pub(crate) fn make_current(&self, is_nested: bool) -> Attachment {
        hot(|hot| Attachment {
            seen: hot.seen.get(),
            how: if hot.closed.get() { How::Not } else { self.attach_to(hot) },
            is_nested,
        })
    }

    fn attach_to(&self, hot: &Hot) -> How {
        match &self.0 {
            Kin::Local(shared, span) if root::is_here(hot, shared, *span) => {
                let outer = hot.top.get();
                // What others attached so far is put aside.
                hot.seen.set(hook::now());
                if !root::push_scope(hot, *span, 0) {
                    return How::Same { outer };
                }
                How::Scope { scope: hot.top.get(), outer }
            }
            Kin::Local(shared, span) => {
                if !root::visit(hot, shared, *span) {
                    return How::Not;
                }
                How::Chunk { inside: hot.top.get() }
            }
            Kin::Remote(remote) => hide(hot, Some(remote)),
            Kin::None => hide(hot, None),
        }
    }

    #[cfg(feature = "otel")]
    pub(crate) fn into_kin(self) -> Kin {
        self.0
    }

    pub(crate) fn kin(&self) -> &Kin {
        &self.0
    }
}

/// Puts aside whatever is current, so that the next span is a root below `ambient`.
fn hide(hot: &Hot, ambient: Option<&Arc<Remote>>) -> How {
    let Some(mut empty) = cold(Cold::empty_chunk) else { return How::Not };
    // Its own name, by which it is found when it is to go.
    let inside = SpanRef::fresh();
    empty.top = inside;
    empty.ambient = ambient.cloned();
    stack::push(hot, empty);
    hook::show_remote(hot, ambient.map(|remote| &**remote));
    How::Chunk { inside }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("trace_id", &self.trace_id())
            .field("span_id", &self.span_id())
            .field("is_sampled", &self.is_sampled())
            .finish()
    }
}

/// A context that is current until this is dropped.
#[must_use = "the context is current for as long as this lives"]
#[derive(Debug)]
pub struct Attached {
    attachment: Attachment,
    _stays_here: PhantomData<*const ()>,
}

/// A context that was made current, and is until somebody undoes it on the same thread.
#[derive(Debug)]
pub(crate) struct Attachment {
    how: How,
    /// What others had attached before.
    seen: Seen,
    /// Whether whatever was made current inside is of no use to anybody after it.
    is_nested: bool,
}

#[derive(Debug)]
enum How {
    /// It could not be made current.
    Not,
    /// Its segment is current, and there is no room for a scope, or no record of the trace.
    Same { outer: SpanRef },
    /// A scope in the chunk that was current.
    Scope { scope: SpanRef, outer: SpanRef },
    /// A chunk of its own, that of this position.
    Chunk { inside: SpanRef },
}

impl Attached {
    fn of(attachment: Attachment) -> Self {
        Self { attachment, _stays_here: PhantomData }
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.attachment.undo();
    }
}

impl Attachment {
    /// Makes current what was current before.
    pub(crate) fn undo(&self) {
        hot(|hot| match self.how {
            How::Not => {}
            How::Same { outer } => {
                self.unwind_to(hot, outer);
                hot.seen.set(self.seen);
            }
            How::Scope { scope, outer } => {
                self.unwind_to(hot, scope);
                hot.seen.set(self.seen);
                if hot.top.get().chunk() == scope.chunk() {
                    pop_scope(hot, scope, outer);
                } else {
                    stack::with_displaced(hot, scope, false, &|hot| pop_scope(hot, scope, outer));
                }
            }
            How::Chunk { inside } => {
                self.unwind_to(hot, inside);
                if hot.top.get().chunk() == inside.chunk() {
                    stack::end_chunk(hot);
                } else {
                    stack::with_displaced(hot, inside, true, &|_| {});
                }
            }
        });
    }

    /// What was begun inside of a closure and is still open when it returns ends with it.
    fn unwind_to(&self, hot: &Hot, inside: SpanRef) {
        if self.is_nested {
            stack::unwind_to(hot, inside);
        }
    }
}

/// Takes a scope from the way outwards, and with it what was left open inside. A scope without children
/// leaves no trace.
fn pop_scope(hot: &Hot, scope: SpanRef, outer: SpanRef) {
    let at = scope.position();
    let is_scope = Slot::new(hot.block.get(), at)
        .is_some_and(|slot| at >= HEADER && slot.kind() == Some(Kind::Scope));
    leave(hot, at, outer.position());
    if is_scope && hot.cursor() == at + RECORD && hot.top.get().position() < at {
        hot.set_cursor(at);
    }
}

/// What can say where a span hangs: a context, or something that may hold one.
pub trait IntoContext {
    /// The context.
    fn into_context(self) -> Context;
}

impl IntoContext for Context {
    fn into_context(self) -> Context {
        self
    }
}

impl IntoContext for &Context {
    fn into_context(self) -> Context {
        self.clone()
    }
}

impl<C: IntoContext> IntoContext for Option<C> {
    fn into_context(self) -> Context {
        self.map_or(Context::none(), C::into_context)
    }
}

/// A closure that continues the present trace wherever it is called: on another thread, in a pool.
pub fn in_current<R>(work: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let context = current();
    move || context.in_scope(work)
}
