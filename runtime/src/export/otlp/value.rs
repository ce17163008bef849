//! Attributes as OTLP has them: `KeyValue { key = 1, value = 2 }`, where a value is one of eight shapes.

use super::wire::{self, bytes_tag, varint, varint_bytes, varint_length, varint_tag};
use crate::export::span::{Attribute, Key};
use crate::segment::attribute::{BOOL, F64, I64, MARKER, Packed, TEXT, U64};

const TEXT_TAG: u8 = bytes_tag(1);
const BOOL_TAG: u8 = varint_tag(2);
const INT_TAG: u8 = varint_tag(3);
const ARRAY: u8 = 5;
const VALUE_TAG: u8 = bytes_tag(2);

/// The keys of a place, each as an attribute of a span begins with it.
#[derive(Debug)]
pub(super) struct Keys(Box<[Begun]>);

/// An attribute up to its value: `tag, length, key, tag`. The rest is padding, so that what is copied has a
/// length that is known, and what was too much goes again: quicker than a copy whose length is not.
#[derive(Debug)]
struct Begun {
    bytes: [u8; Self::ROOM],
    length: usize,
}

impl Begun {
    const ROOM: usize = 48;
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
        Some(Self { bytes, length: whole.len() })
    }

    /// Writes it for a value of so many bytes, together with whose length it stays below 128.
    #[inline]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "keys are short, and values at most 64 bytes"
    )]
    fn write(&self, out: &mut Vec<u8>, value: usize) {
        let mut bytes = self.bytes;
        // The length of the value is behind the key, and its own byte counts.
        bytes[1] = (self.length - 2 + 1 + value) as u8;
        let end = out.len() + self.length;
        out.extend_from_slice(&bytes);
        out.truncate(end);
    }
}

impl Keys {
    /// None if one is too long to be quick about.
    pub(super) fn new(field: u8, keys: &[&str]) -> Option<Self> {
        keys.iter().map(|key| Begun::new(field, key)).collect::<Option<_>>().map(Self)
    }

    /// Writes the attributes of a record as they lie there. False, with some of them written, if one is of a
    /// shape that is not frequent.
    #[inline]
    pub(super) fn write(&self, out: &mut Vec<u8>, mut words: &[u64]) -> bool {
        while let Some((&tag, rest)) = words.split_first() {
            let Some(key) = self.0.get((tag >> 8 & 0xffff) as usize) else { return false };
            let kind = tag & 0xff;
            words = match (kind, rest) {
                (I64 | U64, [bits, rest @ ..]) => {
                    if kind == U64 && bits >> 63 != 0 {
                        return false;
                    }
                    write_number(out, key, *bits);
                    rest
                }
                (F64, [bits, rest @ ..]) => {
                    key.write(out, 9);
                    out.push(9);
                    wire::fixed64(out, 4, *bits);
                    rest
                }
                (BOOL, rest) => {
                    key.write(out, 2);
                    out.extend_from_slice(&[2, BOOL_TAG, u8::from(tag >> 32 != 0)]);
                    rest
                }
                (TEXT, rest) => {
                    let Ok(length) = usize::try_from(tag >> 32) else { return false };
                    let Some((text, rest)) = Packed::split(rest, length) else { return false };
                    write_text(out, key, length, text);
                    rest
                }
                (MARKER, rest) => {
                    write_text(out, key, Packed::REDACTED.length(), Packed::REDACTED);
                    rest
                }
                _ => return false,
            };
        }
        true
    }
}

#[inline]
#[allow(clippy::cast_possible_truncation, reason = "at most eleven")]
fn write_number(out: &mut Vec<u8>, key: &Begun, bits: u64) {
    let (bytes, length) = varint_bytes(bits);
    key.write(out, 1 + length);
    let mut value = [0; 12];
    (value[0], value[1]) = (1 + length as u8, INT_TAG);
    value[2..].copy_from_slice(&bytes);
    let end = out.len() + 2 + length;
    out.extend_from_slice(&value);
    out.truncate(end);
}

/// Texts of so many bytes need no long lengths.
const SHORT: usize = 64;

#[inline]
#[allow(clippy::cast_possible_truncation, reason = "short")]
fn write_text(out: &mut Vec<u8>, key: &Begun, length: usize, text: Packed<'_>) {
    if length > SHORT {
        return write_long_text(out, key, length, text);
    }
    key.write(out, 2 + length);
    out.extend_from_slice(&[2 + length as u8, TEXT_TAG, length as u8]);
    text.append_to(out);
}

fn write_long_text(out: &mut Vec<u8>, key: &Begun, length: usize, text: Packed<'_>) {
    let value = 1 + varint_length(length as u64) + length;
    let key_bytes = &key.bytes[2..key.length];
    out.push(key.bytes[0]);
    varint(out, (key_bytes.len() + varint_length(value as u64) + value) as u64);
    out.extend_from_slice(key_bytes);
    varint(out, value as u64);
    out.push(TEXT_TAG);
    varint(out, length as u64);
    text.append_to(out);
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
