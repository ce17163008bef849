//! The layout of a chunk: its header, and the records behind it.
//!
//! Every record is at least four words:
//!
//! | word | of a span | of the others |
//! |---|---|---|
//! | 0 | kind:8, flags:16, call site:24, length in words:15 | the same |
//! | 1 | start, in ticks | the span that it is about |
//! | 2 | end, in ticks; 0 while open | see [`Kind`] |
//! | 3 | the parent: what was innermost before | the same |
//!
//! Attributes follow inline. The parent of a record lies in its own chunk: a span, a scope, or the header,
//! which stands for whatever the segment hangs on. Word 0 of a span without attributes is what its call
//! site keeps ready, and word 3 is what the thread knows as innermost, so that neither is computed.

use crate::export::span::Span;
use crate::id::{SpanId, SpanRef, TraceId, id_base};
use crate::sampling::Decision;
use crate::segment::block::Block;
use crate::sync::{AtomicU64, Relaxed};

/// The words of a chunk's header, and the position of its first record.
pub(crate) const HEADER: usize = 8;
/// The word of a header that says how the segment was sampled, see [`Decision`].
pub(crate) const SAMPLING_WORD: usize = 6;
/// The words of a record without attributes.
pub(crate) const RECORD: usize = 4;

/// What a record is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    /// The header of a chunk.
    Chunk = 1,
    /// A span.
    Span = 2,
    /// Stands for a span of another chunk: word 1 names it, and children here hang on it.
    Scope = 3,
    /// The end of a span that was opened in another chunk: word 1 names it, word 2 is when.
    End = 4,
    /// Late attributes.
    Attributes = 5,
    /// An event; word 2 is when.
    Event = 6,
    /// A link: two words of trace id and one of span id follow instead of attributes.
    Link = 7,
    /// Flags for a span that was opened in another chunk.
    Flags = 8,
    /// A span that an earlier part sent while it was open: word 1 names it, word 2 is its end.
    Carried = 9,
    /// Words that mean nothing any more.
    Dead = 10,
    /// Words that an earlier part sent; only the record itself is there, word 2 says how many they were.
    Gap = 11,
    /// A span took longer than it should; word 2 is its threshold in nanoseconds.
    Slow = 12,
    /// Attributes of a span found no room; word 2 says how many.
    Refused = 13,
    /// What the systems that the trace came through say about it: one text, for all spans of the chunk.
    TraceState = 14,
}

impl Kind {
    pub(crate) const fn of(word: u64) -> Option<Self> {
        Some(match word & 0xff {
            1 => Self::Chunk,
            2 => Self::Span,
            3 => Self::Scope,
            4 => Self::End,
            5 => Self::Attributes,
            6 => Self::Event,
            7 => Self::Link,
            8 => Self::Flags,
            9 => Self::Carried,
            10 => Self::Dead,
            11 => Self::Gap,
            12 => Self::Slow,
            13 => Self::Refused,
            14 => Self::TraceState,
            _ => return None,
        })
    }
}

/// Flags of a record, in word 0.
pub(crate) mod flag {
    /// The span failed.
    pub(crate) const ERROR: u64 = 1 << 8;
    /// Somebody said that it went well, which outweighs an error.
    pub(crate) const OK: u64 = 1 << 9;
    /// Its future was dropped before it finished.
    pub(crate) const CANCELLED: u64 = 1 << 10;
    /// A panic went through it.
    pub(crate) const PANICKED: u64 = 1 << 11;
    /// Somebody elsewhere may hang on it.
    pub(crate) const HANDED_OFF: u64 = 1 << 12;
    /// A scope that leaves with the one span it was made for.
    pub(crate) const TRANSIENT: u64 = 1 << 13;
    /// Stands for several spans of one place; five words follow, see `fold`.
    pub(crate) const FOLDED: u64 = 1 << 14;
    /// It took longer than it should.
    pub(crate) const SLOW: u64 = 1 << 15;
    /// Its place has a threshold that it is compared with when it ends.
    pub(crate) const WATCHED: u64 = 1 << 16;
    /// A scope that stands for a span, or a section, of the future that is polled here.
    pub(crate) const POLLED: u64 = 1 << 17;
    /// Not every call of its place is recorded.
    pub(crate) const GATED: u64 = 1 << 18;
    /// Only in the state of a place: it was not entered since somebody last looked.
    pub(crate) const SWEPT: u64 = 1 << 19;

