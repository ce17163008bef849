//! Words that have to wait for long take less room.
//!
//! Records of one place are much alike: the same head, the same parent, the same keys, times that are close
//! together. So each run of words (the header of a chunk, a record) is told by how it differs from the last run
//! that probably was of the same place: a byte that says which one that was, its length if that is another,
//! and then, alternating, how many words are as foretold and by how much the next one is not. A word is
//! foretold to be what it was there; the end of a span, to be as long after its begin as it was there.
//! Differences take one byte for each seven bits.
//!
//! Nothing of it depends on words that make sense: what comes out is what went in.

use crate::pipeline::memory;
use crate::segment::record::{HEADER, Kind, RECORD, length_of};

/// Words of whole chunks.
#[derive(Debug)]
pub(crate) enum Words {
    /// As they came.
    Plain(Vec<u64>),
    /// Compressed, and then compacted.
    Compact(Compact),
}

impl Words {
    /// Words that are to wait long, compacted if it is worth it. `room` is used, and may be used again.
    pub(crate) fn put_aside(words: Vec<u64>, room: &mut Vec<u8>) -> Self {
        let Some(compact) = Compact::of(&words, room) else { return Self::Plain(words) };
        memory::release(words.len().saturating_sub(compact.held()));
        memory::recycle(words);
        Self::Compact(compact)
    }

    /// How many words they are.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Plain(words) => words.len(),
            Self::Compact(compact) => compact.words,
        }
    }

    /// How many words of memory they take.
    pub(crate) fn held(&self) -> usize {
        match self {
            Self::Plain(words) => words.len(),
            Self::Compact(compact) => compact.held(),
        }
    }

    /// The words themselves.
    pub(crate) fn into_plain(self) -> Vec<u64> {
        match self {
            Self::Plain(words) => words,
            Self::Compact(compact) => compact.expanded(),
        }
    }
}

/// Words that take less room.
#[derive(Debug)]
pub(crate) struct Compact {
    bytes: Box<[u8]>,
    /// How many words they were.
    words: usize,
}

/// So many runs are remembered, by their places.
const SLOTS: usize = 16;
/// In the first byte of a run: its length follows.
const HAS_LENGTH: u8 = 0x10;
/// The word of a record that is foretold by the one before it.
const END: usize = 2;

/// Where the last run of some places lies, and its length.
type Slots = [(usize, usize); SLOTS];

impl Compact {
    /// Nothing if it would not be worth it. `room` is used, and may be used again.
    pub(crate) fn of(words: &[u64], room: &mut Vec<u8>) -> Option<Self> {
        // What does not become smaller by a quarter stays as it is.
        let most = 6 * words.len();
        if room.len() < most {
            room.resize(most, 0);
        }
        let mut out = Out { room: &mut room[..most], at: 0 };
        let mut slots: Slots = Default::default();
        let mut chunk_end = 0;
        let mut at = 0;
        while at < words.len() {
            let length = run_length(words, at, &mut chunk_end);
            let slot = slot_of(words[at]);
            let (last, last_length) = slots[slot];
            slots[slot] = (at, length);
            #[allow(clippy::cast_possible_truncation, reason = "below sixteen")]
            let slot = slot as u8;
            if last_length == length {
                out.byte(slot)?;
            } else {
                out.byte(slot | HAS_LENGTH)?;
                out.number(length as u64)?;
            }
            let run = &words[at..at + length];
            let last = &words[last..last + last_length];
            out.differences(run, last)?;
            at += length;
        }
        let bytes = out.room[..out.at].into();
        Some(Self { bytes, words: words.len() })
    }

    /// How many words of memory it takes.
    fn held(&self) -> usize {
        self.bytes.len().div_ceil(8)
    }

    /// The words as they were, in a page.
    pub(crate) fn expanded(&self) -> Vec<u64> {
        let mut words = memory::page(self.words);
        self.expand(&mut words);
        words
    }

