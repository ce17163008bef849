//! Our `TracerProvider`, and its tracers: where a span of another library belongs, and whether it is recorded.

use super::convert;
use super::span::{Fate, Ids, Recording, Span};
use crate::callsite::{About, Name};
use crate::clock;
use crate::context::{self, Kin, Remote, remote};
use crate::export::span::{self as data, Scope};
use crate::hook::{self, Found};
use crate::id::{SpanId, SpanRef, TraceId};
use crate::sampling::{self, Start};
use crate::segment::foreign::spare;
use crate::segment::shared::{Route, Shared};
use crate::segment::thread::{Hot, cold, hot};
use crate::sync::modelled::Arc as Segment;
use crate::sync::thread_local;
use opentelemetry::trace::{self, SpanBuilder};
use opentelemetry::{Context, InstrumentationScope};
use std::cell::Cell;
use std::sync::Arc;

/// Makes tracers whose spans belong with ours and leave through the same pipeline.
///
/// [`install`](super::install) makes it the global one.
#[derive(Clone, Debug)]
pub struct TracerProvider(());

impl Default for TracerProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl TracerProvider {
    /// A provider. All of them are the same one.
    pub fn new() -> Self {
        hook::install();
        Self(())
    }
}

impl trace::TracerProvider for TracerProvider {
    type Tracer = Tracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> Tracer {
        ANSWER.with(|answer| match answer.get() {
            Answer::NotAsked => hook::expect_others(),
            Answer::Awaited | Answer::Ours => answer.set(Answer::Ours),
        });
        Tracer { scope: convert::scope(&scope) }
    }
}

/// Whether a provider of ours was asked for a tracer, by us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    NotAsked,
    Awaited,
    Ours,
}

thread_local! {
    static ANSWER: Cell<Answer> = const { Cell::new(Answer::NotAsked) };
}

/// Whether a provider is ours: it has no name, but it can be asked for a tracer.
pub(super) fn answers(provider: &impl trace::TracerProvider) -> bool {
    ANSWER.with(|answer| answer.set(Answer::Awaited));
    let _tracer = provider.tracer("traced");
    ANSWER.with(|answer| answer.replace(Answer::NotAsked)) == Answer::Ours
}

/// Opens spans of one library.
#[derive(Clone, Debug)]
pub struct Tracer {
    scope: Arc<Scope>,
}

impl trace::Tracer for Tracer {
    type Span = Span;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> Span {
        hot(|hot| {
            if hot.closed.get() || parent.is_telemetry_suppressed() {
                return Span::silent(parent);
            }
            match parent_of(hot, parent).into_kin() {
                Kin::None => self.root(builder, None),
                Kin::Local(segment, span) => self.in_segment(builder, segment, span),
                Kin::Remote(remote) if remote.has(remote::IN_PROCESS) => {
                    self.below_foreign(builder, &remote)
                }
                Kin::Remote(remote) => self.root(builder, Some(&remote)),
            }
        })
    }
}

/// Where a span belongs that is opened in this context.
fn parent_of(hot: &Hot, context: &Context) -> context::Context {
    if hook::is_present(context) {
        let has_moved = hook::Seen::of(context) != hot.seen.get();
        return if has_moved { hook::meant(hot, context) } else { context::innermost(hot) };
    }
    match hook::find(hot, context) {
        Found::Here => context::innermost(hot),
        Found::Nothing => context::Context::none(),
        Found::There(context) => context,
    }
}

/// What samplers are told of the place where another library's root begins.
static FOREIGN: About = About::new(Name::Literal("foreign"), "opentelemetry", "", 0);

