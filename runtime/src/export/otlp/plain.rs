//! Chunks that hold nothing but spans that have ended, which is what most chunks are: read and written in one
//! loop, that keeps in registers what it needs.

use super::encode::{self, CONTENT, Common, Encoder, Own, UNUSUAL};
use super::places::Place;
use super::window::{AHEAD, Out, USUAL_WORDS, WINDOW, Window};
use crate::clock::Calibration;
use crate::id::{SpanId, SpanRef};
use crate::pipeline::read::{Recorded, Shape, notes_on_last, parent_of};
use crate::propagation::TraceState;
use crate::segment::decode::{Chunk, Record};
use crate::segment::record::{HEADER, Kind, RECORD, flag, length_of, site_of};

/// How far a chunk was written.
pub(super) struct Walk<'c, 'w> {
    chunk: &'c Chunk<'w>,
    trace_state: &'c TraceState,
    /// What is left of the page, and how much of that belongs to the chunk.
    page: &'w [u64],
    left: usize,
    /// Whether more may be said about a span right behind it.
    has_notes: bool,
    position: usize,
    /// The last parent and its id, which siblings have in common.
    parent: usize,
    parent_id: SpanId,
    /// What is said about the span that is written, and room for more.
    notes: Vec<(usize, Record<'w>)>,
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
    pub(super) fn of(chunk: &'c Chunk<'w>, trace_state: &'c TraceState, shape: Shape) -> Self {
        let ((page, left), parent_id) = (chunk.page(), chunk.header.parent);
        let has_notes = shape != Shape::Plain;
        let (position, parent, notes) = (HEADER, 0, Vec::new());
        Self { chunk, trace_state, page, left, has_notes, position, parent, parent_id, notes }
    }

    /// How many words were read.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The next record; none where they end.
    fn next(&mut self) -> Option<Record<'w>> {
        let head = *self.page.first().filter(|_| self.left >= RECORD)?;
        let length = length_of(head).max(RECORD);
        let left = self.left.checked_sub(length)?;
        // What is none of ours is passed over.
        let kind = Kind::of(head).unwrap_or(Kind::Dead);
        let record = Record::new(kind, self.page, self.position, length)?;
        (self.page, self.left) = (&self.page[length..], left);
        self.position += length;
        Some(record)
    }

    /// Reads what is said about the span that was read last, and stands right behind it.
    fn read_notes(&mut self, position: usize) {
        self.notes.clear();
        while self.left >= RECORD && self.page.first().is_some_and(|head| notes_on_last(*head)) {
            let Some(note) = self.next() else { return };
            self.notes.push((position, note));
        }
    }

    /// Whether something is said behind the next record.
    #[inline]
    fn next_is_noted(&self) -> bool {
        let Some(head) = self.page.first() else { return false };
        let length = length_of(*head).max(RECORD);
        let noted = || self.page.get(length).is_some_and(|behind| notes_on_last(*behind));
        self.has_notes && self.left > length && noted()
    }
}