    /// What may be said of a span after it was opened.
    pub(crate) const OUTCOME: u64 = ERROR | OK | CANCELLED | PANICKED | SLOW;
    /// What makes a span too remarkable to be folded.
    pub(crate) const REMARKABLE: u64 = OUTCOME | HANDED_OFF;
}

const SITE_SHIFT: u32 = 24;
const LENGTH_SHIFT: u32 = 48;
/// The longest record.
pub(crate) const MAX_LENGTH: usize = 0x7fff;
/// The bits of word 0 that say what a record is and how long.
pub(crate) const KIND_AND_LENGTH: u64 = 0xff | (MAX_LENGTH as u64) << LENGTH_SHIFT;

/// Word 0. Its top bit stays free: call sites use it for themselves.
#[inline(always)]
pub(crate) const fn head(kind: Kind, flags: u64, site: u32, length: usize) -> u64 {
    kind as u64 | flags | (site as u64) << SITE_SHIFT | (length as u64) << LENGTH_SHIFT
}

/// The call site in word 0.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "twenty-four bits")]
pub(crate) const fn site_of(head: u64) -> u32 {
    (head >> SITE_SHIFT) as u32 & 0x00ff_ffff
}

/// The length in word 0.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "fifteen bits")]
pub(crate) const fn length_of(head: u64) -> usize {
    (head >> LENGTH_SHIFT) as usize & MAX_LENGTH
}

/// Word 0 of a span of the same place that is longer by its attributes.
#[inline(always)]
pub(crate) const fn lengthened(head: u64, by: usize) -> u64 {
    head + ((by as u64) << LENGTH_SHIFT)
}

/// The four words of a record in a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot<'b>(&'b [AtomicU64; RECORD]);

impl Slot<'static> {
    /// Of a span that has no record.
    pub(crate) const NOWHERE: Self = {
        static NOWHERE: [AtomicU64; RECORD] = [const { AtomicU64::new(0) }; RECORD];
        Self(&NOWHERE)
    };
}

impl<'b> Slot<'b> {
    #[inline(always)]
    pub(crate) fn new(words: &'b [AtomicU64], position: usize) -> Option<Self> {
        words.get(position..position + RECORD)?.first_chunk().map(Self)
    }

    /// The first four of some words, and those behind.
    #[inline(always)]
    pub(crate) fn split(words: &'b [AtomicU64]) -> Option<(Self, &'b [AtomicU64])> {
        let (slot, behind) = words.split_first_chunk()?;
        Some((Self(slot), behind))
    }

    #[inline(always)]
    pub(crate) fn write(self, words: [u64; RECORD]) {
        for (slot, word) in self.0.iter().zip(words) {
            slot.store(word, Relaxed);
        }
    }

    pub(crate) fn kind(self) -> Option<Kind> {
        Kind::of(self.0[0].load(Relaxed))
    }

    pub(crate) fn head(self) -> u64 {
        self.0[0].load(Relaxed)
    }

    pub(crate) fn set_head(self, word: u64) {
        self.0[0].store(word, Relaxed);
    }

    /// One owner, so that no read-modify-write is needed.
    pub(crate) fn add_flags(self, flags: u64) {
        self.set_head(self.head() | flags);
    }

    pub(crate) fn has(self, flags: u64) -> bool {
        self.head() & flags != 0
    }

    pub(crate) fn start(self) -> u64 {
        self.0[1].load(Relaxed)
    }

    #[inline(always)]
    pub(crate) fn set_start(self, ticks: u64) {
        self.0[1].store(ticks, Relaxed);
    }

