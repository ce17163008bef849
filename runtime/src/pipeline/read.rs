//! From the words of many chunks to spans, each with what was said about it.
//!
//! Most of what is said about a span stands in its own record, or in a note of the same chunk behind it. So
//! a chunk is read on its own, in one go. The exceptions are found before that by a [`survey`] of all that
//! came in a batch: notes about spans of other chunks, which the [`Assembler`] brings together with them.

use crate::id::{SpanId, SpanRef};
use crate::order::sort_by_number;
use crate::pipeline::assemble::Assembler;
use crate::propagation::TraceState;
use crate::sampling;
use crate::segment::attribute::{Raw, Reader};
use crate::segment::decode::{Chunk, Record, chunks};
use crate::segment::record::{HEADER, Kind};

/// A span as its chunk tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded<'a, 'w> {
    pub(crate) chunk: &'a Chunk<'w>,
    pub(crate) record: Record<'w>,
    pub(crate) parent_id: SpanId,
    pub(crate) parent_is_remote: bool,
    /// What the systems say that the trace came through, this one included.
    pub(crate) trace_state: &'a TraceState,
    /// What the same chunk says about it elsewhere, in order.
    pub(crate) notes: &'a [(usize, Record<'w>)],
}

impl Recorded<'_, '_> {
    pub(crate) fn reference(&self) -> SpanRef {
        self.chunk.reference(self.record.position)
    }

    pub(crate) fn id(&self) -> SpanId {
        self.reference().id_from(self.chunk.id_base)
    }

    /// Whether its end is known.
    fn is_finished(&self) -> bool {
        let ends = |(_, note): &(usize, Record<'_>)| note.kind == Kind::End && note.second != 0;
        self.record.second != 0 || self.notes.iter().any(ends)
    }
}

/// Takes spans that have all that will be said about them.
pub(crate) trait Target {
    /// All of a chunk that is [plain](Shape::Plain), or [noted](Shape::Noted).
    fn plain(&mut self, chunk: &Chunk<'_>, _shape: Shape) {
        walk_plain(chunk, &plain_trace_state(chunk), |span| self.span(&span));
    }

    /// Some spans of this chunk may follow.
    fn begin(&mut self, _chunk: &Chunk<'_>, _trace_state: &TraceState) {}

    /// One span, of the chunk that was begun last.
    fn span(&mut self, span: &Recorded<'_, '_>);
}

/// What is in a chunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// Spans that have ended, one the parent of the other, and nothing else.
    Plain,
    /// The same, and right behind each what else is said about it.
    Noted,
    /// Anything.
    Mixed,
}

/// Looks for what is said about spans of other chunks, in all words of a batch before any is read.
/// Returns how many spans have come, as those who sent them counted.
pub(crate) fn survey(words: &[u64], shapes: &mut Vec<Shape>, assembler: &mut Assembler) -> u64 {
    let mut spans = 0;
    for chunk in chunks(words) {
        spans += chunk.spans;
        shapes.push(shape(&chunk, assembler));
    }
    spans
}

fn shape(chunk: &Chunk<'_>, assembler: &mut Assembler) -> Shape {
    if chunk.holds_spans_alone() {
        return Shape::Plain;
    }
    let mut shape = Shape::Noted;
    // The span that stands in front, with nothing but notes on it in between.
    let (part, mut last) = (chunk.header.chunk.part(), None);
    for piece in chunk.pieces() {
        let [head, about, end, _] = *piece.words;
        if head & 0xff == Kind::Span as u64 {
            last = Some(piece.position);
            if end == 0 {
                shape = Shape::Mixed;
            }
            continue;
        }
        let about = SpanRef(about);
        if notes_on_last(head) && about.part() == part && Some(about.position()) == last {
            continue;
        }
        last = None;
        let Some(record) = piece.read() else { break };
        if !matches!(record.kind, Kind::Dead | Kind::Gap) {
            shape = Shape::Mixed;
            read_apart(chunk, &record, assembler);
        }
    }
    shape
}

/// A record that says nothing about the span in front.
fn read_apart(chunk: &Chunk<'_>, record: &Record<'_>, assembler: &mut Assembler) {
    if about(chunk, record).is_none() {
        assembler.note(record);
    }
    // The local root went out with an earlier part.
    if record.kind == Kind::Carried && record.parent < HEADER && chunk.omitted > 0 {
        assembler.note_omitted(SpanRef(record.first), chunk.omitted);
    }
}

/// Whether a record that stands right behind a span may say something about it.
#[inline(always)]
pub(crate) const fn notes_on_last(head: u64) -> bool {
    const NOTES: u64 = 1 << Kind::Attributes as u64
        | 1 << Kind::Event as u64
        | 1 << Kind::Link as u64
        | 1 << Kind::Flags as u64
        | 1 << Kind::Slow as u64
        | 1 << Kind::Refused as u64;
    let kind = head & 0xff;
    kind < 64 && NOTES >> kind & 1 != 0
}

/// The position of the span that a note is about, if it stands in the same chunk.
fn about(chunk: &Chunk<'_>, record: &Record<'_>) -> Option<usize> {
    let about = SpanRef(record.first);
    let is_here = about.part() == chunk.header.chunk && about.position() < record.position;
    (is_here && is_note(record)).then(|| about.position())
}

/// Whether a record says something about a span.
pub(crate) fn is_note(record: &Record<'_>) -> bool {
    match record.kind {
        Kind::Chunk | Kind::Span | Kind::Scope | Kind::Dead | Kind::Gap | Kind::TraceState => false,
        // Without an end it only stands for its span.
        Kind::Carried => record.second != 0,
        Kind::End
        | Kind::Attributes
        | Kind::Event
        | Kind::Link
        | Kind::Flags
        | Kind::Slow
        | Kind::Refused => true,
    }
}

/// Surveys and reads all that came.
pub(crate) fn read_all(pages: &[Vec<u64>], assembler: &mut Assembler, target: &mut impl Target) {
    let mut shapes = Vec::new();
    for words in pages {
        survey(words, &mut shapes, assembler);
    }
    let mut shapes = shapes.into_iter();
    for words in pages {
        read(words, &mut shapes, assembler, target);
    }
}

/// Reads words that were surveyed: what is complete goes to `target`, the rest waits in the assembler.
pub(crate) fn read(
    words: &[u64],
    shapes: &mut impl Iterator<Item = Shape>,
    assembler: &mut Assembler,
    target: &mut impl Target,
) {
    for (chunk, shape) in chunks(words).zip(shapes) {
        read_chunk(&chunk, shape, assembler, target);
    }
}

/// The same for one chunk.
pub(crate) fn read_chunk(
    chunk: &Chunk<'_>,
    shape: Shape,
    assembler: &mut Assembler,
    target: &mut impl Target,
) {
    if shape != Shape::Mixed && !assembler.knows_notes() {
        return target.plain(chunk, shape);
    }
    let gathered = Gathered::of(chunk);
    target.begin(chunk, &gathered.trace_state);
    gathered.walk(chunk, |span| {
        if span.is_finished() && !assembler.has_notes_on(span.reference()) {
            target.span(&span);
        } else {
            assembler.wait_for(&span);
        }
    });
}

/// The spans of a chunk that is plain or noted, and has [that trace state](plain_trace_state).
#[inline]
fn walk_plain<'w>(
    chunk: &Chunk<'w>,
    trace_state: &TraceState,
    mut each: impl FnMut(Recorded<'_, 'w>),
) {
    let mut notes = Vec::new();
    let mut records = chunk.records().peekable();
    while let Some(record) = records.next() {
        if record.kind == Kind::Span {
            notes.clear();
            while let Some(note) = records.next_if(|record| notes_on_last(record.head)) {
                notes.push((record.position, note));
            }
            let (parent_id, parent_is_remote) = parent_of(chunk, record.parent, &[]);
            let notes = &notes[..];
            each(Recorded { chunk, record, parent_id, parent_is_remote, trace_state, notes });
        }
    }
}

