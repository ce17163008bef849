//! A body that grows, and where its next bytes go.
//!
//! What most spans are made of has a length that is known when this is compiled. So the room for a span is
//! made once, before it is written, and what is written is copied whole: a few bytes too many, over which the
//! next ones go, are quicker than a copy whose length only run time knows.

use super::wire::varint_bytes;

/// Bytes, and behind them room that was used before or is zero.
#[derive(Debug, Default)]
pub(super) struct Body {
    room: Vec<u8>,
    end: usize,
}

/// Room that is made beyond what is needed.
const AHEAD: usize = 64 << 10;
/// A body that needed more room than this gives it back.
const KEPT: usize = 4 << 20;

impl Body {
    /// Begins with so many bytes that are said later.
    pub(super) fn begin(&mut self, length: usize) {
        self.truncate(0);
        self.make_room(length);
        self.end = length;
    }

    pub(super) fn len(&self) -> usize {
        self.end
    }

    /// The bytes from there on.
    pub(super) fn from(&self, start: usize) -> &[u8] {
        &self.room[start..self.end]
    }

    pub(super) fn set(&mut self, start: usize, bytes: &[u8]) {
        self.room[start..start + bytes.len()].copy_from_slice(bytes);
    }

    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.room[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
    }

    /// Forgets all but the first so many bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        self.end = self.end.min(length);
        if self.room.len() > KEPT {
            self.room.truncate(KEPT.max(self.end));
            self.room.shrink_to_fit();
        }
    }

    /// Where the next bytes go, at most about so many of them.
    #[inline(always)]
    pub(super) fn room(&mut self, at_most: usize) -> &mut [u8] {
        self.make_room(at_most);
        self.room.get_mut(self.end..).unwrap_or_default()
    }

    #[inline(always)]
    pub(super) fn writer(&mut self, at_most: usize) -> Writer<'_> {
        Writer::new(self.room(at_most))
    }

    /// What was written behind the end belongs to the body now.
    #[inline]
    pub(super) fn take_in(&mut self, written: usize) {
        self.end += written;
    }

    #[inline]
    fn make_room(&mut self, bytes: usize) {
        if self.room.len() - self.end < bytes {
            self.grow(bytes);
        }
    }

    #[cold]
    fn grow(&mut self, bytes: usize) {
        self.room.resize(self.end + bytes + AHEAD, 0);
    }
}

/// Writes bytes one after the other, while there is room.
#[derive(Debug)]
pub(super) struct Writer<'b> {
    room: &'b mut [u8],
    at: usize,
}

impl<'b> Writer<'b> {
    #[inline(always)]
    pub(super) fn new(room: &'b mut [u8]) -> Self {
        Self { room, at: 0 }
    }

    /// How many bytes were written.
    #[inline(always)]
    pub(super) fn written(&self) -> usize {
        self.at
    }

    /// The room for the next so many bytes.
    #[inline(always)]
    pub(super) fn next<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        self.room.get_mut(self.at..)?.first_chunk_mut()
    }

    #[inline(always)]
    pub(super) fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// What was written last and does not count.
    #[inline(always)]
    pub(super) fn take_back(&mut self, bytes: usize) {
        self.at -= bytes;
    }

    #[inline(always)]
    pub(super) fn put<const N: usize>(&mut self, bytes: [u8; N]) -> Option<()> {
        *self.next()? = bytes;
        self.at += N;
        Some(())
    }

    /// Of these bytes, the first so many.
    #[inline(always)]
    pub(super) fn put_first<const N: usize>(
        &mut self,
        bytes: &[u8; N],
        count: usize,
    ) -> Option<()> {
        *self.next()? = *bytes;
        self.at += count;
        Some(())
    }

    pub(super) fn put_slice(&mut self, bytes: &[u8]) -> Option<()> {
        self.room.get_mut(self.at..)?.get_mut(..bytes.len())?.copy_from_slice(bytes);
        self.at += bytes.len();
        Some(())
    }

    #[inline]
    pub(super) fn varint(&mut self, number: u64) -> Option<()> {
        let (bytes, length) = varint_bytes(number);
        self.put_first(&bytes, length)
    }

    /// A byte that was written before.
    #[inline(always)]
    pub(super) fn change(&mut self, at: usize, byte: u8) -> Option<()> {
        *self.room.get_mut(at)? = byte;
        Some(())
    }

    /// Writes the length of a message that begins at `start` with two bytes of room for it. Only for those
    /// shorter than 16 KiB.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "fourteen bits")]
    pub(super) fn close(&mut self, start: usize) -> Option<()> {
        let length = self.at.checked_sub(start + 2)?;
        match length {
            0x80..0x4000 => {
                self.change(start, length as u8 | 0x80)?;
                self.change(start + 1, (length >> 7) as u8)
            }
            0..0x80 => {
                // One byte was too much.
                self.room.get_mut(start + 1..self.at)?.copy_within(1.., 0);
                self.at -= 1;
                self.change(start, length as u8)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire;
    use super::*;

    #[test]
    fn a_message_has_the_shortest_length() {
        for length in [0, 1, 0x7f, 0x80, 0x3fff] {
            let mut body = Body::default();
            body.begin(3);
            let mut writer = body.writer(length + 3);
            writer.put([0x12]).unwrap();
            let start = writer.written();
            writer.put([0, 0]).unwrap();
            writer.put_slice(&vec![7; length]).unwrap();
            writer.close(start).unwrap();
            let written = writer.written();
            body.take_in(written);
            let mut expected = vec![0; 3];
            wire::message(&mut expected, 2, |out| out.resize(out.len() + length, 7));
            assert_eq!(body.from(0), expected);
        }
    }

    #[test]
    fn what_is_too_long_is_left_to_others() {
        let mut body = Body::default();
        let mut writer = body.writer(0x4010);
        writer.put_slice(&vec![7; 0x4002]).unwrap();
        assert!(writer.close(0).is_none());
        assert!(
            Body::default().writer(0).next::<{ 128 << 10 }>().is_none(),
            "and so is what has no room"
        );
    }

    #[test]
    fn a_long_body_gives_its_room_back() {
        let mut body = Body::default();
        body.append(&vec![1; KEPT + 1]);
        body.truncate(1);
        assert_eq!((body.from(0), body.room.len()), (&[1][..], KEPT));
        body.append(&[2]);
        assert_eq!(body.from(0), [1, 2]);
    }
}
