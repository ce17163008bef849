//! The span that a context of ours shows: its ids, which everybody reads, and its segment, which only we ask for.
//!
//! Whoever takes a context elsewhere takes the segment along, so that what begins there is judged with the rest. As a value
//! in the context it would cost each request a table and two more boxes; as the span itself it costs one. Nothing of a
//! span in a context can be reached but by the API's own calls, and so it is asked by one of them: `is_recording`, which
//! changes nothing, whoever's span it is. Ours leaves its segment where the question came from.
//!
//! The API asks a span under a lock of its own, which whoever is just ending that span holds. So only those are asked
//! whose id is made as ours are for local roots, which one in 2^36 of others is.

use crate::id::{SpanId, SpanRef};
use crate::segment::record::HEADER;
use crate::segment::shared::Shared;
use crate::sync::modelled::Arc;
use crate::sync::thread_local;
use opentelemetry::KeyValue;
use opentelemetry::trace::{Span, SpanContext, SpanRef as Others, Status};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::time::SystemTime;

/// What others take for our local root. It stands for wherever the segment is.
pub(super) struct Sign {
    ids: SpanContext,
    segment: Arc<Shared>,
}

/// What is asked on a thread.
#[derive(Default)]
enum Question {
    #[default]
    Nothing,
    WhichSegment,
    Answered(Arc<Shared>),
}

thread_local! {
    static QUESTION: Cell<Question> = const { Cell::new(Question::Nothing) };
}

/// The segment of a span in somebody's context, if that is a sign of ours.
pub(super) fn segment_of(span: &Others<'_>, id: SpanId) -> Option<Arc<Shared>> {
    if !SpanRef::of_id(id).is_some_and(|name| name.begins_chunk_at(HEADER)) {
        return None;
    }
    QUESTION.try_with(|question| question.set(Question::WhichSegment)).ok()?;
    span.is_recording();
    match QUESTION.try_with(Cell::take) {
        Ok(Question::Answered(segment)) => Some(segment),
        _ => None,
    }
}

impl Sign {
    pub(super) fn new(ids: SpanContext, segment: Arc<Shared>) -> Self {
        Self { ids, segment }
    }

    fn answer(&self) {
        let _gone = QUESTION.try_with(|question| {
            if let Question::WhichSegment = question.take() {
                question.set(Question::Answered(self.segment.clone()));
            }
        });
    }
}

/// Our spans are records: what others say to this one is not heard.
impl Span for Sign {
    fn span_context(&self) -> &SpanContext {
        &self.ids
    }

    fn is_recording(&self) -> bool {
        self.answer();
        false
    }

    fn add_event_with_timestamp<T>(&mut self, _: T, _: SystemTime, _: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
    }

    fn set_attribute(&mut self, _: KeyValue) {}

    fn set_status(&mut self, _: Status) {}

    fn update_name<T>(&mut self, _: T)
    where
        T: Into<Cow<'static, str>>,
    {
    }

    fn add_link(&mut self, _: SpanContext, _: Vec<KeyValue>) {}

    fn end_with_timestamp(&mut self, _: SystemTime) {}
}

impl fmt::Debug for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sign").field("ids", &self.ids).finish_non_exhaustive()
    }
}
