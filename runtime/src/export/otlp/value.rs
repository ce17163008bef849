//! Attributes as OTLP has them: `KeyValue { key = 1, value = 2 }`, where a value is one of eight shapes.

use super::body::Writer;
use super::window::Out;
use super::wire::{
    self, bytes_tag, fixed64_tag, varint, varint_bytes, varint_length, varint_tag, varint_word,
};
use crate::export::span::{Attribute, Key};
use crate::segment::attribute::{BOOL, F64, I64, MARKER, Packed, TEXT, U64};

pub(super) const TEXT_TAG: u8 = bytes_tag(1);
pub(super) const BOOL_TAG: u8 = varint_tag(2);
pub(super) const INT_TAG: u8 = varint_tag(3);
const ARRAY: u8 = 5;
const VALUE_TAG: u8 = bytes_tag(2);

/// The keys of a place, each as an attribute of a span begins with it.
#[derive(Debug)]
pub(super) struct Keys(Box<[Begun]>);

/// An attribute up to its value: `tag, length, key, tag`, with the length that it has when its value has two bytes.
/// The rest is padding. One is one line of the cache.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Begun {
    bytes: [u8; Self::ROOM],
    pub(super) length: usize,
}

impl Begun {
    const ROOM: usize = 48;
    /// A power of two that is greater than every length.
    const MOST: usize = 64;
    /// Tags and lengths around the key, the value's length not counted.
    const AROUND: usize = 5;

    /// None where the key is too long to be quick about.
    fn new(field: u8, key: &str) -> Option<Self> {
        let mut whole = vec![bytes_tag(field), 0];
        wire::bytes(&mut whole, 1, key.as_bytes());
        whole.push(VALUE_TAG);
        let mut bytes = [0; Self::ROOM];
        bytes.get_mut(..whole.len())?.copy_from_slice(&whole);
        debug_assert_eq!(whole.len(), key.len() + Self::AROUND);
        // The length of the value is behind the key, and its own byte counts.
        #[allow(clippy::cast_possible_truncation, reason = "less than what there is room for")]
        let length = (whole.len() - 2 + 1 + SMALL) as u8;
        bytes[1] = length;
        Some(Self { bytes, length: whole.len() })
    }

    /// Writes it for a small value, which goes where it says.
    #[inline(always)]
    pub(super) fn write_for_small<'o>(
        &self,
        room: &'o mut [u8; FOR_ONE],
    ) -> Option<&'o mut [u8; VALUE]> {
        *room.first_chunk_mut()? = self.bytes;
        // It is no longer than its room, and so nothing is cut off: the compiler is told that the value has room.
        room[self.length % Self::MOST..].first_chunk_mut()
    }

    /// The same for a value of so many bytes, together with whose length it stays below 128.
    #[inline(always)]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "keys are short, and values at most 67 bytes"
    )]
    pub(super) fn write_for<'o>(
        &self,
        room: &'o mut [u8; FOR_ONE],
        value: usize,
    ) -> Option<&'o mut [u8; VALUE]> {
        *room.first_chunk_mut()? = self.bytes;
        room[1] = (self.length - 2 + 1 + value) as u8;
        room[self.length % Self::MOST..].first_chunk_mut()
    }

    /// The same where it is not known how much room there is.
    #[inline(always)]
    fn write<'o>(&self, room: &'o mut [u8], value: usize) -> Option<&'o mut [u8; VALUE]> {
        // One look at how much room there is, for all of it.
        self.write_for(room.first_chunk_mut()?, value)
    }

    /// Where what was written ends.
    #[inline(always)]
    pub(super) fn end(&self, value: usize) -> usize {
        self.length + 1 + value
    }
}

/// Room for the longest value that has a short length.
pub(super) const VALUE: usize = 72;
/// Room for one attribute, whichever it is.
pub(super) const FOR_ONE: usize = Begun::MOST + VALUE;
/// How many bytes a truth has, and a number below 128.
pub(super) const SMALL: usize = 2;

/// At most about so many bytes are written for values of so many words.
pub(super) const fn most_bytes(words: usize) -> usize {
    // A key and what is around it, for as many values as fit or as are usual.
    let values = if words < USUAL { words } else { USUAL };
    values * Begun::MOST + 8 * words + Begun::MOST + VALUE
}

/// Beyond so many values there may be too little room for them, and then they are decoded.
const USUAL: usize = 128;

impl Keys {
    /// None if one is too long to be quick about.
    pub(super) fn new(field: u8, keys: &[&str]) -> Option<Self> {
        keys.iter().map(|key| Begun::new(field, key)).collect::<Option<_>>().map(Self)
    }

    /// The one with this number.
    #[inline(always)]
    pub(super) fn get(&self, index: usize) -> Option<&Begun> {
        self.0.get(index)
    }

