//! Our `TracerProvider`, and its tracers: where a span of another library belongs, and whether it is recorded.

use super::convert;
use super::span::{Fate, Recording, Span};
use crate::callsite::{About, Name};
use crate::context::{self, Kin, Remote, remote};
use crate::export::span::{self as data, Scope};
use crate::hook::{self, Found};
use crate::id::{SpanId, SpanRef, TraceId};
use crate::sampling::{self, Start};
use crate::segment::shared::Shared;
use crate::segment::thread::{Hot, cold, hot};
use crate::sync::modelled::Arc as Segment;
use crate::sync::thread_local;
use opentelemetry::trace::{self, SpanBuilder};
use opentelemetry::{Context, InstrumentationScope};
use std::cell::Cell;
use std::sync::Arc;
use std::time::SystemTime;

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
        ANSWERED.with(|answered| answered.set(true));
        Tracer { scope: convert::scope(&scope) }
    }
}

thread_local! {
    static ANSWERED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a provider is ours: it has no name, but it can be asked for a tracer.
pub(super) fn answers(provider: &impl trace::TracerProvider) -> bool {
    ANSWERED.with(|answered| answered.set(false));
    let _tracer = provider.tracer("traced");
    ANSWERED.with(Cell::get)
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
        let mut span = data::Span::new("", trace, SpanRef::foreign().id());
        span.parent_id = parent.map_or(SpanId::INVALID, |parent| parent.span);
        span.parent_is_remote = parent.is_some();
        let is_random = parent.is_none_or(|parent| parent.has(remote::RANDOM));
        span.trace_flags = flags(is_sampled, is_random);
        span.trace_state = sampling::trace_state(&start.trace_state, threshold).shared();
        match route {
            Some(route) if is_sampled => self.open(span, builder, Fate::Kept(route)),
            _ => Span::unrecorded(&span),
        }
    }

    /// Below a span of another library outside of any segment of ours: it follows.
    fn below_foreign(&self, builder: SpanBuilder, parent: &Remote) -> Span {
        let mut span = data::Span::new("", parent.trace, SpanRef::foreign().id());
        span.parent_id = parent.span;
        span.trace_flags = flags(parent.has(remote::SAMPLED), parent.has(remote::RANDOM));
        span.trace_state = parent.trace_state.shared();
        match cold(|cold| cold.route.clone()) {
            Some(route) if span.is_sampled() => self.open(span, builder, Fate::Kept(route)),
            _ => Span::unrecorded(&span),
        }
    }

    /// In a segment of ours: it is kept or forgotten with it.
    fn in_segment(&self, builder: SpanBuilder, segment: Segment<Shared>, parent: SpanRef) -> Span {
        let mut span = data::Span::new("", segment.trace(), SpanRef::foreign().id());
        span.parent_id = parent.id();
        span.trace_flags = segment.header().trace_flags();
        span.trace_state = segment.outgoing().shared();
        if segment.is_recording() {
            self.open(span, builder, Fate::Of(segment))
        } else {
            Span::unrecorded(&span)
        }
    }

    fn open(&self, span: data::Span, builder: SpanBuilder, fate: Fate) -> Span {
        let mut span = Box::new(span);
        span.name = builder.name;
        span.kind = builder.span_kind.as_ref().map(convert::kind).unwrap_or_default();
        span.start_unix_ns = convert::unix_ns(builder.start_time.unwrap_or_else(SystemTime::now));
        span.scope = Some(self.scope.clone());
        span.attributes = builder.attributes.map(convert::attributes).unwrap_or_default();
        span.events = builder.events.into_iter().flatten().map(convert::event).collect();
        let links = builder.links.into_iter().flatten();
        span.links = links.map(|link| convert::link(&link.span_context, link.attributes)).collect();
        Span::recorded(Recording { span, fate })
    }
}

fn flags(is_sampled: bool, is_random: bool) -> u8 {
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    flag(is_sampled, remote::SAMPLED) | flag(is_random, remote::RANDOM)
}
