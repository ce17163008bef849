//! A finished span, decoded: what every exporter that is not in a hurry works with.

use crate::callsite::{About, SpanKind};
use crate::id::{SpanId, TraceId};
use std::borrow::Cow;
use std::time::Duration;

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
    /// Its role.
    pub kind: SpanKind,
    /// When it began, in nanoseconds since 1970.
    pub start_unix_ns: u64,
    /// When it ended, never before it began.
    pub end_unix_ns: u64,
    /// What was recorded on it, in the order of recording; a later value of a key replaces an earlier one.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// What happened in it.
    pub events: Vec<Event>,
    /// Other spans it refers to.
    pub links: Vec<Link>,
    /// How it ended.
    pub status: Status,
    /// Attributes that found no room.
    pub dropped_attributes: u32,
    /// The place it comes from.
    pub place: Option<&'static About>,
}

impl Span {
    /// From begin to end.
    pub fn duration(&self) -> Duration {
        Duration::from_nanos(self.end_unix_ns - self.start_unix_ns)
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
    pub name: &'static str,
    /// When, in nanoseconds since 1970.
    pub unix_ns: u64,
    /// What was recorded with it.
    pub attributes: Vec<(&'static str, Attribute)>,
}

/// A reference to another span, in any trace.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The other trace.
    pub trace_id: TraceId,
    /// The span in it.
    pub span_id: SpanId,
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