/// The trace state of a chunk that nothing came in with.
pub(crate) fn plain_trace_state(chunk: &Chunk<'_>) -> TraceState {
    sampling::trace_state(&TraceState::EMPTY, chunk.header.decision.threshold())
}

/// The parent of a span: a position in the same chunk, unless a scope or a carried span stands there for
/// somebody else.
#[inline]
pub(crate) fn parent_of(
    chunk: &Chunk<'_>,
    parent: usize,
    stand_ins: &[(usize, SpanRef)],
) -> (SpanId, bool) {
    if parent < HEADER {
        return (chunk.header.parent, chunk.header.parent_is_remote);
    }
    let found = stand_ins.binary_search_by_key(&parent, |(position, _)| *position);
    let parent = found.map_or_else(|_| chunk.reference(parent), |at| stand_ins[at].1);
    (parent.id_from(chunk.id_base), false)
}

/// Notes of a chunk that get room at once.
const USUAL_NOTES: usize = 256;

/// What the spans of a chunk need of its other records.
#[derive(Default)]
struct Gathered<'w> {
    /// What stands for spans of other chunks, by position.
    stand_ins: Vec<(usize, SpanRef)>,
    /// What is said about spans of this one, by theirs.
    notes: Vec<(usize, Record<'w>)>,
    trace_state: TraceState,
}

impl<'w> Gathered<'w> {
    fn of(chunk: &Chunk<'w>) -> Self {
        let mut gathered = Self::default();
        // Where something is said, it mostly is about many.
        gathered.notes.reserve(usize::try_from(chunk.spans).unwrap_or(0).min(USUAL_NOTES));
        for record in chunk.records() {
            if matches!(record.kind, Kind::Scope | Kind::Carried) {
                gathered.stand_ins.push((record.position, SpanRef(record.first)));
            }
            if record.kind == Kind::TraceState {
                gathered.trace_state = trace_state(record.payload);
            }
            if let Some(position) = about(chunk, &record) {
                gathered.notes.push((position, record));
            }
        }
        // Stable: what was said later about a span stays later.
        sort_by_number(&mut gathered.notes, |(position, _)| *position as u64);
        let kept_by = chunk.header.decision.threshold();
        gathered.trace_state = sampling::trace_state(&gathered.trace_state, kept_by);
        gathered
    }

    /// The spans of the chunk.
    fn walk(&self, chunk: &Chunk<'w>, mut each: impl FnMut(Recorded<'_, 'w>)) {
        let mut notes = &self.notes[..];
        let trace_state = &self.trace_state;
        for record in chunk.records().filter(|record| record.kind == Kind::Span) {
            let (parent_id, parent_is_remote) = parent_of(chunk, record.parent, &self.stand_ins);
            let skipped = notes.iter().take_while(|(about, _)| *about < record.position).count();
            let own = &notes[skipped..];
            let count = own.iter().take_while(|(about, _)| *about == record.position).count();
            let (own, others) = own.split_at(count);
            notes = others;
            each(Recorded { chunk, record, parent_id, parent_is_remote, trace_state, notes: own });
        }
    }
}

/// What came in with the segment.
fn trace_state(payload: &[u64]) -> TraceState {
    let text = Reader::new(payload).find_map(|(_, raw)| match raw {
        Raw::Text(text) => Some(text.to_text()),
        _ => None,
    });
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}