    /// The words as they were, in place of what `words` has.
    fn expand(&self, words: &mut Vec<u64>) {
        words.clear();
        words.reserve(self.words);
        let mut rest = In { bytes: &self.bytes };
        let mut slots: Slots = Default::default();
        while words.len() < self.words {
            // It was written by the above, and so there is no end before the end.
            if rest.run(words, &mut slots).is_none() {
                debug_assert!(false, "what was compacted expands");
                return;
            }
        }
    }
}

/// How long the run of words is that begins here.
#[inline]
fn run_length(words: &[u64], at: usize, chunk_end: &mut usize) -> usize {
    let (left, head) = (words.len() - at, words[at]);
    if at < *chunk_end {
        let is_gap = head & 0xff == Kind::Gap as u64;
        let length = if is_gap { RECORD } else { length_of(head).max(RECORD) };
        return length.min(*chunk_end - at);
    }
    // Where chunks make no sense, all that is left is one run.
    let length = usize::try_from(head >> 32).unwrap_or(0);
    if head & 0xff != Kind::Chunk as u64 || !(HEADER..=left).contains(&length) {
        return left;
    }
    *chunk_end = at + length;
    HEADER
}

/// Kind and place, mixed.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "four bits")]
fn slot_of(head: u64) -> usize {
    ((head ^ head >> 24) as usize) % SLOTS
}

/// What the word at `index` is foretold to be.
#[inline(always)]
fn foretold(index: usize, run: &[u64], last: &[u64]) -> u64 {
    let word = last.get(index).copied().unwrap_or(0);
    if index != END {
        return word;
    }
    let (before, last_before) = (run[END - 1], last.get(END - 1).copied().unwrap_or(0));
    before.wrapping_add(word).wrapping_sub(last_before)
}

/// Small numbers of either sign become small numbers.
#[inline(always)]
#[allow(clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "bits")]
const fn fold(difference: u64) -> u64 {
    (difference << 1) ^ ((difference as i64) >> 63) as u64
}

#[inline(always)]
const fn unfold(number: u64) -> u64 {
    (number >> 1) ^ (number & 1).wrapping_neg()
}

/// Where bytes go, while there is room.
struct Out<'r> {
    room: &'r mut [u8],
    at: usize,
}

impl Out<'_> {
    #[inline(always)]
    fn byte(&mut self, byte: u8) -> Option<()> {
        *self.room.get_mut(self.at)? = byte;
        self.at += 1;
        Some(())
    }

    /// A number in as many bytes as it needs: the zeros at the end of the first byte say how many more there are.
    #[inline(always)]
    fn number(&mut self, number: u64) -> Option<()> {
        let room = self.room.get_mut(self.at..)?.first_chunk_mut::<9>()?;
        let bytes = (63 - (number | 1).leading_zeros() as usize) / 7 + 1;
        if bytes > 8 {
            room[0] = 0;
            room[1..].copy_from_slice(&number.to_le_bytes());
            self.at += 9;
        } else {
            let word = number.wrapping_shl(u32::try_from(bytes).unwrap_or(0)) | 1 << (bytes - 1);
            room[..8].copy_from_slice(&word.to_le_bytes());
            self.at += bytes;
        }
        Some(())
    }

    #[inline]
    fn differences(&mut self, run: &[u64], last: &[u64]) -> Option<()> {
        let mut same = 0;
        for (index, word) in run.iter().enumerate() {
            let difference = word.wrapping_sub(foretold(index, run, last));
            if difference == 0 {
                same += 1;
            } else {
                self.number(same)?;
                self.number(fold(difference))?;
                same = 0;
            }
        }
        // The last number tells of no difference where the run ends with it.
        if same > 0 { self.number(same) } else { Some(()) }
    }
}

/// Where bytes come from.
struct In<'b> {
    bytes: &'b [u8],
}

