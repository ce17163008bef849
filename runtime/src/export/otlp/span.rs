//! One decoded span as OTLP has it: those of other libraries, and those of ours that something unusual was
//! said about.

use super::places::{field, kind};
use super::value::{attributes, key_value};
use super::wire;
use crate::export::code::code_attributes;
use crate::export::limits::Limits;
use crate::export::span::{Event, Link, Span, Status};

/// The bits of the field `flags` beside those of W3C: whether it is known that the parent is in another
/// process, and whether it is.
pub(super) const REMOTE_IS_KNOWN: u32 = 0x100;
pub(super) const IS_REMOTE: u32 = 0x200;

/// The tag of the field `flags`, sixteen of fixed size: the only one that takes two bytes.
pub(super) const FLAGS_TAG: [u8; 2] = [0x85, 0x01];
/// The same in a link, where it is field six.
const LINK_FLAGS_TAG: u8 = 6 << 3 | 5;

/// Appends a span without the tag and the length in front of it.
pub(super) fn write(out: &mut Vec<u8>, span: &Span, limits: &Limits, code: bool) {
    wire::text(out, field::NAME, &span.name);
    wire::number(out, field::KIND, kind(span.kind));
    let without_room = if code { write_code(out, span, limits) } else { 0 };
    write_rest(out, span, without_room);
}

/// The same, where name, kind and the attributes about its place are encoded already.
pub(super) fn write_at(out: &mut Vec<u8>, span: &Span, place: &[u8]) {
    out.extend_from_slice(place);
    write_rest(out, span, 0);
}

fn write_rest(out: &mut Vec<u8>, span: &Span, without_room: u32) {
    wire::bytes(out, field::TRACE_ID, &span.trace_id.to_u128().to_be_bytes());
    wire::bytes(out, field::SPAN_ID, &span.span_id.to_u64().to_be_bytes());
    wire::text(out, field::TRACE_STATE, span.trace_state.as_deref().unwrap_or_default());
    if span.parent_id.is_valid() {
        wire::bytes(out, field::PARENT_ID, &span.parent_id.to_u64().to_be_bytes());
    }
    let remote = if span.parent_is_remote { IS_REMOTE } else { 0 };
    let flags = u32::from(span.trace_flags) | REMOTE_IS_KNOWN | remote;
    out.extend_from_slice(&FLAGS_TAG);
    out.extend_from_slice(&flags.to_le_bytes());
    wire::fixed64(out, field::START, span.start_unix_ns);
    wire::fixed64(out, field::END, span.end_unix_ns);
    attributes(out, field::ATTRIBUTES, &span.attributes);
    let dropped = span.dropped_attributes.saturating_add(without_room);
    wire::number(out, field::DROPPED_ATTRIBUTES, dropped.into());
    for event in &span.events {
        wire::message(out, field::EVENTS, |out| write_event(out, event));
    }
    wire::number(out, field::DROPPED_EVENTS, span.dropped_events.into());
    for link in &span.links {
        wire::message(out, field::LINKS, |out| write_link(out, link));
    }
    wire::number(out, field::DROPPED_LINKS, span.dropped_links.into());
    match &span.status {
        Status::Unset => {}
        Status::Ok => wire::message(out, field::STATUS, |out| wire::number(out, 3, 1)),
        Status::Error(description) => wire::message(out, field::STATUS, |out| {
            wire::text(out, 2, description);
            wire::number(out, 3, 2);
        }),
    }
}

/// Where the span comes from, as far as nobody said so already; returns how many found no room.
fn write_code(out: &mut Vec<u8>, span: &Span, limits: &Limits) -> u32 {
    let Some(place) = span.place else { return 0 };
    let mut room = limits.attributes.saturating_sub(span.attributes.len());
    let mut without_room = 0;
    for (key, value) in code_attributes(place) {
        if span.attribute(&key).is_some() {
            continue;
        }
        if room == 0 {
            without_room += 1;
            continue;
        }
        room -= 1;
        key_value(out, field::ATTRIBUTES, &key, &value);
    }
    without_room
}

fn write_event(out: &mut Vec<u8>, event: &Event) {
    wire::fixed64(out, 1, event.unix_ns);
    wire::text(out, 2, &event.name);
    attributes(out, 3, &event.attributes);
    wire::number(out, 4, event.dropped_attributes.into());
}

fn write_link(out: &mut Vec<u8>, link: &Link) {
    wire::bytes(out, 1, &link.trace_id.to_u128().to_be_bytes());
    wire::bytes(out, 2, &link.span_id.to_u64().to_be_bytes());
    wire::text(out, 3, link.trace_state.as_deref().unwrap_or_default());
    attributes(out, 4, &link.attributes);
    wire::number(out, 5, link.dropped_attributes.into());
    let remote = match link.is_remote {
        None => 0,
        Some(false) => REMOTE_IS_KNOWN,
        Some(true) => REMOTE_IS_KNOWN | IS_REMOTE,
    };
    let flags = u32::from(link.trace_flags) | remote;
    if flags != 0 {
        out.push(LINK_FLAGS_TAG);
        out.extend_from_slice(&flags.to_le_bytes());
    }
}
