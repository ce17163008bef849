//! The ids of both sides are the same numbers.

use crate::id::{SpanId, TraceId};

impl From<TraceId> for opentelemetry::TraceId {
    fn from(id: TraceId) -> Self {
        Self::from_bytes(id.to_u128().to_be_bytes())
    }
}

impl From<opentelemetry::TraceId> for TraceId {
    fn from(id: opentelemetry::TraceId) -> Self {
        Self::from_u128(u128::from_be_bytes(id.to_bytes()))
    }
}

impl From<SpanId> for opentelemetry::SpanId {
    fn from(id: SpanId) -> Self {
        Self::from_bytes(id.to_u64().to_be_bytes())
    }
}

impl From<opentelemetry::SpanId> for SpanId {
    fn from(id: opentelemetry::SpanId) -> Self {
        Self::from_u64(u64::from_be_bytes(id.to_bytes()))
    }
}