impl In<'_> {
    #[inline(always)]
    fn number(&mut self) -> Option<u64> {
        let bytes = match self.bytes.first()? {
            0 => 9,
            first => first.trailing_zeros() as usize + 1,
        };
        let (number, rest) = self.bytes.split_at_checked(bytes)?;
        let word = match self.bytes.first_chunk::<8>() {
            Some(word) => u64::from_le_bytes(*word),
            // Close to the end.
            None => number.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        let number = if bytes == 9 {
            u64::from_le_bytes(*number.last_chunk()?)
        } else {
            (word >> bytes) & ((1 << (7 * bytes)) - 1)
        };
        self.bytes = rest;
        Some(number)
    }

    fn run(&mut self, words: &mut Vec<u64>, slots: &mut Slots) -> Option<()> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        let slot = slots.get_mut(usize::from(first & !HAS_LENGTH))?;
        let (last, last_length) = *slot;
        let length = match first & HAS_LENGTH {
            0 => last_length,
            _ => usize::try_from(self.number()?).ok()?,
        };
        let start = words.len();
        *slot = (start, length);
        words.resize(start + length, 0);
        let (before, run) = words.split_at_mut(start);
        let last = before.get(last..last + last_length)?;
        let mut index = 0;
        while index < length {
            let same = usize::try_from(self.number()?).ok()?;
            for _ in 0..same.min(length - index) {
                run[index] = foretold(index, run, last);
                index += 1;
            }
            if index < length {
                let difference = unfold(self.number()?);
                run[index] = foretold(index, run, last).wrapping_add(difference);
                index += 1;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id;
    use crate::segment::record::head;

    fn through(words: &[u64]) -> Option<usize> {
        let compact = Compact::of(words, &mut Vec::new())?;
        let mut expanded = vec![7; 3];
        compact.expand(&mut expanded);
        assert_eq!(expanded, words);
        Some(compact.bytes.len())
    }

    fn chunk(records: impl IntoIterator<Item = Vec<u64>>) -> Vec<u64> {
        let mut words = vec![0, 1 << 63, u64::MAX, 7, 8, 9, 10, 11];
        words.extend(records.into_iter().flatten());
        words[0] = Kind::Chunk as u64 | (words.len() as u64) << 32;
        words
    }

    /// Spans of two places, with a number each.
    fn spans() -> impl Iterator<Item = Vec<u64>> {
        (0..1_000_u64).map(|n| {
            let site = 0x77_0000 + u32::try_from(n % 2).unwrap();
            let start = (1 << 50) + n * 150;
            vec![head(Kind::Span, 0, site, 6), start, start + 60 + n % 7, 8, 3, n]
        })
    }

    #[test]
    fn spans_that_are_alike_take_few_bytes() {
        let words = chunk(spans());
        let bytes = through(&words).unwrap();
        assert!(bytes < 12 * 1_000, "{bytes} bytes for {} words", words.len());
    }

    #[test]
    fn several_chunks_and_gaps_come_back() {
        let mut words = chunk(spans().take(50));
        words.extend(chunk([vec![head(Kind::Gap, 0, 0, 4), 1, 1_000, 3], vec![5; 4]]));
        words.extend(chunk(spans().skip(20)));
        assert!(through(&words).is_some());
    }

    #[test]
    fn words_that_make_no_sense_come_back_or_stay() {
        for seed in 0..500_usize {
            let mut words = chunk(spans().take(seed % 40));
            for _ in 0..seed % 5 {
                let at = usize::try_from(id::random()).unwrap() % words.len();
                words[at] = id::random() >> (id::random() % 64);
            }
            words.truncate(words.len() - seed % 7);
            through(&words);
        }
        assert_eq!(through(&[]), Some(0));
        let noise: Vec<_> = (0..1_000).map(|_| id::random()).collect();
        assert_eq!(through(&noise), None, "what takes no less is left alone");
    }

    #[test]
    fn numbers_of_all_lengths_come_back() {
        for shift in 0..64 {
            for number in [1_u64 << shift, (1 << shift) - 1, u64::MAX >> shift] {
                let mut room = [0xaa; 9];
                let mut out = Out { room: &mut room, at: 0 };
                out.number(number).unwrap();
                let written = out.at;
                let mut rest = In { bytes: &room[..written] };
                assert_eq!((rest.number(), rest.bytes.len()), (Some(number), 0));
                assert_eq!(unfold(fold(number)), number);
            }
        }
    }
}
