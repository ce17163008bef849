//! From the words of a chunk back to records.

use crate::id::SpanRef;
use crate::segment::record::{HEADER, Header, KIND_AND_LENGTH, Kind, RECORD, length_of};

/// A chunk as it left its thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk<'w> {
    pub(crate) header: Header,
    /// What span ids of the chunk are derived from.
    pub(crate) id_base: u64,
    /// How many spans its sender counted.
    pub(crate) spans: u64,
    /// Spans that are not told by any record.
    pub(crate) omitted: u64,
    /// Its words, and all that came behind them.
    page: &'w [u64],
    /// How many of them are its own.
    length: usize,
}

/// One record of a chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'w> {
    pub(crate) kind: Kind,
    /// Word 0, with flags and call site.
    pub(crate) head: u64,
    /// Word 1.
    pub(crate) first: u64,
    /// Word 2.
    pub(crate) second: u64,
    pub(crate) parent: usize,
    pub(crate) position: usize,
    pub(crate) payload: &'w [u64],
    /// The payload, and all that came behind it.
    #[cfg_attr(not(feature = "otlp"), allow(dead_code, reason = "encoders read ahead"))]
    pub(crate) page: &'w [u64],
}

impl<'w> Record<'w> {
    /// The one that a page begins with, of so many words.
    #[inline]
    pub(crate) fn new(kind: Kind, page: &'w [u64], position: usize, length: usize) -> Option<Self> {
        let (&[head, first, second, outer], page) = page.split_first_chunk::<RECORD>()?;
        let payload = page.get(..length.checked_sub(RECORD)?)?;
        let parent = SpanRef(outer).position();
        Some(Self { kind, head, first, second, parent, position, payload, page })
    }
}

/// Where a record is.
pub(crate) struct Piece<'w> {
    /// What all records have.
    pub(crate) words: &'w [u64; RECORD],
    pub(crate) position: usize,
    page: &'w [u64],
    length: usize,
}

impl<'w> Piece<'w> {
    /// The record, if it is one.
    #[inline]
    pub(crate) fn read(&self) -> Option<Record<'w>> {
        Record::new(Kind::of(self.words[0])?, self.page, self.position, self.length)
    }
}

/// The chunks in what came from an outbox; stops where the words make no sense.
pub(crate) fn chunks(mut words: &[u64]) -> impl Iterator<Item = Chunk<'_>> {
    std::iter::from_fn(move || {
        let head: &[u64; HEADER] = words.first_chunk()?;
        let header = Header::read(head)?;
        let length = usize::try_from(head[0] >> 32).ok()?;
        let page = words;
        words = words.get(length..).filter(|_| length >= HEADER)?;
        Some(Chunk {
            header,
            id_base: head[5],
            spans: head[7] & u64::from(u32::MAX),
            omitted: head[7] >> 32,
            page,
            length,
        })
    })
}

impl<'w> Chunk<'w> {
    /// The words of its records.
    fn behind_header(&self) -> &'w [u64] {
        &self.page[HEADER..self.length]
    }

    /// The words of its records and all that came behind them, and how many are its own.
    pub(crate) fn page(&self) -> (&'w [u64], usize) {
        (&self.page[HEADER..], self.length - HEADER)
    }

    /// Whether it holds spans that have ended and nothing else. Where not, its records say what it holds.
    #[inline]
    pub(crate) fn holds_spans_alone(&self) -> bool {
        let mut rest = self.behind_header();
        while rest.len() >= RECORD {
            let (kind, length) = (rest[0] & 0xff, length_of(rest[0]).max(RECORD));
            // Most are as long as the one before them. Where the next one begins is then known before its predecessor
            // has told its length, and the processor need not wait for that.
            let same = |record: &&[u64]| record[0] & KIND_AND_LENGTH == rest[0] & KIND_AND_LENGTH;
            let ended = |record: &&[u64]| record[2] != 0;
            let records = rest.chunks_exact(length);
            let count = records.take_while(|record| same(record) && ended(record)).count();
            if kind != Kind::Span as u64 || (count == 0 && rest[2] == 0) {
                return false;
            }
            let Some(behind) = rest.get(count.max(1) * length..) else { return true };
            rest = behind;
        }
        true
    }

    /// Its records, gaps left out.
    #[inline]
    pub(crate) fn records(&self) -> impl Iterator<Item = Record<'w>> + use<'w> {
        self.pieces().map_while(|piece| piece.read())
    }

    /// Where its records are, gaps left out.
    #[inline]
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Piece<'w>> + use<'w> {
        let (mut page, mut left) = self.page();
        let mut position = HEADER;
        std::iter::from_fn(move || {
            loop {
                let words: &[u64; RECORD] = page.first_chunk().filter(|_| left >= RECORD)?;
                let here = position;
                if words[0] & 0xff == Kind::Gap as u64 {
                    position += usize::try_from(words[2]).ok()?;
                    (page, left) = (&page[RECORD..], left - RECORD);
                    continue;
                }
                let length = length_of(words[0]);
                position += length;
                let length = length.max(RECORD);
                let piece = Piece { words, page, position: here, length };
                left = left.checked_sub(length)?;
                page = page.get(length..)?;
                return Some(piece);
            }
        })
    }

    /// The reference of what stands at a position.
    pub(crate) fn reference(&self, position: usize) -> SpanRef {
        self.header.chunk.at(position)
    }
}
