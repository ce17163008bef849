//! A span of another library, from its beginning to the queue.

use super::convert;
use crate::clock;
use crate::export::limits::Limits;
use crate::export::span::{self as data, Attribute, Key, Status};
use crate::id::{SpanId, TraceId};
use crate::segment::chunk::state;
use crate::segment::shared::{Route, Shared};
use crate::sync::modelled::Arc;
use opentelemetry::trace::{self, SpanContext, TraceContextExt, TraceFlags};
use opentelemetry::{Context, KeyValue};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc as Text;
use std::time::SystemTime;

/// An open span of another library.
#[derive(Debug)]
pub struct Span {
    ids: SpanContext,
    /// Until it ends.
    recording: Option<Recording>,
}

/// What is said about it so far.
pub(super) struct Recording {
    pub(super) span: Box<data::Span>,
    pub(super) fate: Fate,
    /// The tick in which it began, unless its library said when that was.
    pub(super) begun: Option<u64>,
}

/// Where it belongs.
pub(super) struct Ids {
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
    pub(super) parent: SpanId,
    pub(super) parent_is_remote: bool,
    pub(super) flags: u8,
    pub(super) trace_state: Option<Text<str>>,
}

impl Ids {
    /// As others see it.
    pub(super) fn to_context(&self) -> SpanContext {
        let trace_state = match &self.trace_state {
            None => trace::TraceState::NONE,
            // They know fewer keys than W3C Level 2.
            Some(list) => list.parse().unwrap_or_default(),
        };
        let flags = TraceFlags::new(self.flags);
        SpanContext::new(self.trace.into(), self.span.into(), flags, false, trace_state)
    }
}

/// What becomes of it when it has ended.
pub(super) enum Fate {
    /// It goes out.
    Kept(Route),
    /// What becomes of the segment.
    Of(Arc<Shared>),
}

impl Fate {
    pub(super) fn route(&self) -> &Route {
        match self {
            Self::Kept(route) => route,
            Self::Of(segment) => segment.route(),
        }
    }
}

impl Span {
    /// It records nothing, and lets its parent through.
    pub(super) fn silent(parent: &Context) -> Self {
        Self { ids: parent.span().span_context().clone(), recording: None }
    }

    /// It has ids for others, and records nothing.
    pub(super) fn unrecorded(ids: &Ids) -> Self {
        Self { ids: ids.to_context(), recording: None }
    }

    pub(super) fn recorded(ids: SpanContext, recording: Recording) -> Self {
        Self { ids, recording: Some(recording) }
    }

    /// It ends, now or when its library says.
    fn finish(&mut self, end: Option<SystemTime>) {
        let Some(Recording { mut span, fate, begun }) = self.recording.take() else { return };
        let end = match (end, begun) {
            (Some(end), _) => convert::unix_ns(end),
            // Ticks are cheaper than the time of day.
            (None, Some(begun)) => {
                span.start_unix_ns.saturating_add(clock::elapsed_ns(begun, clock::ticks()))
            }
            (None, None) => convert::unix_ns(SystemTime::now()),
        };
        span.end_unix_ns = end.max(span.start_unix_ns);
        match fate {
            Fate::Kept(route) => route.offer(*span),
            Fate::Of(segment) => Shared::contribute_foreign(&segment, span),
        }
    }
}

impl Recording {
    fn add_attribute(&mut self, attribute: KeyValue) {
        let (key, value) = convert::attribute(attribute);
        set(&mut self.span, key, value);
    }
}

/// What exceeds this is only counted, so that no span grows without bound; what is exported may be less.
const MOST: usize = Limits::MOST;

/// A later value of a key replaces an earlier one.
fn set(span: &mut data::Span, key: Key, value: Attribute) {
    match span.attributes.iter().position(|(existing, _)| *existing == key) {
        Some(at) => span.attributes[at].1 = value,
        None if span.attributes.len() < MOST => span.attributes.push((key, value)),
        None => span.dropped_attributes += 1,
    }
}

impl trace::Span for Span {
    fn add_event_with_timestamp<T>(&mut self, name: T, at: SystemTime, all: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        let Some(recording) = &mut self.recording else { return };
        let span = &mut recording.span;
        if span.events.len() < MOST {
            let event = data::Event::new(name, convert::unix_ns(at));
            span.events.push(data::Event { attributes: convert::attributes(all), ..event });
        } else {
            span.dropped_events += 1;
        }
    }

    fn span_context(&self) -> &SpanContext {
        &self.ids
    }

    fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        if let Some(recording) = &mut self.recording {
            recording.add_attribute(attribute);
        }
    }

    fn set_status(&mut self, status: trace::Status) {
        let Some(recording) = &mut self.recording else { return };
        let status = convert::status(status);
        // What went well goes on having gone well, and nobody takes back an error by saying nothing.
        let is_final = recording.span.status == Status::Ok || status == Status::Unset;
        if is_final {
            return;
        }
        if let (Status::Error(_), Fate::Of(segment)) = (&status, &recording.fate) {
            segment.mark(state::ERROR);
        }
        recording.span.status = status;
    }

    fn update_name<T>(&mut self, name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        if let Some(recording) = &mut self.recording {
            recording.span.name = name.into();
        }
    }

    fn add_link(&mut self, to: SpanContext, all: Vec<KeyValue>) {
        let Some(recording) = &mut self.recording else { return };
        let span = &mut recording.span;
        if !to.is_valid() {
            return;
        }
        if span.links.len() < MOST {
            span.links.push(convert::link(&to, all));
        } else {
            span.dropped_links += 1;
        }
    }

    fn end(&mut self) {
        self.finish(None);
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        self.finish(Some(timestamp));
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        trace::Span::end(self);
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("name", &self.span.name).finish_non_exhaustive()
    }
}
