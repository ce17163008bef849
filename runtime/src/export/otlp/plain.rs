//! Chunks that hold nothing but spans that have ended, which is what most chunks are: read and written in one
//! loop, that keeps in registers what it needs.

use super::body::Writer;
use super::encode::{self, Common, Encoder, UNUSUAL};
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

impl Encoder {
    /// Writes the spans of a chunk until the body is full.
    pub(super) fn walk(
        &mut self,
        walk: &mut Walk<'_, '_>,
        common: &Common,
        clock: &Calibration,
    ) -> Pause {
        let full_at = self.full_bytes.saturating_sub(self.length() - self.body.len());
        while let Some(&[head, first, second, outer]) = walk.rest.first_chunk::<RECORD>() {
            let position = walk.position;
            if head & 0xff == Kind::Gap as u64 {
                walk.position += usize::try_from(second).unwrap_or(0);
                walk.rest = &walk.rest[RECORD..];
                continue;
            }
            let length = length_of(head).max(RECORD);
            let Some((record, behind)) = walk.rest.split_at_checked(length) else { break };
            (walk.rest, walk.position) = (behind, position + length);
            if head & 0xff != Kind::Span as u64 {
                continue;
            }
            let parent = SpanRef(outer).position();
            if parent != walk.parent {
                walk.parent_id = parent_of(walk.chunk, parent, &[]).0;
                walk.parent = parent;
            }
            let is_root = parent < HEADER;
            let is_usual = head & UNUSUAL == 0 && !(common.marks_root && is_root);
            let place = self.places.known(site_of(head)).filter(|_| is_usual);
            let written = place.and_then(|place| {
                let payload = &record[RECORD..];
                let mut most = Common::MOST + common.trace_state.len() + place.bytes.len();
                if !payload.is_empty() {
                    most += most_bytes(payload.len());
                }
                let room = self.body.room(most);
                let start = clock.unix_ns(first);
                let end = clock.unix_ns(second).max(start);
                let id = walk.chunk.reference(position).id_from(walk.chunk.id_base);
                let is_remote = is_root && walk.chunk.header.parent_is_remote;
                write(
                    room,
                    place,
                    common,
                    [id, walk.parent_id],
                    [start, end],
                    is_remote,
                    head,
                    payload,
                )
            });
            match written {
                Some(written) => {
                    self.body.take_in(written);
                    self.spans += 1;
                }
                None => self.unusual(walk, position, record, common, clock),
            }
            if self.body.len() >= full_at || self.spans >= self.full_spans {
                return Pause::Full;
            }
        }
        Pause::Done
    }

    /// A span that needs a closer look, or the first one of its place.
    #[cold]
    #[inline(never)]
    fn unusual(
        &mut self,
        walk: &Walk<'_, '_>,
        position: usize,
        record: &[u64],
        common: &Common,
        clock: &Calibration,
    ) {
        let (chunk, trace_state, parent_id) = (walk.chunk, walk.trace_state, walk.parent_id);
        let Some((words, payload)) = record.split_first_chunk::<RECORD>() else { return };
        let record = Record::new(Kind::Span, words, position, payload);
        let parent_is_remote = record.parent < HEADER && chunk.header.parent_is_remote;
        let span = Recorded { chunk, record, parent_id, parent_is_remote, trace_state, notes: &[] };
        self.recorded(&span, common, clock);
    }
}

/// Writes a span that nothing unusual was said about; how many bytes it has.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "what a span is, in registers")]
fn write(
    room: &mut [u8],
    place: &Place,
    common: &Common,
    [id, parent]: [SpanId; 2],
    [start, end]: [u64; 2],
    parent_is_remote: bool,
    head: u64,
    payload: &[u64],
) -> Option<usize> {
    let mut out = Writer::new(room);
    let keys = place.keys.as_ref()?;
    common.write(&mut out, id, start, end, parent, parent_is_remote)?;
    place.write(&mut out)?;
    if !payload.is_empty() {
        keys.write(&mut out, payload)?;
    }
    if head & (flag::OK | flag::ERROR) != 0 {
        out.put(encode::status(head))?;
    }
    out.close(1)?;
    Some(out.written())
}