    /// The span that the record is about.
    pub(crate) fn about(self) -> SpanRef {
        SpanRef(self.0[1].load(Relaxed))
    }

    pub(crate) fn end(self) -> u64 {
        self.0[2].load(Relaxed)
    }

    #[inline(always)]
    pub(crate) fn set_end(self, ticks: u64) {
        self.0[2].store(ticks, Relaxed);
    }

    /// What was innermost before.
    #[inline(always)]
    pub(crate) fn outer(self) -> SpanRef {
        SpanRef(self.0[3].load(Relaxed))
    }

    pub(crate) fn set_outer(self, outer: SpanRef) {
        self.0[3].store(outer.0, Relaxed);
    }

    /// The position of the parent.
    #[inline(always)]
    pub(crate) fn parent(self) -> usize {
        self.outer().position()
    }

    pub(crate) fn length(self) -> usize {
        length_of(self.head())
    }

    pub(crate) fn set_length(self, length: usize) {
        let others = self.head() & !((MAX_LENGTH as u64) << LENGTH_SHIFT);
        self.set_head(others | (length as u64) << LENGTH_SHIFT);
    }
}

/// What the header of a chunk says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// The trace of the segment.
    pub(crate) trace: TraceId,
    /// What the segment hangs on, in another process or none.
    pub(crate) parent: SpanId,
    /// Whether that parent is in another process.
    pub(crate) parent_is_remote: bool,
    /// Whether the trace is sampled.
    pub(crate) sampled: bool,
    /// What was decided besides: at first by the head, and in what leaves the thread by the end.
    pub(crate) decision: Decision,
    /// Whether the trace id is known to be random.
    pub(crate) random: bool,
    /// The chunk's reference at position zero.
    pub(crate) chunk: SpanRef,
}

const REMOTE: u64 = 1;
const SAMPLED: u64 = 2;
const RANDOM: u64 = 1 << 5;

impl Header {
    /// As W3C writes them.
    pub(crate) fn trace_flags(&self) -> u8 {
        (u8::from(self.sampled) * Span::SAMPLED) | (u8::from(self.random) * Span::RANDOM)
    }

    pub(crate) fn write(&self, block: Block) {
        // A chunk without memory has no header.
        let Some(slots) = block.first_chunk::<HEADER>() else { return };
        let (high, low) = self.trace.halves();
        let flag = |is_set: bool, flag: u64| if is_set { flag } else { 0 };
        let flags = flag(self.parent_is_remote, REMOTE)
            | flag(self.sampled, SAMPLED)
            | flag(self.random, RANDOM);
        let words = [
            Kind::Chunk as u64,
            high,
            low,
            self.parent.to_u64(),
            self.chunk.0,
            id_base(),
            flags | self.decision.to_bits(),
            0,
        ];
        for (slot, word) in slots.iter().zip(words) {
            slot.store(word, Relaxed);
        }
    }

    /// Reads the header back from the chunk it stands in.
    pub(crate) fn of_block(block: Block) -> Option<Self> {
        let words = block.first_chunk::<HEADER>()?;
        Self::read(&words.each_ref().map(|word| word.load(Relaxed)))
    }

    /// Whether the trace of the chunk in this block is sampled.
    pub(crate) fn is_sampled(block: Block) -> bool {
        block.get(SAMPLING_WORD).is_some_and(|flags| flags.load(Relaxed) & SAMPLED != 0)
    }

    pub(crate) fn read(words: &[u64; HEADER]) -> Option<Self> {
        (Kind::of(words[0]) == Some(Kind::Chunk)).then(|| Self {
            trace: TraceId::from_halves(words[1], words[2]),
            parent: SpanId::from_u64(words[3]),
            parent_is_remote: words[SAMPLING_WORD] & REMOTE != 0,
            sampled: words[SAMPLING_WORD] & SAMPLED != 0,
            random: words[SAMPLING_WORD] & RANDOM != 0,
            decision: Decision::of_word(words[SAMPLING_WORD]),
            chunk: SpanRef(words[4]),
        })
    }
}
