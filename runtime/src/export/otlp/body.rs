//! A body that grows, and where its next bytes go.
//!
//! What most spans are made of has a length that is known when this is compiled. So the room for a span is
//! made once, before it is written, and what is written is copied whole: a few bytes too many, over which the
//! next ones go, are quicker than a copy whose length only run time knows.

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
    pub(super) room: &'b mut [u8],
    pub(super) at: usize,
}

impl<'b> Writer<'b> {
    #[inline(always)]
    pub(super) fn new(room: &'b mut [u8]) -> Self {
        Self::behind(room, 0)
    }

    /// Behind what was written there already.
    #[inline(always)]
    pub(super) fn behind(room: &'b mut [u8], at: usize) -> Self {
        Self { room, at }
    }

    /// The room that is left.
    #[inline(always)]
    pub(super) fn rest(&mut self) -> Option<&mut [u8]> {
        self.room.get_mut(self.at..)
    }
}

#[cfg(test)]
mod tests {
    use super::super::window::Out;
    use super::super::wire;
    use super::*;

    #[test]
    fn a_message_has_the_shortest_length() {
        for length in [0, 1, 0x7f, 0x80, 0x3fff] {
            for room in [1, 2] {
                let mut body = Body::default();
                body.begin(3);
                let mut writer = Writer::new(body.room(length + 4));
                writer.put([0x12]).unwrap();
                let start = writer.written();
                writer.put_slice(&[0, 0][..room]).unwrap();
                writer.put_slice(&vec![7; length]).unwrap();
                writer.close(start, room).unwrap();
                let written = writer.written();
                body.take_in(written);
                let mut expected = vec![0; 3];
                wire::message(&mut expected, 2, |out| out.resize(out.len() + length, 7));
                assert_eq!(body.from(0), expected);
            }
        }
    }

    #[test]
    fn a_message_that_is_moved_stays_inside_of_its_room() {
        let mut room = [7; 0x81];
        let mut writer = Writer::new(&mut room);
        writer.advance(0x81);
        assert!(writer.close(0, 1).is_none());
    }

    #[test]
    fn what_is_too_long_is_left_to_others() {
        let mut body = Body::default();
        let mut writer = Writer::new(body.room(0x4010));
        writer.put_slice(&vec![7; 0x4002]).unwrap();
        assert!(writer.close(0, 2).is_none());
        assert!(
            Writer::new(Body::default().room(0)).next::<{ 128 << 10 }>().is_none(),
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
