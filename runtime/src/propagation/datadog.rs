//! `x-datadog-*`: decimal numbers of 64 bits, and the upper half of the trace id among the tags.

use super::headers::{Headers, only_one};
use super::hex;
use crate::context::{Context, Remote, remote};
use crate::id::{SpanId, TraceId};

pub(super) const TRACE_ID: &str = "x-datadog-trace-id";
pub(super) const PARENT_ID: &str = "x-datadog-parent-id";
pub(super) const PRIORITY: &str = "x-datadog-sampling-priority";
pub(super) const TAGS: &str = "x-datadog-tags";

/// The tag with the upper half of the trace id.
const UPPER_HALF: &str = "_dd.p.tid";
/// Longer lists of tags are not looked into; Datadog sends at most 512 bytes.
const MAX_TAGS: usize = 4096;

pub(super) fn extract(headers: &dyn Headers) -> Option<Remote> {
    let low = only_one(headers, TRACE_ID, number)?;
    let span = SpanId::from_u64(only_one(headers, PARENT_ID, number)?);
    // A tag that is malformed is a tag that is not there.
    let high = only_one(headers, TAGS, upper_half).unwrap_or(0);
    let trace = TraceId::from_halves(high, low);
    let flags = match only_one(headers, PRIORITY, |priority| priority.parse::<i32>().ok()) {
        None => remote::UNDECIDED,
        // 1 was decided by a sampler, 2 by a person; 0 and -1 are their opposites.
        Some(priority) if priority > 0 => remote::SAMPLED,
        Some(_) => 0,
    };
    (low != 0 && span.is_valid()).then(|| Remote::new(trace, span, flags))
}

/// Digits, and nothing else: no sign, no space.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn upper_half(tags: &str) -> Option<u64> {
    let tags = Some(tags).filter(|tags| tags.len() <= MAX_TAGS)?;
    let mut pairs = tags.split(',').filter_map(|tag| tag.trim().split_once('='));
    pairs.find(|(key, _)| *key == UPPER_HALF).and_then(|(_, value)| hex::exact64(value))
}

pub(super) fn inject(context: &Context, set: &mut dyn FnMut(&'static str, &str)) {
    let (high, low) = context.trace_id().halves();
    set(TRACE_ID, &low.to_string());
    set(PARENT_ID, &context.span_id().to_u64().to_string());
    set(PRIORITY, if context.is_sampled() { "1" } else { "0" });
    if high != 0 {
        set(TAGS, &format!("{UPPER_HALF}={high:016x}"));
    }
}