impl Tracer {
    /// A local root: the sampler decides now, because nobody can say when it ends.
    fn root(&self, builder: SpanBuilder, parent: Option<&Remote>) -> Span {
        let parent = parent.filter(|parent| parent.is_span());
        let trace = parent.map_or_else(TraceId::random, |parent| parent.trace);
        let start = Start::of(trace, parent, &FOREIGN);
        let route = cold(|cold| cold.route.clone());
        let head = route.as_ref().and_then(|route| sampling::head(&start, route));
        let is_sampled = head.is_some_and(|head| head.sampled);
        let threshold = head.and_then(|head| head.threshold).filter(|_| is_sampled);
        let is_random = parent.is_none_or(|parent| parent.has(remote::RANDOM));
        let ids = Ids {
            trace,
            span: SpanRef::foreign().id(),
            parent: parent.map_or(SpanId::INVALID, |parent| parent.span),
            parent_is_remote: parent.is_some(),
            flags: flags(is_sampled, is_random),
            trace_state: sampling::trace_state(&start.trace_state, threshold).shared(),
        };
        match route {
            Some(route) if is_sampled => self.open(ids, builder, Fate::Kept(route)),
            _ => Span::unrecorded(&ids),
        }
    }

    /// Below a span of another library outside of any segment of ours: it follows.
    fn below_foreign(&self, builder: SpanBuilder, parent: &Remote) -> Span {
        let ids = Ids {
            trace: parent.trace,
            span: SpanRef::foreign().id(),
            parent: parent.span,
            parent_is_remote: false,
            flags: flags(parent.has(remote::SAMPLED), parent.has(remote::RANDOM)),
            trace_state: parent.trace_state.shared(),
        };
        match cold(|cold| cold.route.clone()) {
            Some(route) if parent.has(remote::SAMPLED) => {
                self.open(ids, builder, Fate::Kept(route))
            }
            _ => Span::unrecorded(&ids),
        }
    }

    /// In a segment of ours: it is kept or forgotten with it.
    fn in_segment(&self, builder: SpanBuilder, segment: Segment<Shared>, parent: SpanRef) -> Span {
        let name = if segment.is_untold() { SpanRef::untold_foreign() } else { SpanRef::foreign() };
        let ids = Ids {
            trace: segment.trace(),
            span: name.id(),
            parent: parent.id(),
            parent_is_remote: false,
            flags: segment.header().trace_flags(),
            trace_state: segment.outgoing().shared(),
        };
        if segment.is_recording() {
            self.open(ids, builder, Fate::Of(segment))
        } else {
            Span::unrecorded(&ids)
        }
    }

    fn open(&self, ids: Ids, builder: SpanBuilder, fate: Fate) -> Span {
        let contexts = ids.to_context();
        let mut span =
            spare().unwrap_or_else(|| Box::new(data::Span::new("", ids.trace, ids.span)));
        // Every field is said anew, because the box may have been another span's; lists of such are empty.
        span.trace_id = ids.trace;
        span.span_id = ids.span;
        span.parent_id = ids.parent;
        span.parent_is_remote = ids.parent_is_remote;
        span.trace_flags = ids.flags;
        span.trace_state = ids.trace_state;
        span.status = data::Status::Unset;
        span.end_unix_ns = 0;
        span.place = None;
        (span.dropped_attributes, span.dropped_events, span.dropped_links) = (0, 0, 0);
        span.name = builder.name;
        span.kind = builder.span_kind.as_ref().map(convert::kind).unwrap_or_default();
        if !span.scope.as_ref().is_some_and(|scope| Arc::ptr_eq(scope, &self.scope)) {
            span.scope = Some(self.scope.clone());
        }
        if let Some(attributes) = builder.attributes {
            span.attributes.extend(attributes.into_iter().map(convert::attribute));
        }
        if let Some(events) = builder.events {
            span.events = events.into_iter().map(convert::event).collect();
        }
        if let Some(links) = builder.links {
            let link = |link: trace::Link| convert::link(&link.span_context, link.attributes);
            span.links = links.into_iter().map(link).collect();
        }
        let (begun, begin) = if let Some(time) = builder.start_time {
            (None, convert::unix_ns(time))
        } else {
            let (tick, unix_ns) = clock::now();
            if let Route::Capture(capture) = fate.route() {
                capture.note_begun(ids.span, tick);
            }
            (Some(tick), unix_ns)
        };
        span.start_unix_ns = begin;
        Span::recorded(contexts, Recording { span, fate, begun })
    }
}

fn flags(is_sampled: bool, is_random: bool) -> u8 {
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    flag(is_sampled, remote::SAMPLED) | flag(is_random, remote::RANDOM)
}
