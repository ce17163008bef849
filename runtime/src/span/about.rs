//! What is said about a span beside its own record.

use super::root;
use crate::id::SpanRef;
use crate::segment::attribute;
use crate::segment::chunk::{self, Room, state};
use crate::segment::record::{HEADER, Kind, RECORD, Slot, flag, head};
use crate::segment::thread::Hot;

/// Writes a record about a span; `false` where there is no room or nothing is recorded.
pub(crate) fn say(
    hot: &Hot,
    kind: Kind,
    about: SpanRef,
    word: u64,
    flags: u64,
    site: u32,
    payload: &[u64],
) -> bool {
    let length = RECORD + payload.len();
    let Some(words) = chunk::reserve(hot, length, Room::Reserved) else { return false };
    let (Some(slot), Some(rest)) = (Slot::new(words, 0), words.get(RECORD..)) else { return false };
    slot.write([head(kind, flags, site, length), about.name().0, word, hot.top.get().0]);
    attribute::write_words(payload, rest);
    hot.advance(length);
    true
}

/// The end of a span that was opened in a chunk which is not here: a record of whatever chunk is current,
/// or one on its own. The collector finds its span.
pub(crate) fn send_end(hot: &Hot, span: SpanRef, end: u64, flags: u64) {
    if !say(hot, Kind::End, span, end, flags, 0, &[]) {
        root::send_alone(Kind::End, span, end, flags);
    }
}

/// Says something about how a span of wherever went.
pub(crate) fn add_outcome(hot: &Hot, span: SpanRef, flags: u64) {
    let span = span.name();
    if flags & flag::ERROR != 0 {
        hot.add_state(state::ERROR);
    }
    let here = hot.top.get().chunk() == span.chunk();
    let slot = Slot::new(hot.block.get(), span.position());
    match slot.filter(|slot| here && slot.kind() == Some(Kind::Span)) {
        Some(slot) => slot.add_flags(flags),
        None => {
            say(hot, Kind::Flags, name_of(hot, span), 0, flags, 0, &[]);
        }
    }
}

/// The reference under which the collector knows what stands at a position of the current chunk.
pub(crate) fn name_of(hot: &Hot, span: SpanRef) -> SpanRef {
    let span = span.name();
    if span.chunk() != hot.top.get().chunk() {
        return span;
    }
    let slot = Slot::new(hot.block.get(), span.position()).filter(|_| span.position() >= HEADER);
    match slot.map(|slot| (slot, slot.kind())) {
        Some((slot, Some(Kind::Scope | Kind::Carried))) => slot.about(),
        // What is not carried was opened in the present part.
        _ => hot.top.get().at(span.position()).name(),
    }
}
