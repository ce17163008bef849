//! Where bytes go: room of any size, and room in which a span surely fits that is as most are.
//!
//! How much room there is is asked once for such a span, and not again for each of its parts.

use super::body::Writer;
use super::value::Keys;
use super::wire::varint_bytes;
use crate::segment::decode::Record;

/// Takes bytes, one after the other.
pub(super) trait Out {
    /// The room for the next so many bytes.
    fn next<const N: usize>(&mut self) -> Option<&mut [u8; N]>;

    /// All room, that which was written to included.
    fn whole(&mut self) -> &mut [u8];

    /// How many bytes were written.
    fn written(&self) -> usize;

    fn advance(&mut self, bytes: usize);

    /// The attributes of a record.
    fn values(&mut self, keys: &Keys, record: &Record<'_>) -> Option<()>;

    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) -> Option<()> {
        self.put_first(&bytes, N)
    }

    /// Of these bytes, the first so many.
    #[inline(always)]
    fn put_first<const N: usize>(&mut self, bytes: &[u8; N], count: usize) -> Option<()> {
        *self.next()? = *bytes;
        self.advance(count);
        Some(())
    }

    fn put_slice(&mut self, bytes: &[u8]) -> Option<()> {
        let at = self.written();
        self.whole().get_mut(at..)?.get_mut(..bytes.len())?.copy_from_slice(bytes);
        self.advance(bytes.len());
        Some(())
    }

    #[inline]
    fn varint(&mut self, number: u64) -> Option<()> {
        let (bytes, length) = varint_bytes(number);
        self.put_first(&bytes, length)
    }

    /// A byte that was written before.
    #[inline(always)]
    fn change(&mut self, at: usize, byte: u8) -> Option<()> {
        *self.whole().get_mut(at)? = byte;
        Some(())
    }

    /// Writes the length of a message, for which `room` bytes were left at `start`: one or two, whichever was likely.
    /// Where it was wrong, the message is moved. Only for those shorter than 16 KiB.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "fourteen bits")]
    fn close(&mut self, start: usize, room: usize) -> Option<()> {
        let (at, content) = (self.written(), start + room);
        let length = at.checked_sub(content)?;
        let needed = match length {
            0..0x80 => 1,
            0x80..0x4000 => 2,
            _ => return None,
        };
        if needed != room {
            let whole = self.whole();
            let end = (at + 1).min(whole.len());
            let message = whole.get_mut(start..end)?;
            if message.len() < needed + length {
                return None;
            }
            message.copy_within(room..room + length, needed);
            // Forward by one, or back by one.
            self.advance(needed.wrapping_sub(room));
        }
        if needed == 1 {
            return self.change(start, length as u8);
        }
        self.change(start, length as u8 | 0x80)?;
        self.change(start + 1, (length >> 7) as u8)
    }
}

/// Room in which a span surely fits that is as most are.
#[derive(Debug)]
pub(super) struct Window<'r> {
    room: &'r mut [u8; WINDOW],
    at: usize,
}

/// How much room that is: what such a span may have, and what is copied at once.
pub(super) const WINDOW: usize = REACH + AT_ONCE;
/// No usual span has so many bytes, a power of two: see [`USUAL_WORDS`].
const REACH: usize = 8 << 10;
const AT_ONCE: usize = 512;

/// Values in a record of a usual span take at most so many words.
pub(super) const USUAL_WORDS: usize = 16;
/// And at most so much is said about it behind its record.
pub(super) const USUAL_NOTES: usize = 4;
/// What may be read from where the values begin, because it is quicker to copy a few words too many.
pub(super) const AHEAD: usize = 2 * USUAL_WORDS;

// A word stands for at most 51 bytes, those of a truth whose key has 43.
const _: () = assert!((USUAL_NOTES + 1) * USUAL_WORDS * 51 + 1024 < REACH);

impl<'r> Window<'r> {
    #[inline(always)]
    pub(super) fn behind(room: &'r mut [u8; WINDOW], at: usize) -> Self {
        Self { room, at }
    }

    /// How many bytes were written; none if they were too many, and then they make no sense.
    #[inline(always)]
    pub(super) fn finish(self) -> Option<usize> {
        (self.at < REACH).then_some(self.at)
    }
}

impl Out for Window<'_> {
    #[inline(always)]
    fn next<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        const { assert!(N <= AT_ONCE) };
        // It is not greater, and when the compiler is told so it does not look.
        self.room[self.at % REACH..].first_chunk_mut()
    }

    #[inline(always)]
    fn whole(&mut self) -> &mut [u8] {
        self.room
    }

    #[inline(always)]
    fn written(&self) -> usize {
        self.at
    }

    #[inline(always)]
    fn advance(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }

    #[inline(always)]
    fn values(&mut self, keys: &Keys, record: &Record<'_>) -> Option<()> {
        let count = record.payload.len();
        let mut padded;
        let words = if let Some(words) = record.page.first_chunk() {
            words
        } else {
            // Nothing is behind what came last.
            padded = [0; AHEAD];
            padded.get_mut(..count)?.copy_from_slice(record.payload);
            &padded
        };
        keys.write_usual(self, words, count)
    }
}

impl Out for Writer<'_> {
    #[inline(always)]
    fn next<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        self.rest()?.first_chunk_mut()
    }

    #[inline(always)]
    fn whole(&mut self) -> &mut [u8] {
        self.room
    }

    #[inline(always)]
    fn written(&self) -> usize {
        self.at
    }

    #[inline(always)]
    fn advance(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }

    #[inline(always)]
    fn values(&mut self, keys: &Keys, record: &Record<'_>) -> Option<()> {
        let written = keys.write(self.rest()?, record.payload)?;
        self.advance(written);
        Some(())
    }
}
