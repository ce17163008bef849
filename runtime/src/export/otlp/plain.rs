//! Chunks that hold nothing but spans that have ended, which is what most chunks are: read and written in one
//! loop, that keeps in registers what it needs.

use super::body::Writer;
use super::encode::{self, BEGIN, CONTENT, Common, Encoder, Own, STATUS, UNUSUAL};
use super::places::Place;
use super::value::most_bytes;
use crate::clock::Calibration;
use crate::id::{SpanId, SpanRef};
use crate::pipeline::read::{Recorded, parent_of};
use crate::propagation::TraceState;
use crate::segment::decode::{Chunk, Record};
use crate::segment::record::{HEADER, Kind, RECORD, flag, length_of, site_of};

/// How far a chunk was written.
pub(super) struct Walk<'c, 'w> {
    chunk: &'c Chunk<'w>,
    trace_state: &'c TraceState,
    rest: &'w [u64],
    position: usize,
    /// The last parent and its id, which siblings have in common.
    parent: usize,
    parent_id: SpanId,
}

/// Why a walk paused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pause {
    /// All spans are written.
    Done,
    /// The body has as much as it is to have.
    Full,
}

impl<'c, 'w> Walk<'c, 'w> {
    pub(super) fn of(chunk: &'c Chunk<'w>, trace_state: &'c TraceState) -> Self {
        let (rest, parent_id) = (chunk.behind_header(), chunk.header.parent);
        Self { chunk, trace_state, rest, position: HEADER, parent: 0, parent_id }
    }

    /// How many words were read.
    pub(super) fn position(&self) -> usize {
        self.position
    }
}

/// So much room is enough for a span whose values take so many words, unless it says very much of its place or its
/// trace; then it needs a closer look.
const MUCH: usize = 4 << 10;
const USUAL: usize = 16;

/// Why the loop over plain spans stops.
enum Stop {
    /// There is nothing more.
    Done,
    /// The body has as much as it is to have.
    Full,
    /// The next span may need so many bytes more than there are.
    Room(usize),
    /// The next span needs a closer look, or is the first one of its place.
    Unusual,
}

impl Encoder {
    /// Writes the spans of a chunk until the body is full.
    pub(super) fn walk(
        &mut self,
        walk: &mut Walk<'_, '_>,
        common: &Common,
        clock: &Calibration,
    ) -> Pause {
        loop {
            match self.walk_plain(walk, common, clock) {
                Stop::Done => return Pause::Done,
                Stop::Full => return Pause::Full,
                Stop::Room(bytes) => {
                    self.body.room(bytes);
                }
                Stop::Unusual => {
                    self.unusual(walk, common, clock);
                    if self.is_full() {
                        return Pause::Full;
                    }
                }
            }
        }
    }

