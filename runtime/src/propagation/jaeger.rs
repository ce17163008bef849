//! `uber-trace-id`, as clients of Jaeger sent it before they spoke OpenTelemetry.

use super::headers::{Headers, only_one};
use super::hex;
use crate::context::{Context, Remote, remote};
use crate::id::{SpanId, TraceId};

pub(super) const UBER_TRACE_ID: &str = "uber-trace-id";

/// The longest one that makes sense: all digits of all fields, and three colons that are encoded.
const MAX_LENGTH: usize = 32 + 16 + 16 + 2 + 3 * "%3A".len();

const SAMPLED: u128 = 1;
const DEBUG: u128 = 2;

pub(super) fn extract(headers: &dyn Headers) -> Option<Remote> {
    only_one(headers, UBER_TRACE_ID, |header| {
        let header = header.trim_matches([' ', '\t']);
        if header.len() > MAX_LENGTH {
            return None;
        }
        // Some clients encode it as they would a part of an address.
        if header.contains('%') {
            parse(&header.replace("%3A", ":").replace("%3a", ":"))
        } else {
            parse(header)
        }
    })
}

/// `trace:span:parent:flags`. Numbers may be written without leading zeros.
#[allow(clippy::cast_possible_truncation, reason = "sixteen digits at most")]
fn parse(header: &str) -> Option<Remote> {
    let mut fields = header.split(':');
    let trace = TraceId::from_u128(hex::upto(fields.next()?, 32)?);
    let span = SpanId::from_u64(hex::upto(fields.next()?, 16)? as u64);
    // Whose child it was there: deprecated, and often zero or nothing at all.
    let parent = fields.next()?;
    let has_good_parent = parent.is_empty() || hex::upto(parent, 16).is_some();
    let flags = hex::upto(fields.next()?, 2)?;
    let is_good = has_good_parent && fields.next().is_none() && trace.is_valid() && span.is_valid();
    let flag = |bit: u128, known: u8| if flags & bit == 0 { 0 } else { known };
    // A span is debugged only if it is sampled as well.
    let known = match flag(SAMPLED, remote::SAMPLED) {
        0 => 0,
        sampled => sampled | flag(DEBUG, remote::DEBUG),
    };
    is_good.then(|| Remote::new(trace, span, known))
}

pub(super) fn inject(context: &Context, set: &mut dyn FnMut(&'static str, &str)) {
    let flags = match (context.is_sampled(), context.is_debug()) {
        (false, _) => 0,
        (true, false) => SAMPLED,
        (true, true) => SAMPLED | DEBUG,
    };
    set(UBER_TRACE_ID, &format!("{}:{}:0:{flags:02x}", context.trace_id(), context.span_id()));
}
