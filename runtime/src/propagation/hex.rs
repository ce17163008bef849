//! Hexadecimal numbers of headers, as the specifications want them: of one case, and of one length.

/// Digits of exactly this many characters, `0-9a-f` and nothing else.
pub(super) fn exact(text: &str, digits: usize) -> Option<u128> {
    (text.len() == digits).then(|| upto(text, digits)).flatten()
}

/// At least one digit, and at most this many (32 or fewer).
pub(super) fn upto(text: &str, digits: usize) -> Option<u128> {
    if text.is_empty() || text.len() > digits {
        return None;
    }
    text.bytes().try_fold(0, |number: u128, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(digit))
    })
}

/// The same for numbers of 64 bits.
#[allow(clippy::cast_possible_truncation, reason = "sixteen digits at most")]
pub(super) fn exact64(text: &str) -> Option<u64> {
    exact(text, 16).map(|number| number as u64)
}
