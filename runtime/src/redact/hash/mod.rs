//! Keyed hashes: HMAC-SHA256 under a key of the embedder's, separated by class, told as `keyid:16hex`.
//!
//! Equal values of one class have equal hashes under one key, so that they can be counted and joined, and
//! nobody without the key can try values. They remain personal data: who has the key can. Without a key, or
//! without the feature `hash`, whoever asked for a hash gets the marker.

#[cfg(feature = "hash")]
#[path = "enabled.rs"]
mod implementation;
#[cfg(not(feature = "hash"))]
#[path = "disabled.rs"]
mod implementation;

use super::ClassId;
pub use implementation::set_key;

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// It has less than 16 bytes.
    TooShort,
    /// There is one already: hashes under two keys would not be equal where their values are.
    SetAlready,
    /// The feature `hash` is off, and so are all hashes.
    FeatureOff,
}

impl std::fmt::Display for KeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooShort => "the key for hashes has less than 16 bytes",
            Self::SetAlready => "there is a key for hashes already",
            Self::FeatureOff => "hashes need the feature `hash` of `traced`",
        })
    }
}

impl std::error::Error for KeyError {}

/// `keyid:16hex`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text([u8; Self::LENGTH]);

impl Text {
    const KEY_DIGITS: usize = 8;
    const DIGITS: usize = 16;
    const LENGTH: usize = Self::KEY_DIGITS + 1 + Self::DIGITS;

    /// From the number of the key and the first bytes of the hash.
    #[cfg_attr(not(any(feature = "hash", test)), allow(dead_code))]
    fn new(key: [u8; 4], hash: [u8; 8]) -> Self {
        let mut text = [b':'; Self::LENGTH];
        write_hex(&key, &mut text[..Self::KEY_DIGITS]);
        write_hex(&hash, &mut text[Self::KEY_DIGITS + 1..]);
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn write_hex(bytes: &[u8], digits: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (byte, pair) in bytes.iter().zip(digits.chunks_exact_mut(2)) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

/// The hash of bytes; nothing without a key.
pub(crate) fn of_bytes(class: ClassId, bytes: &[u8]) -> Option<Text> {
    implementation::hash(class, bytes)
}

/// The hash of a number is that of its decimal digits, so that `7` and `"7"` are equal.
pub(crate) fn of_number(class: ClassId, is_negative: bool, mut magnitude: u64) -> Option<Text> {
    let mut digits = [0; 21];
    let mut first = digits.len();
    loop {
        first -= 1;
        #[allow(clippy::cast_possible_truncation, reason = "a digit")]
        let digit = (magnitude % 10) as u8;
        digits[first] = b'0' + digit;
        magnitude /= 10;
        if magnitude == 0 {
            break;
        }
    }
    if is_negative {
        first -= 1;
        digits[first] = b'-';
    }
    of_bytes(class, &digits[first..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_told_with_its_key() {
        let text = Text::new([0xde, 0xad, 0xbe, 0xef], [0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff]);
        assert_eq!(text.as_str(), "deadbeef:00010203fcfdfeff");
    }
}
