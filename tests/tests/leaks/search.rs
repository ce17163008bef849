//! Every way in which a secret could be written down, and where it is found.

use md5::Digest as _;
use std::collections::HashSet;

/// The ways that a leak could take, each with what it would leave.
pub(crate) fn forms(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let digests = [
        ("md5", md5::Md5::digest(secret).to_vec()),
        ("sha1", sha1::Sha1::digest(secret).to_vec()),
        ("sha256", sha2::Sha256::digest(secret).to_vec()),
    ];
    // Of a long one, no record has room for all: its beginning finds more.
    let secret: String = secret.chars().take(256).collect();
    let secret = secret.as_str();
    let bytes = secret.as_bytes();
    let reversed: String = secret.chars().rev().collect();
    let mut all: Vec<(&'static str, Vec<u8>)> = vec![
        ("as it is", bytes.to_vec()),
        ("escaped", escaped(secret)),
        ("hex", hex(bytes)),
        ("capital hex", hex(bytes).to_ascii_uppercase()),
        ("percent, all of it", percent(bytes, |_| false)),
        ("percent, as in URLs", percent(bytes, |byte| byte.is_ascii_alphanumeric())),
        ("reversed", reversed.clone().into_bytes()),
        ("reversed and escaped", escaped(&reversed)),
    ];
    for (skipped, name) in
        ["base64", "base64 from the second", "base64 from the third"].into_iter().enumerate()
    {
        all.push((name, base64(bytes.get(skipped..).unwrap_or_default())));
    }
    for (name, digest) in digests {
        all.push((name, hex(&digest)[..16].to_vec()));
        all.push((name, base64(&digest)[..8].to_vec()));
        all.push((name, digest));
    }
    for four in fours(bytes) {
        all.push(("four of it", four.to_vec()));
        all.push(("four of it in hex", hex(four)));
        all.push(("four of it in percent", percent(four, |_| false)));
    }
    for four in fours(reversed.as_bytes()) {
        all.push(("four of it, reversed", four.to_vec()));
    }
    for text in [escaped(secret), escaped(&reversed)] {
        all.extend(fours(&text).into_iter().map(|four| ("four of it, escaped", four.to_vec())));
    }
    // What is shorter is in everything.
    all.retain(|(_, form)| form.len() >= 4);
    all
}

/// Each of the substrings of four once.
fn fours(bytes: &[u8]) -> HashSet<&[u8]> {
    bytes.windows(4).collect()
}

/// As `{:?}` writes it, without the quotes.
pub(crate) fn escaped(text: &str) -> Vec<u8> {
    let quoted = format!("{text:?}");
    quoted.as_bytes()[1..quoted.len() - 1].to_vec()
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS[usize::from(nibble)];
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut letters = Vec::new();
    // What fills up the last three is not the secret's.
    for three in bytes.chunks_exact(3) {
        let all = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        letters.extend([18, 12, 6, 0].map(|shift| LETTERS[(all >> shift & 63) as usize]));
    }
    letters
}

fn percent(bytes: &[u8], stays: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut written = Vec::new();
    for byte in bytes {
        if stays(*byte) {
            written.push(*byte);
        } else {
            written.push(b'%');
            written.extend(hex(&[*byte]).to_ascii_uppercase());
        }
    }
    written
}

/// Something to be searched often: most forms are not there, and their first four bytes tell.
pub(crate) struct Searched<'o> {
    all: &'o [u8],
    fours: HashSet<[u8; 4]>,
}

impl<'o> Searched<'o> {
    pub(crate) fn new(all: &'o [u8]) -> Self {
        let fours = all.windows(4).map(|four| [four[0], four[1], four[2], four[3]]);
        Self { all, fours: fours.collect() }
    }

    pub(crate) fn has(&self, form: &[u8]) -> bool {
        let Some(first) = form.first_chunk::<4>() else { return false };
        self.fours.contains(first)
            && (form.len() == 4 || self.all.windows(form.len()).any(|part| part == form))
    }
}
