//! W3C Trace Context, Level 2: `traceparent` and `tracestate`.

use super::headers::{Headers, joined, only_one};
use super::hex;
use crate::context::{Context, Remote, remote};
use crate::id::{SpanId, TraceId};

pub(super) const TRACEPARENT: &str = "traceparent";
pub(super) const TRACESTATE: &str = "tracestate";

/// What version 00 writes, and the least that later ones do: `00-…-…-01`.
const LENGTH: usize = 55;

pub(super) fn extract(headers: &dyn Headers) -> Option<Remote> {
    let parent = only_one(headers, TRACEPARENT, parse)?;
    // A list that is broken does not break what it goes with.
    let trace_state = joined(headers, TRACESTATE).and_then(|list| list.parse().ok());
    Some(Remote { trace_state: trace_state.unwrap_or_default(), ..parent })
}

pub(super) fn parse(header: &str) -> Option<Remote> {
    let header = header.trim_matches([' ', '\t']);
    let fields = header.get(..LENGTH)?;
    let version = hex::exact(fields.get(..2)?, 2)?;
    let rest = &header[LENGTH..];
    let ends_well =
        if version == 0 { rest.is_empty() } else { rest.is_empty() || rest.starts_with('-') };
    let has_dashes = [2, 35, 52].iter().all(|at| fields.as_bytes()[*at] == b'-');
    if version == 0xff || !ends_well || !has_dashes {
        return None;
    }
    let trace = TraceId::from_u128(hex::exact(fields.get(3..35)?, 32)?);
    let span = SpanId::from_u64(hex::exact64(fields.get(36..52)?)?);
    let flags = hex::exact(fields.get(53..)?, 2)?;
    // Flags that this version does not know mean nothing, and are not passed on.
    let flag = |bit: u128, known: u8| if flags & bit == 0 { 0 } else { known };
    let known = flag(1, remote::SAMPLED) | flag(2, remote::RANDOM);
    (trace.is_valid() && span.is_valid()).then(|| Remote::new(trace, span, known))
}

pub(super) fn inject(context: &Context, set: &mut dyn FnMut(&'static str, &str)) {
    set(TRACEPARENT, &write(context));
    let trace_state = context.trace_state();
    if !trace_state.is_empty() {
        set(TRACESTATE, trace_state.as_str());
    }
}

fn write(context: &Context) -> String {
    let flags = u8::from(context.is_sampled()) | u8::from(context.is_random()) << 1;
    format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id())
}
