//! What others see of our spans, and for how long.

use super::find::Place;
use super::sign::Sign;
use super::{HAS_TRACERS, Seen, contained, is_installed};
use crate::callsite::Callsite;
use crate::context::{self, Remote, remote};
use crate::id::{SpanId, SpanRef, TraceId};
use crate::otel::baggage;
use crate::propagation::{Baggage, TraceState};
use crate::segment::record::HEADER;
use crate::segment::shared::Shared;
use crate::segment::thread::{Hot, cold, hot};
use crate::sync::Relaxed;
use crate::sync::modelled::Arc;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags};
use opentelemetry::{Context, ContextGuard};
use std::fmt;

/// One of our contexts, as others see it.
pub(crate) fn span_context(context: &context::Context, is_remote: bool) -> SpanContext {
    let sampled = if context.is_sampled() { remote::SAMPLED } else { 0 };
    let random = if context.is_random() { remote::RANDOM } else { 0 };
    let ids = (context.trace_id(), context.span_id(), sampled | random);
    as_others_see(ids, is_remote, &context.trace_state())
}

/// A span of a segment, as others see it.
fn ids_of(segment: &Shared, span: SpanRef) -> SpanContext {
    let ids = (segment.trace(), span.id(), segment.header().trace_flags());
    as_others_see(ids, false, &segment.outgoing())
}

fn as_others_see(
    (trace, span, flags): (TraceId, SpanId, u8),
    is_remote: bool,
    trace_state: &TraceState,
) -> SpanContext {
    let trace_state = if trace_state.is_empty() {
        opentelemetry::trace::TraceState::NONE
    } else {
        // They know fewer keys than W3C Level 2.
        trace_state.as_str().parse().unwrap_or_default()
    };
    SpanContext::new(trace.into(), span.into(), TraceFlags::new(flags), is_remote, trace_state)
}

/// A context of OpenTelemetry with exactly this span of ours.
pub(crate) fn exact(segment: &Arc<Shared>, span: SpanRef) -> Context {
    with_place(segment, span, Some(span))
}

fn with_place(segment: &Arc<Shared>, span: SpanRef, exactly: Option<SpanRef>) -> Context {
    let place = Place { segment: segment.clone(), exactly };
    let context = Context::current_with_value(place);
    with_baggage(context.with_remote_span_context(ids_of(segment, span)), segment.baggage())
}

/// A context that stands for wherever the segment is.
fn wherever(segment: Arc<Shared>) -> Context {
    let (root, is_untold) = (segment.root(), segment.is_untold());
    if !is_untold && HAS_TRACERS.load(Relaxed) {
        return with_place(&segment, root, None);
    }
    let ids = ids_of(&segment, root);
    if is_untold {
        return Context::map_current(|current| current.with_remote_span_context(ids));
    }
    let along = segment.baggage().clone();
    with_baggage(Context::current_with_span(Sign::new(ids, segment)), &along)
}

fn with_baggage(context: Context, along: &Baggage) -> Context {
    // What somebody put there on purpose goes before what came in.
    if along.is_empty() || !context.baggage().is_empty() {
        return context;
    }
    baggage::add(context, along)
}

/// The context that the chunk of a task shows, or a segment that is lent, kept for the next poll. In a box that is used
/// again, because chunks are exchanged with all that they have.
pub(crate) struct Shown(Box<Showing>);

struct Showing {
    context: Context,
    seen: Seen,
    /// Of what is lent, that of the segment's root. No chunk: nothing is shown.
    chunk: u32,
}