    /// Writes spans for as long as they are plain. What changes with each of them is kept in registers until then.
    fn walk_plain(
        &mut self,
        walk: &mut Walk<'_, '_>,
        common: &Common,
        clock: &Calibration,
    ) -> Stop {
        let bytes_left = self.full_bytes.saturating_sub(self.length());
        let most_spans = self.full_spans.saturating_sub(self.spans);
        let mut room = self.body.room(0);
        let all = room.len();
        // The body is full when no more room than this is left.
        let room_when_full = all.saturating_sub(bytes_left);
        let Walk { chunk, mut rest, mut position, mut parent, mut parent_id, .. } = *walk;
        let mut spans = 0;
        let stop = loop {
            let Some(&[head, first, second, outer]) = rest.first_chunk::<RECORD>() else {
                break Stop::Done;
            };
            if head & 0xff == Kind::Gap as u64 {
                position += usize::try_from(second).unwrap_or(0);
                rest = &rest[RECORD..];
                continue;
            }
            let length = length_of(head).max(RECORD);
            let Some(behind) = rest.get(length..) else { break Stop::Done };
            if head & 0xff != Kind::Span as u64 {
                (rest, position) = (behind, position + length);
                continue;
            }
            let own_parent = SpanRef(outer).position();
            if own_parent != parent {
                parent_id = parent_of(chunk, own_parent, &[]).0;
                parent = own_parent;
            }
            let is_root = parent < HEADER;
            if head & UNUSUAL != 0 || (is_root && common.marks_root) {
                break Stop::Unusual;
            }
            let Some(place) = self.places.known(site_of(head)) else { break Stop::Unusual };
            let count = length - RECORD;
            // Mostly there is room for more than a span of the usual size.
            if room.len() < MUCH || count > USUAL {
                let most = common.most_bytes(place) + most_bytes(count);
                if room.len() < most {
                    break Stop::Room(most.max(MUCH));
                }
            }
            let start = clock.unix_ns(first);
            let own = Own {
                id: chunk.reference(position).id_from(chunk.id_base),
                start,
                end: clock.unix_ns(second).max(start),
                parent: parent_id,
                parent_is_remote: is_root && chunk.header.parent_is_remote,
            };
            // What lies behind the record may be read with it.
            let written = write(room, place, common, &own, head, &rest[RECORD..], count);
            let Some(written) = written.filter(|written| *written <= room.len()) else {
                break Stop::Unusual;
            };
            room = room.split_at_mut(written).1;
            (rest, position) = (behind, position + length);
            spans += 1;
            if room.len() <= room_when_full || spans >= most_spans {
                break Stop::Full;
            }
        };
        let written = all - room.len();
        self.body.take_in(written);
        self.spans += spans;
        *walk = Walk { rest, position, parent, parent_id, ..*walk };
        stop
    }

    /// The next span, which needs a closer look, or is the first one of its place.
    #[cold]
    #[inline(never)]
    fn unusual(&mut self, walk: &mut Walk<'_, '_>, common: &Common, clock: &Calibration) {
        let (chunk, trace_state, parent_id) = (walk.chunk, walk.trace_state, walk.parent_id);
        let (words, position) = (walk.rest, walk.position);
        let Some(begin) = words.first_chunk::<RECORD>() else { return };
        let length = length_of(begin[0]).max(RECORD);
        let Some((record, behind)) = words.split_at_checked(length) else { return };
        (walk.rest, walk.position) = (behind, position + length);
        let record = Record::new(Kind::Span, begin, position, &record[RECORD..]);
        let parent_is_remote = record.parent < HEADER && chunk.header.parent_is_remote;
        let span = Recorded { chunk, record, parent_id, parent_is_remote, trace_state, notes: &[] };
        self.recorded(&span, common, clock);
    }
}

/// Writes a span that nothing unusual was said about; how many bytes it has. Its attributes are the first `count`
/// words of `payload`.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "seven bits")]
fn write(
    room: &mut [u8],
    place: &Place,
    common: &Common,
    own: &Own,
    head: u64,
    payload: &[u64],
    count: usize,
) -> Option<usize> {
    let keys = place.keys.as_ref()?;
    let has_status = head & (flag::OK | flag::ERROR) != 0;
    let status = if has_status { STATUS } else { 0 };
    // Where nothing is of unknown length, a short length is known before it is written.
    let is_short = count == 0 && common.content_bytes(place, own.parent) + status < 0x80;
    let content = if is_short { CONTENT - 1 } else { CONTENT };
    let begin: &mut [u8; BEGIN] = room.first_chunk_mut()?;
    let at = common.begin(begin, place, own, content);
    let mut out = Writer::behind(room, at);
    common.put_rest(&mut out, place)?;
    if count > 0 {
        let written = keys.write_here(out.rest()?, payload, count)?;
        out.advance(written);
    }
    if has_status {
        out.put(encode::status(head))?;
    }
    if is_short {
        out.change(1, (out.written() - content) as u8)?;
    } else {
        out.close(1, CONTENT - 1)?;
    }
    Some(out.written())
}