    /// Writes the attributes of a record as they lie there. Returns how many bytes they have; None, with some of
    /// them written, if one is of a shape that is not frequent.
    #[inline(never)]
    pub(super) fn write(&self, room: &mut [u8], words: &[u64]) -> Option<usize> {
        let (all, mut words, mut room) = (room.len(), words, room);
        while let Some((&tag, rest)) = words.split_first() {
            let key = self.get((tag >> 8 & 0xffff) as usize)?;
            let written;
            (words, written) = match tag & 0xff {
                kind @ (I64 | U64) => {
                    let (&bits, rest) = rest.split_first()?;
                    if kind == U64 && bits >> 63 != 0 {
                        return None;
                    }
                    (rest, write_number(room, key, bits)?)
                }
                TEXT => {
                    let length = usize::try_from(tag >> 32).ok()?;
                    let behind = rest.get(words_of(length)..)?;
                    (behind, write_text(room, key, length, rest)?)
                }
                F64 => {
                    let (&bits, rest) = rest.split_first()?;
                    let value = key.write(room, 9)?;
                    (value[0], value[1]) = (9, fixed64_tag(4));
                    value[2..10].copy_from_slice(&bits.to_le_bytes());
                    (rest, key.end(9))
                }
                BOOL => {
                    let value = key.write(room, 2)?;
                    value[..3].copy_from_slice(&[2, BOOL_TAG, u8::from(tag >> 32 != 0)]);
                    (rest, key.end(2))
                }
                MARKER => {
                    let text = Packed::REDACTED;
                    (rest.get(1..)?, write_text(room, key, text.length(), text.words())?)
                }
                _ => return None,
            };
            room = room.get_mut(written..)?;
        }
        Some(all - room.len())
    }
}

#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "at most eleven")]
fn write_number(room: &mut [u8], key: &Begun, bits: u64) -> Option<usize> {
    let Some((word, length)) = varint_word(bits) else { return write_long_number(room, key, bits) };
    let value = key.write(room, 1 + length)?;
    (value[0], value[1]) = (1 + length as u8, INT_TAG);
    value[2..10].copy_from_slice(&word.to_le_bytes());
    Some(key.end(1 + length))
}

#[cold]
#[allow(clippy::cast_possible_truncation, reason = "at most eleven")]
fn write_long_number(room: &mut [u8], key: &Begun, bits: u64) -> Option<usize> {
    let (bytes, length) = varint_bytes(bits);
    let value = key.write(room, 1 + length)?;
    (value[0], value[1]) = (1 + length as u8, INT_TAG);
    value[2..12].copy_from_slice(&bytes);
    Some(key.end(1 + length))
}

/// How many words a text of so many bytes takes, which are less than 2^32.
#[inline(always)]
pub(super) const fn words_of(length: usize) -> usize {
    length.wrapping_add(7) / 8
}

/// Texts of so many bytes need no long lengths.
pub(super) const SHORT: usize = 64;

/// Writes a text with which `words` begins.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "short")]
fn write_text(room: &mut [u8], key: &Begun, length: usize, words: &[u64]) -> Option<usize> {
    if length > SHORT {
        return write_long_text(room, key, length, words);
    }
    let value = key.write(room, 2 + length)?;
    (value[0], value[1], value[2]) = (2 + length as u8, TEXT_TAG, length as u8);
    for (bytes, word) in value[3..].chunks_exact_mut(8).zip(words.get(..words_of(length))?) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    Some(key.end(2 + length))
}

#[cold]
fn write_long_text(room: &mut [u8], key: &Begun, length: usize, words: &[u64]) -> Option<usize> {
    let mut out = Writer::new(room);
    let value = 1 + varint_length(length as u64) + length;
    let key_bytes = &key.bytes[2..key.length];
    out.put([key.bytes[0]])?;
    out.varint((key_bytes.len() + varint_length(value as u64) + value) as u64)?;
    out.put_slice(key_bytes)?;
    out.varint(value as u64)?;
    out.put([TEXT_TAG])?;
    out.varint(length as u64)?;
    let words = words.get(..words_of(length))?;
    let written = out.written();
    let text = room.get_mut(written..)?.get_mut(..8 * words.len())?;
    for (bytes, word) in text.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    Some(written + length)
}

/// Attributes of any shape.
pub(super) fn attributes(out: &mut Vec<u8>, field: u8, attributes: &[(Key, Attribute)]) {
    for (key, value) in attributes {
        key_value(out, field, key, value);
    }
}

pub(super) fn key_value(out: &mut Vec<u8>, field: u8, key: &str, value: &Attribute) {
    wire::message(out, field, |out| {
        wire::text(out, 1, key);
        wire::message(out, 2, |out| any_value(out, value));
    });
}

#[allow(clippy::cast_sign_loss, reason = "bits")]
fn any_value(out: &mut Vec<u8>, value: &Attribute) {
    match value {
        Attribute::I64(n) => {
            out.push(INT_TAG);
            varint(out, *n as u64);
        }
        Attribute::F64(n) => wire::fixed64(out, 4, n.to_bits()),
        Attribute::Bool(b) => out.extend_from_slice(&[BOOL_TAG, u8::from(*b)]),
        // Empty text is a value too.
        Attribute::Text(text) => wire::bytes(out, 1, text.as_bytes()),
        Attribute::I64s(all) => array(out, all, |n| Attribute::I64(*n)),
        Attribute::F64s(all) => array(out, all, |n| Attribute::F64(*n)),
        Attribute::Bools(all) => array(out, all, |b| Attribute::Bool(*b)),
        Attribute::Texts(all) => array(out, all, |text| Attribute::Text(text.clone())),
    }
}

fn array<T>(out: &mut Vec<u8>, all: &[T], value: impl Fn(&T) -> Attribute) {
    wire::message(out, ARRAY, |out| {
        for one in all {
            wire::message(out, 1, |out| any_value(out, &value(one)));
        }
    });
}