impl Shown {
    /// Lets go of the context.
    pub(crate) fn clear(&mut self) {
        self.0.chunk = 0;
        // What it holds may be anybody's.
        let _context = std::mem::take(&mut self.0.context);
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

/// A context that is attached until this is left.
#[derive(Debug)]
pub(crate) struct Entered(Option<ContextGuard>);

impl Entered {
    pub(crate) const NOTHING: Self = Self(None);

    /// Attaches a context, and remembers it as what the innermost span knows of.
    fn into(hot: &Hot, context: Context) -> Self {
        let seen = Seen::of(&context);
        Self::into_seen(hot, context, seen)
    }

    #[inline]
    fn into_seen(hot: &Hot, context: Context, seen: Seen) -> Self {
        let guard = contained(|| context.attach());
        if guard.is_some() {
            hot.seen.set(seen);
        }
        Self(guard)
    }

    #[inline]
    pub(crate) fn leave(&mut self) {
        if let Some(guard) = self.0.take() {
            contained(|| drop(guard));
        }
    }
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        self.leave();
    }
}

/// Shows the chunk that has just become current, until it ends.
pub(crate) fn show(hot: &Hot) {
    if !is_installed() {
        return;
    }
    let Some(segment) = hot.share() else { return };
    if let Some(context) = contained(|| wherever(segment)) {
        keep(key_of_chunk(hot), Entered::into(hot, context));
    }
}

/// The same for a chunk that stands for a context of another process, or none.
pub(crate) fn show_remote(hot: &Hot, remote: Option<&Remote>) {
    if !is_installed() {
        return;
    }
    let ids = match remote.filter(|remote| remote.is_span()) {
        Some(remote) => span_context(&context::Context::of_remote(Arc::new(remote.clone())), true),
        None => SpanContext::NONE,
    };
    let context = contained(|| {
        let context = Context::current().with_remote_span_context(ids);
        match remote {
            Some(remote) => baggage::add(context, &remote.baggage),
            None => context,
        }
    });
    if let Some(context) = context {
        keep(key_of_chunk(hot), Entered::into(hot, context));
    }
}

/// A chunk of this number has ended.
pub(crate) fn hide(chunk: u32) {
    if is_installed() {
        give_back(chunk.into());
    }
}

/// Shows what is polled: a task's chunk, which was made current for this, and the span itself if its place says so.
#[inline(always)]
pub(crate) fn enter_poll(
    site: impl FnOnce(&Hot) -> Option<&'static Callsite>,
    span: SpanRef,
    is_chunk: bool,
) -> Entered {
    // In a chunk that is shown already, nothing knows the place without a record.
    if is_installed() && (is_chunk || span.position() >= HEADER) {
        enter_recorded(site, span, is_chunk)
    } else {
        Entered::NOTHING
    }
}

#[inline(never)]
fn enter_recorded(
    site: impl FnOnce(&Hot) -> Option<&'static Callsite>,
    span: SpanRef,
    is_chunk: bool,
) -> Entered {
    hot(|hot| {
        let attaches = site(hot).is_some_and(|site| site.about().attach);
        if attaches {
            enter_exactly(hot, span.name())
        } else if is_chunk {
            enter_wherever(hot)
        } else {
            Entered::NOTHING
        }
    })
}

/// Shows a segment without a chunk, which was lent for a poll.
#[inline(always)]
pub(crate) fn enter_lent() -> Entered {
    if is_installed() { hot(show_lent) } else { Entered::NOTHING }
}

/// Where its ids are all that there is to know of it, the context is made anew for each poll, which costs what keeping
/// it would.
#[inline(never)]
fn show_lent(hot: &Hot) -> Entered {
    let Some((ids, seen)) = hot.with_shared(untold_ids) else {
        return enter_wherever(hot);
    };
    let guard = contained(|| {
        let show = |current: &Context| {
            let silent = current.is_telemetry_suppressed();
            (current.with_remote_span_context(ids), if silent { Seen::SILENCE } else { seen })
        };
        let (context, seen) = Context::map_current(show);
        (context.attach(), seen)
    });
    let Some((guard, seen)) = guard else { return Entered::NOTHING };
    hot.seen.set(seen);
    Entered(Some(guard))
}

/// What others see of a segment that has nothing but ids, and what our spans take that for.
fn untold_ids(segment: &Shared) -> Option<(SpanContext, Seen)> {
    let root = segment.root();
    segment.is_untold().then(|| (ids_of(segment, root), Seen::of_span(root.id())))
}

#[cold]
#[inline(never)]
fn enter_exactly(hot: &Hot, span: SpanRef) -> Entered {
    let Some(segment) = hot.share() else { return Entered::NOTHING };
    let context = contained(|| exact(&segment, span));
    context.map_or(Entered::NOTHING, |context| Entered::into(hot, context))
}

#[inline(never)]
fn enter_wherever(hot: &Hot) -> Entered {
    let chunk = hot.top.get().chunk();
    let mut shown = hot.shown.take();
    if shown.as_ref().is_none_or(|shown| shown.0.chunk != chunk) {
        shown = show_anew(hot, shown, chunk);
    }
    let Some(shown) = shown else { return Entered::NOTHING };
    let (context, seen) = (shown.0.context.clone(), shown.0.seen);
    hot.shown.set(Some(shown));
    Entered::into_seen(hot, context, seen)
}

fn show_anew(hot: &Hot, used: Option<Shown>, chunk: u32) -> Option<Shown> {
    let segment = hot.share()?;
    let context = contained(|| wherever(segment))?;
    let showing = Showing { seen: Seen::of(&context), context, chunk };
    Some(match used {
        None => Shown(Box::new(showing)),
        Some(mut shown) => {
            *shown.0 = showing;
            shown
        }
    })
}

/// A segment is over that had no chunk: what was last shown of it here is not needed any more.
#[inline]
pub(crate) fn forget_shown(hot: &Hot, segment: &Shared) {
    // Nothing is kept of what is untold.
    if !is_installed() || segment.is_untold() {
        return;
    }
    let mut shown = hot.shown.take();
    if let Some(shown) = shown.as_mut().filter(|shown| shown.0.chunk == segment.root().chunk()) {
        shown.clear();
    }
    hot.shown.set(shown);
}

/// Attaches exactly this span, which has just been opened, if its place says so.
pub(crate) fn attach(hot: &Hot, site: &'static Callsite, span: SpanRef) {
    if !site.about().attach || span.is_none() || !is_installed() {
        return;
    }
    let Some(segment) = hot.share() else { return };
    let before = hot.seen.get();
    let Some(context) = contained(|| exact(&segment, span.name())) else { return };
    let mut entered = Entered::into(hot, context);
    let key = span.name().0;
    if let Some(guard) = entered.0.take() {
        cold(|cold| cold.kept.attached.push((key, before)));
        keep(key, Entered(Some(guard)));
    }
}

/// Such a span has ended.
pub(crate) fn detach(hot: &Hot, span: SpanRef) {
    if !is_installed() {
        return;
    }
    let key = span.name().0;
    let before = cold(|cold| {
        let at = cold.kept.attached.iter().rposition(|(attached, _)| *attached == key)?;
        Some(cold.kept.attached.remove(at).1)
    });
    if let Some(before) = before.flatten() {
        hot.seen.set(before);
        give_back(key);
    }
}

/// What a thread keeps of what it shows.
#[derive(Default)]
pub(crate) struct Kept {
    /// What others see of the chunks and spans that are open here, each under its key.
    entered: Vec<(u64, Entered)>,
    /// Spans that are shown exactly, and what others had attached before.
    attached: Vec<(u64, Seen)>,
}

impl Kept {
    /// The thread ends, and OpenTelemetry's cell may have gone before.
    pub(crate) fn forget(&mut self) {
        self.entered.drain(..).for_each(std::mem::forget);
    }
}

fn key_of_chunk(hot: &Hot) -> u64 {
    hot.top.get().chunk().into()
}

/// Keeps a guard on the thread it belongs to. Numbers of chunks are smaller than names of spans.
fn keep(key: u64, entered: Entered) {
    let mut entered = Some(entered);
    cold(|cold| cold.kept.entered.extend(entered.take().map(|entered| (key, entered))));
}

fn give_back(key: u64) {
    let entered = cold(|cold| {
        let at = cold.kept.entered.iter().rposition(|(kept, _)| *kept == key)?;
        Some(cold.kept.entered.remove(at).1)
    });
    // Here, where nothing is borrowed: what a context holds may be anybody's.
    drop(entered);
}

/// What the exporters do on this thread is nobody's trace.
pub(crate) fn suppress() -> Entered {
    Entered(contained(Context::enter_telemetry_suppressed_scope))
}