/// Why the loop over plain spans stops.
enum Stop {
    /// There is nothing more.
    Done,
    /// The body has as much as it is to have.
    Full,
    /// There is not surely enough room for a usual span.
    Room,
    /// The next record needs a closer look: something unusual is said about a span, or it is the first one of its
    /// place, or one of the last of its page.
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
                Stop::Room => {
                    self.body.room(WINDOW);
                }
                // Where something is said of one, something often is of the next.
                Stop::Unusual => loop {
                    self.unusual(walk, common, clock);
                    if self.is_full() {
                        return Pause::Full;
                    }
                    if !walk.next_is_noted() {
                        break;
                    }
                },
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
        let Walk { chunk, has_notes, mut parent, mut parent_id, .. } = *walk;
        let Walk { mut page, mut left, mut position, .. } = *walk;
        let mut spans = 0;
        let stop = loop {
            if left < RECORD {
                break Stop::Done;
            }
            let Some((&[head, first, second, outer], words)) = page.split_first_chunk::<RECORD>()
            else {
                break Stop::Done;
            };
            let length = length_of(head).max(RECORD);
            let count = length - RECORD;
            let Some(payload) = words.first_chunk::<AHEAD>() else { break Stop::Unusual };
            if head & 0xff != Kind::Span as u64 || head & UNUSUAL != 0 || count > USUAL_WORDS {
                break Stop::Unusual;
            }
            let own_parent = SpanRef(outer).position();
            if own_parent != parent {
                parent_id = parent_of(chunk, own_parent, &[]).0;
                parent = own_parent;
            }
            let is_root = parent < HEADER;
            let Some(place) = self.places.known(site_of(head)) else { break Stop::Unusual };
            if !common.is_usual(place) || (is_root && common.marks_root) {
                break Stop::Unusual;
            }
            let behind = &words[count..];
            if has_notes && left > length && notes_on_last(behind[0]) {
                break Stop::Unusual;
            }
            let Some(window) = room.first_chunk_mut::<WINDOW>() else { break Stop::Room };
            let start = clock.unix_ns(first);
            let own = Own {
                id: chunk.reference(position).id_from(chunk.id_base),
                start,
                end: clock.unix_ns(second).max(start),
                parent: parent_id,
                parent_is_remote: is_root && chunk.header.parent_is_remote,
            };
            let Some(written) = write(window, place, common, &own, head, payload, count) else {
                break Stop::Unusual;
            };
            let Some(left_behind) = left.checked_sub(length) else { break Stop::Done };
            room = room.split_at_mut(written.min(WINDOW)).1;
            (page, left, position) = (behind, left_behind, position + length);
            spans += 1;
            if room.len() <= room_when_full || spans >= most_spans {
                break Stop::Full;
            }
        };
        let written = all - room.len();
        self.body.take_in(written);
        self.spans += spans;
        (walk.page, walk.left, walk.position) = (page, left, position);
        (walk.parent, walk.parent_id) = (parent, parent_id);
        stop
    }

    /// The next record, which needs a closer look.
    #[inline(never)]
    fn unusual(&mut self, walk: &mut Walk<'_, '_>, common: &Common, clock: &Calibration) {
        let Some(record) = walk.next() else {
            walk.left = 0;
            return;
        };
        if record.kind == Kind::Gap {
            // What was there was as long as it says; what is here of it is the record alone.
            walk.position = record.position + usize::try_from(record.second).unwrap_or(0);
            return;
        }
        if record.kind != Kind::Span {
            return;
        }
        walk.read_notes(record.position);
        let (chunk, trace_state, notes) = (walk.chunk, walk.trace_state, &walk.notes[..]);
        if record.parent != walk.parent {
            walk.parent_id = parent_of(chunk, record.parent, &[]).0;
            walk.parent = record.parent;
        }
        let parent_id = walk.parent_id;
        let parent_is_remote = record.parent < HEADER && chunk.header.parent_is_remote;
        let span = Recorded { chunk, record, parent_id, parent_is_remote, trace_state, notes };
        self.recorded(&span, common, clock);
    }
}

/// Writes a span that nothing unusual was said about; how many bytes it has. Its attributes are the first `count`
/// words of `payload`.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "seven bits")]
fn write(
    room: &mut [u8; WINDOW],
    place: &Place,
    common: &Common,
    own: &Own,
    head: u64,
    payload: &[u64; AHEAD],
    count: usize,
) -> Option<usize> {
    let has_status = head & (flag::OK | flag::ERROR) != 0;
    // Where nothing is of unknown length, a short length is known before it is written.
    let is_short = count == 0 && Common::most_content(place) < 0x80;
    let content = if is_short { CONTENT - 1 } else { CONTENT };
    let at = common.begin(room.first_chunk_mut()?, place, own, content);
    let mut out = Window::behind(room, at);
    if count > 0 {
        place.keys.as_ref()?.write_usual(&mut out, payload, count)?;
    }
    if has_status {
        out.put(encode::status(head))?;
    }
    let written = out.finish()?;
    let length = written - content;
    if is_short {
        room[1] = length as u8;
    } else if length >= 0x80 {
        (room[1], room[2]) = (length as u8 | 0x80, (length >> 7) as u8);
    } else {
        let mut out = Window::behind(room, written);
        out.close(1, CONTENT - 1)?;
        return out.finish();
    }
    Some(written)
}
