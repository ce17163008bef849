//! B3, as Zipkin and Envoy send it: one header, or several.
//!
//! The one header comes first where both are there. What only says whether to sample (`b3: 0`) names no
//! span that a trace could continue, and is passed over.

use super::headers::{Headers, only_one};
use super::hex;
use crate::context::{Context, Remote, remote};
use crate::id::{SpanId, TraceId};

pub(super) const SINGLE: &str = "b3";
pub(super) const TRACE_ID: &str = "x-b3-traceid";
pub(super) const SPAN_ID: &str = "x-b3-spanid";
pub(super) const SAMPLED: &str = "x-b3-sampled";
pub(super) const FLAGS: &str = "x-b3-flags";
pub(super) const ALL: &[&str] = &[SINGLE, TRACE_ID, SPAN_ID, SAMPLED, FLAGS];

pub(super) fn extract(headers: &dyn Headers) -> Option<Remote> {
    only_one(headers, SINGLE, parse_single).or_else(|| extract_multi(headers))
}

fn parse_single(header: &str) -> Option<Remote> {
    let mut fields = header.trim_matches([' ', '\t']).split('-');
    let (trace, span) = (trace_id(fields.next()?)?, span_id(fields.next()?)?);
    let flags = fields.next().map_or(Some(remote::UNDECIDED), decision)?;
    // Whose child it was there; only checked.
    let has_good_parent = fields.next().is_none_or(|parent| span_id(parent).is_some());
    (has_good_parent && fields.next().is_none()).then(|| Remote::new(trace, span, flags))
}

fn extract_multi(headers: &dyn Headers) -> Option<Remote> {
    let trace = only_one(headers, TRACE_ID, trace_id)?;
    let span = only_one(headers, SPAN_ID, span_id)?;
    if only_one(headers, FLAGS, |flags| (flags == "1").then_some(())).is_some() {
        return Some(Remote::new(trace, span, remote::SAMPLED | remote::DEBUG));
    }
    // Older senders write the decision as a word.
    let flags = only_one(headers, SAMPLED, |sampled| match sampled {
        "true" => Some(remote::SAMPLED),
        "false" => Some(0),
        digit => decision(digit),
    });
    Some(Remote::new(trace, span, flags.unwrap_or(remote::UNDECIDED)))
}

fn decision(state: &str) -> Option<u8> {
    match state {
        "0" => Some(0),
        "1" => Some(remote::SAMPLED),
        "d" => Some(remote::SAMPLED | remote::DEBUG),
        _ => None,
    }
}

/// Of 64 or 128 bits.
fn trace_id(text: &str) -> Option<TraceId> {
    let id = hex::exact(text, 32).or_else(|| hex::exact(text, 16))?;
    Some(TraceId::from_u128(id)).filter(|id| id.is_valid())
}

fn span_id(text: &str) -> Option<SpanId> {
    hex::exact64(text).map(SpanId::from_u64).filter(|id| id.is_valid())
}

pub(super) fn inject_single(context: &Context, set: &mut dyn FnMut(&'static str, &str)) {
    let state = match (context.is_debug(), context.is_sampled()) {
        (true, _) => 'd',
        (false, true) => '1',
        (false, false) => '0',
    };
    set(SINGLE, &format!("{}-{}-{state}", context.trace_id(), context.span_id()));
}

pub(super) fn inject_multi(context: &Context, set: &mut dyn FnMut(&'static str, &str)) {
    set(TRACE_ID, &context.trace_id().to_string());
    set(SPAN_ID, &context.span_id().to_string());
    if context.is_debug() {
        // It implies the decision, which is then not sent.
        set(FLAGS, "1");
    } else {
        set(SAMPLED, if context.is_sampled() { "1" } else { "0" });
    }
}
