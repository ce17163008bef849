//! The few shapes of protobuf that OTLP needs.

/// A field's number and shape, in the one byte that all fields below sixteen take.
const fn tag(field: u8, shape: u8) -> u8 {
    field << 3 | shape
}

pub(super) const fn varint_tag(field: u8) -> u8 {
    tag(field, 0)
}

pub(super) const fn fixed64_tag(field: u8) -> u8 {
    tag(field, 1)
}

/// Of text, bytes and messages.
pub(super) const fn bytes_tag(field: u8) -> u8 {
    tag(field, 2)
}

/// How many bytes a number takes.
#[inline]
pub(super) const fn varint_length(number: u64) -> usize {
    // Seven bits a byte, and one byte for nothing.
    ((63 - (number | 1).leading_zeros() as usize) * 9 + 73) / 64
}

/// A number as bytes, and how many of them count.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "the low bits")]
pub(super) fn varint_bytes(mut number: u64) -> ([u8; 10], usize) {
    let mut bytes = [0; 10];
    let mut length = 0;
    while number >= 0x80 && length < 9 {
        bytes[length] = number as u8 | 0x80;
        number >>= 7;
        length += 1;
    }
    bytes[length] = number as u8;
    (bytes, length + 1)
}

/// The same as a word, little end first, of numbers that take at most eight bytes.
#[inline(always)]
pub(super) const fn varint_word(number: u64) -> Option<(u64, usize)> {
    if number < 0x80 {
        return Some((number, 1));
    }
    if number >> 56 != 0 {
        return None;
    }
    let length = varint_length(number);
    // Seven bits each, first fourteen together, then twenty-eight, then all.
    let halves = (number & 0x0fff_ffff) | (number & 0x00ff_ffff_f000_0000) << 4;
    let quarters = (halves & 0x3fff_0000_3fff) | (halves & 0x0fff_c000_0fff_c000) << 2;
    let bytes = (quarters & 0x007f_007f_007f_007f) | (quarters & 0x3f80_3f80_3f80_3f80) << 1;
    // All but the last say that there is more.
    let more = 0x8080_8080_8080_8080 & ((1 << (8 * (length - 1))) - 1);
    Some((bytes | more, length))
}

#[inline]
pub(super) fn varint(out: &mut Vec<u8>, number: u64) {
    if number < 0x80 {
        #[allow(clippy::cast_possible_truncation, reason = "seven bits")]
        return out.push(number as u8);
    }
    let (bytes, length) = varint_bytes(number);
    out.extend_from_slice(&bytes[..length]);
}

/// Takes a number from the front.
pub(super) fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// A number, unless it is zero, which is what a missing one means.
pub(super) fn number(out: &mut Vec<u8>, field: u8, number: u64) {
    if number != 0 {
        out.push(varint_tag(field));
        varint(out, number);
    }
}

#[inline]
pub(super) fn fixed64(out: &mut Vec<u8>, field: u8, number: u64) {
    let mut bytes = [fixed64_tag(field), 0, 0, 0, 0, 0, 0, 0, 0];
    bytes[1..].copy_from_slice(&number.to_le_bytes());
    out.extend_from_slice(&bytes);
}

/// Text or bytes, unless empty.
pub(super) fn text(out: &mut Vec<u8>, field: u8, text: &str) {
    if !text.is_empty() {
        bytes(out, field, text.as_bytes());
    }
}

pub(super) fn bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    out.push(bytes_tag(field));
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// The room for a message's length before it is known: enough for what is shorter than 16 KiB, which most is.
const LENGTH: usize = 2;

/// A message whose content `write` appends.
pub(super) fn message(out: &mut Vec<u8>, field: u8, write: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(&[bytes_tag(field), 0, 0]);
    let start = out.len();
    write(out);
    close(out, start);
}

/// Writes the length of a message, whose content begins at `start` behind the room for it.
#[inline]
pub(super) fn close(out: &mut Vec<u8>, start: usize) {
    let length = out.len() - start;
    if (0x80..0x4000).contains(&length) {
        #[allow(clippy::cast_possible_truncation, reason = "fourteen bits")]
        let bytes = [length as u8 | 0x80, (length >> 7) as u8];
        out[start - LENGTH..start].copy_from_slice(&bytes);
    } else if length < 0x80 {
        // One byte was too much.
        out.copy_within(start.., start - 1);
        out.truncate(start - 1 + length);
        #[allow(clippy::cast_possible_truncation, reason = "seven bits")]
        let byte = length as u8;
        out[start - LENGTH] = byte;
    } else {
        close_long(out, start, length);
    }
}

/// Moves the content, so that the length finds room.
#[cold]
fn close_long(out: &mut Vec<u8>, start: usize, length: usize) {
    let (bytes, count) = varint_bytes(length as u64);
    out.splice(start - LENGTH..start, bytes[..count].iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_takes_as_many_bytes_as_it_says() {
        for shift in 0..64 {
            for number in [1_u64 << shift, (1 << shift) - 1, u64::MAX >> shift] {
                let mut out = Vec::new();
                varint(&mut out, number);
                assert_eq!(out.len(), varint_length(number), "{number}");
                let (last, others) = out.split_last().unwrap();
                assert!(*last < 0x80 && others.iter().all(|byte| *byte >= 0x80));
                assert_eq!(read_varint(&mut &out[..]), Some(number));
                match varint_word(number) {
                    Some((word, length)) => assert_eq!(word.to_le_bytes()[..length], out),
                    None => assert!(out.len() > 8),
                }
            }
        }
    }

    #[test]
    fn a_message_has_the_shortest_length() {
        for length in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x20_0000] {
            let mut out = b"before".to_vec();
            message(&mut out, 2, |out| out.resize(out.len() + length, 7));
            let mut expected = b"before\x12".to_vec();
            varint(&mut expected, length as u64);
            expected.resize(expected.len() + length, 7);
            assert_eq!(out, expected);
        }
    }
}
