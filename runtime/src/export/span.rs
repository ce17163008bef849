//! A finished span, decoded: what every exporter that is not in a hurry works with.
//!
//! Ours come from records; those of other libraries come as they are, through the same queue.

pub use super::limits::Limits;
pub use super::resource::Resource;
pub use crate::callsite::{About, SpanKind};
pub use crate::id::{SpanId, TraceId};

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// The name of an attribute: of ours it is a literal in the program.
pub type Key = Cow<'static, str>;

/// A finished span.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Span {
    /// What it is called.
    pub name: Cow<'static, str>,
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// The id of its parent; invalid for the root of a trace.
    pub parent_id: SpanId,
    /// Whether the parent is in another process.
    pub parent_is_remote: bool,
    /// The flags of the trace as W3C writes them; the lowest says that it is sampled.
    pub trace_flags: u8,
    /// What the systems that the trace came through say about it, as in the header `tracestate`.
    pub trace_state: Option<Arc<str>>,
    /// Its role.
    pub kind: SpanKind,
    /// When it began, in nanoseconds since 1970.
    pub start_unix_ns: u64,
    /// When it ended, never before it began.
    pub end_unix_ns: u64,
    /// What was recorded on it, in the order of recording; a later value of a key replaces an earlier one.
    pub attributes: Vec<(Key, Attribute)>,
    /// What happened in it.
    pub events: Vec<Event>,
    /// Other spans it refers to.
    pub links: Vec<Link>,
    /// How it ended.
    pub status: Status,
    /// Attributes that found no room.
    pub dropped_attributes: u32,
    /// Events that found no room.
    pub dropped_events: u32,
    /// Links that found no room.
    pub dropped_links: u32,
    /// The library that made it; none for our own.
    pub scope: Option<Arc<Scope>>,
    /// The place it comes from; none for spans of other libraries.
    pub place: Option<&'static About>,
}

impl Span {
    /// The bit of [`Span::trace_flags`] that says that the trace is sampled.
    pub const SAMPLED: u8 = 1;
    /// The bit of [`Span::trace_flags`] that says that the trace id is random.
    pub const RANDOM: u8 = 1 << 1;

    /// A sampled root of no duration, to be filled in.
    pub fn new(name: impl Into<Cow<'static, str>>, trace_id: TraceId, span_id: SpanId) -> Self {
        Self {
            name: name.into(),
            trace_id,
            span_id,
            parent_id: SpanId::INVALID,
            parent_is_remote: false,
            trace_flags: Self::SAMPLED,
            trace_state: None,
            kind: SpanKind::Internal,
            start_unix_ns: 0,
            end_unix_ns: 0,
            attributes: Vec::new(),
            events: Vec::new(),
            links: Vec::new(),
            status: Status::Unset,
            dropped_attributes: 0,
            dropped_events: 0,
            dropped_links: 0,
            scope: None,
            place: None,
        }
    }

    /// Whether the trace is sampled.
    pub fn is_sampled(&self) -> bool {
        self.trace_flags & Self::SAMPLED != 0
    }

    /// From begin to end.
    pub fn duration(&self) -> Duration {
        Duration::from_nanos(self.end_unix_ns.saturating_sub(self.start_unix_ns))
    }

    /// The value recorded under a key.
    pub fn attribute(&self, key: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|(k, _)| *k == key).map(|(_, value)| value)
    }

    /// Whether nobody in this process is its parent.
    pub fn is_local_root(&self) -> bool {
        self.parent_is_remote || !self.parent_id.is_valid()
    }
}

/// A recorded value.
///
/// OpenTelemetry has no unsigned numbers: a `u64` above `i64::MAX` is recorded as its decimal text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say it")]
pub enum Attribute {
    I64(i64),
    F64(f64),
    Bool(bool),
    Text(String),
    I64s(Vec<i64>),
    F64s(Vec<f64>),
    Bools(Vec<bool>),
    Texts(Vec<String>),
}

/// Something that happened at one moment of a span.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub name: Cow<'static, str>,
    /// When, in nanoseconds since 1970.
    pub unix_ns: u64,
    /// What was recorded with it.
    pub attributes: Vec<(Key, Attribute)>,
    /// Attributes that found no room.
    pub dropped_attributes: u32,
}

impl Event {
    /// An event without attributes.
    pub fn new(name: impl Into<Cow<'static, str>>, unix_ns: u64) -> Self {
        Self { name: name.into(), unix_ns, attributes: Vec::new(), dropped_attributes: 0 }
    }
}

/// A reference to another span, in any trace.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The other trace.
    pub trace_id: TraceId,
    /// The span in it.
    pub span_id: SpanId,
    /// Whether that span is in another process; none where nobody knows.
    pub is_remote: Option<bool>,
    /// The flags of the other trace as W3C writes them.
    pub trace_flags: u8,
    /// The other trace's `tracestate`.
    pub trace_state: Option<Arc<str>>,
    /// What was recorded with it.
    pub attributes: Vec<(Key, Attribute)>,
    /// Attributes that found no room.
    pub dropped_attributes: u32,
}

impl Link {
    /// A link without attributes.
    pub fn new(trace_id: TraceId, span_id: SpanId) -> Self {
        Self {
            trace_id,
            span_id,
            is_remote: None,
            trace_flags: 0,
            trace_state: None,
            attributes: Vec::new(),
            dropped_attributes: 0,
        }
    }
}

/// The library that made a span: OpenTelemetry's instrumentation scope.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Scope {
    /// What it is called.
    pub name: Cow<'static, str>,
    /// Its version.
    pub version: Option<Cow<'static, str>>,
    /// Where its conventions are written down.
    pub schema_url: Option<Cow<'static, str>>,
    /// What it says about itself.
    pub attributes: Vec<(Key, Attribute)>,
}

impl Scope {
    /// A scope that says nothing but its name.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// How a span ended.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Status {
    /// Nobody said anything.
    #[default]
    Unset,
    /// Somebody said that it went well.
    Ok,
    /// It failed; the description is for people, and may be empty.
    Error(Cow<'static, str>),
}

impl From<i64> for Attribute {
    fn from(value: i64) -> Self {
        Self::I64(value)
    }
}

impl From<f64> for Attribute {
    fn from(value: f64) -> Self {
        Self::F64(value)
    }
}

impl From<bool> for Attribute {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Attribute {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
