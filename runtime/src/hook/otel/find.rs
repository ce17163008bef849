//! What a context of OpenTelemetry is to us: a span of ours, the segment that is current, or somebody else's span.

use super::{Seen, contained, sign};
use crate::context::{self, Remote, remote};
use crate::id::{SpanId, SpanRef, TraceId};
use crate::propagation::TraceState;
use crate::segment::shared::Shared;
use crate::segment::thread::Hot;
use crate::sync::modelled::Arc;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};

/// What is meant by the present context, or a copy of it, at this moment: the innermost span, unless something
/// has moved.
pub(crate) fn meant(hot: &Hot, context: &Context) -> context::Context {
    let is_exact = context.get::<Place>().is_some_and(|place| place.exactly.is_some());
    if Seen::of(context) == hot.seen.get() && (!is_exact || is_present(context)) {
        return context::innermost(hot);
    }
    match find(hot, context) {
        Found::Here => context::innermost(hot),
        Found::Nothing if is_present(context) => context::innermost(hot),
        Found::Nothing => context::Context::none(),
        Found::There(context) => context,
    }
}

/// Whether this is the present context itself, and not a copy of it: so it comes from whoever named none.
pub(crate) fn is_present(context: &Context) -> bool {
    contained(|| Context::map_current(|current| std::ptr::eq(current, context))).unwrap_or(false)
}

/// What a context of OpenTelemetry is to us.
pub(crate) enum Found {
    /// It has no span.
    Nothing,
    /// Our segment that is current, wherever it is.
    Here,
    /// A certain span.
    There(context::Context),
}

/// What our contexts carry besides the ids that everybody sees, where one stands for a certain span, or others may derive
/// contexts from it with spans that they opened through us: those keep it. Otherwise a [`Sign`](sign::Sign) is enough, and of
/// what is [untold](SpanRef::untold) the ids are.
pub(super) struct Place {
    pub(super) segment: Arc<Shared>,
    /// The span itself; otherwise the segment, wherever it is.
    pub(super) exactly: Option<SpanRef>,
}

/// What a header said, where a `SpanContext` has no room for all of it.
pub(crate) struct Received(pub(crate) Arc<Remote>);

/// Finds out what a context means: to a span that is opened, or to whoever asks where something belongs.
pub(crate) fn find(hot: &Hot, context: &Context) -> Found {
    let span = context.span();
    let ids = span.span_context();
    if !ids.is_valid() {
        return Found::Nothing;
    }
    let (trace, id) = (TraceId::from(ids.trace_id()), SpanId::from(ids.span_id()));
    let untold = untold(ids, id);
    let is_of = |segment: &Shared| {
        segment.trace() == trace && untold.is_none_or(|name| may_hold(segment, name))
    };
    let carried = context.get::<Place>().filter(|place| is_of(&place.segment));
    if let Some(place) = carried {
        if place.exactly.is_some_and(|exactly| exactly.id() == id) {
            return there(&place.segment, place.exactly.unwrap_or_default());
        }
        if let Some(found) = in_segment(hot, &place.segment, id) {
            return found;
        }
    }
    if let Some(segment) = sign::segment_of(&span, id) {
        if let Some(found) = in_segment(hot, &segment, id) {
            return found;
        }
    }
    if !ids.is_remote() {
        let current = hot.share().filter(|segment| is_of(segment));
        if let Some(found) = current.and_then(|segment| in_segment(hot, &segment, id)) {
            return found;
        }
        if let Some(name) = untold {
            let is_random = ids.trace_flags().to_u8() & remote::RANDOM != 0;
            return there(&Shared::untold(trace, name, is_random), name);
        }
    }
    if let Some(Received(received)) = context.get::<Received>() {
        if received.trace == trace && received.span == id {
            return Found::There(context::Context::of_remote(received.clone()));
        }
    }
    Found::There(context::Context::of_remote(Arc::new(remote_of(ids))))
}

/// A span of this segment: its root stands for wherever it is, if that is here.
fn in_segment(hot: &Hot, segment: &Arc<Shared>, id: SpanId) -> Option<Found> {
    if id == segment.root().id() {
        let is_here = hot.is_active() && hot.is_in(segment);
        return Some(if is_here { Found::Here } else { there(segment, segment.root()) });
    }
    SpanRef::of_id(id).map(|span| there(segment, span))
}

/// The name of a span, if its ids are all that there is to know of it: it is not recorded, nor is its segment.
fn untold(ids: &SpanContext, id: SpanId) -> Option<SpanRef> {
    let name = SpanRef::of_id(id).filter(|name| name.is_untold())?;
    let is_all = !ids.is_remote() && !ids.is_sampled() && trace_state_of(ids).is_empty();
    is_all.then_some(name)
}

/// Whether a segment may hold an untold span of its trace: its own root, or another library's span.
fn may_hold(segment: &Shared, name: SpanRef) -> bool {
    !segment.is_recording() && (name == segment.root() || !name.is_untold_root())
}

fn there(segment: &Arc<Shared>, span: SpanRef) -> Found {
    Found::There(context::Context::local(segment.clone(), span))
}

fn remote_of(ids: &SpanContext) -> Remote {
    let flags = ids.trace_flags().to_u8();
    let known = flags & (remote::SAMPLED | remote::RANDOM);
    let place = if ids.is_remote() { 0 } else { remote::IN_PROCESS };
    let mut remote = Remote::new(ids.trace_id().into(), ids.span_id().into(), known | place);
    remote.trace_state = trace_state_of(ids);
    remote
}

fn trace_state_of(ids: &SpanContext) -> TraceState {
    if *ids.trace_state() == opentelemetry::trace::TraceState::NONE {
        return TraceState::EMPTY;
    }
    ids.trace_state().header().parse().unwrap_or_default()
}
