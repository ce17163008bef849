//! The attributes that most spans have: few, and numbers, truths and text that is not long.
//!
//! Nothing is asked that is known of all of them: how much room there is, and how many words may be read.

use super::value::{
    BOOL_TAG, Begun, FOR_ONE, INT_TAG, Keys, SHORT, SMALL, TEXT_TAG, VALUE, words_of,
};
use super::window::{AHEAD, Out, USUAL_WORDS, Window};
use super::wire::{fixed64_tag, varint_word};
use crate::segment::attribute::{BOOL, F64, I64, MARKER, Packed, TEXT, U64};

/// Most texts have no more than so many words.
const FEW_WORDS: usize = 4;
/// Nor are these unusual.
const MANY_WORDS: usize = SHORT / 8;

// Whatever is read begins behind one of the usual words.
const _: () = assert!(USUAL_WORDS + MANY_WORDS < AHEAD);

impl Keys {
    /// Writes the attributes that are the first `count` of `words`, at most [`USUAL_WORDS`]. None, with some of them
    /// written, if one is of a shape that is not usual.
    #[inline(always)]
    pub(super) fn write_usual(
        &self,
        out: &mut Window<'_>,
        words: &[u64; AHEAD],
        count: usize,
    ) -> Option<()> {
        let mut next = 0;
        while next < count {
            // It is less, and when the compiler is told so it does not look.
            let at = next % USUAL_WORDS;
            let tag = words[at];
            let key = self.get((tag >> 8 & 0xffff) as usize)?;
            let room = out.next()?;
            let kind = tag & 0xff;
            let (value, read) = if kind == I64 || kind == U64 {
                (write_number(key, room, words[at + 1], kind)?, 2)
            } else if kind == TEXT {
                let length = usize::try_from(tag >> 32).ok()?;
                (
                    write_text(key, room, words[at + 1..].first_chunk()?, length)?,
                    1 + words_of(length),
                )
            } else {
                write_other(key, room, tag, words[at + 1])?
            };
            next += read;
            out.advance(key.end(value));
        }
        // A value that ends behind the record makes no sense.
        (next == count).then_some(())
    }
}

/// What an attribute is written into.
type Room = [u8; FOR_ONE];

/// Writes a number; returns how many bytes the value has, as the others do.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "at most nine")]
fn write_number(key: &Begun, room: &mut Room, bits: u64, kind: u64) -> Option<usize> {
    if bits < 0x80 {
        let value = key.write_for_small(room)?;
        let whole = u32::from_le_bytes([SMALL as u8, INT_TAG, 0, 0]) | (bits as u32) << 16;
        *value.first_chunk_mut()? = whole.to_le_bytes();
        return Some(SMALL);
    }
    if kind == U64 && bits >> 63 != 0 {
        return None;
    }
    let (word, length) = varint_word(bits)?;
    let value = key.write_for(room, 1 + length)?;
    (value[0], value[1]) = (1 + length as u8, INT_TAG);
    value[2..10].copy_from_slice(&word.to_le_bytes());
    Some(1 + length)
}

/// Writes a text that `words` begins with.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "short")]
fn write_text(
    key: &Begun,
    room: &mut Room,
    words: &[u64; MANY_WORDS],
    length: usize,
) -> Option<usize> {
    if length > SHORT {
        return None;
    }
    let value = key.write_for(room, 2 + length)?;
    (value[0], value[1], value[2]) = (2 + length as u8, TEXT_TAG, length as u8);
    // What is copied too much is written over by what follows, or does not belong to the body.
    put_words(value, words.first_chunk::<FEW_WORDS>()?);
    if length > 8 * FEW_WORDS {
        put_words(value, words);
    }
    Some(2 + length)
}

#[inline(always)]
fn put_words<const N: usize>(value: &mut [u8; VALUE], words: &[u64; N]) {
    for (bytes, word) in value[3..].chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
}

/// Writes a value of another shape; how many bytes it has, and of how many words it is made.
#[inline]
fn write_other(key: &Begun, room: &mut Room, tag: u64, word: u64) -> Option<(usize, usize)> {
    match tag & 0xff {
        F64 => {
            let value = key.write_for(room, 9)?;
            (value[0], value[1]) = (9, fixed64_tag(4));
            value[2..10].copy_from_slice(&word.to_le_bytes());
            Some((9, 2))
        }
        BOOL => {
            let value = key.write_for_small(room)?;
            value[..3].copy_from_slice(&[2, BOOL_TAG, u8::from(tag >> 32 != 0)]);
            Some((SMALL, 1))
        }
        MARKER => {
            let text = Packed::REDACTED;
            let mut words = [0; MANY_WORDS];
            words[..text.words().len()].copy_from_slice(text.words());
            Some((write_text(key, room, &words, text.length())?, 2))
        }
        _ => None,
    }
}
