//! How a value lies in a segment: `[type:8 | key:16 | flags:8 | length:32]`, then its payload in words.
//!
//! The key is the position in the keys of the place that recorded it. Text is packed eight bytes a word,
//! little end first; its length is in bytes. Of an array, the length counts the elements. The flags say what was
//! done to a value that is not told as it is.
//!
//! A value whose type has a policy is an OPEN with the key, and what is inside of it up to the CLOSE. A NAME, packed
//! text, stands in front of each value inside, and of each further OPEN; a value without one is recorded under
//! the name of what it is in. The length of a CLOSE counts what found no room.

use crate::redact::cap;
use crate::segment::prepared::Prepared;
use crate::sync::{AtomicU64, Relaxed};
use crate::value::{MAX_ELEMENTS, MAX_TEXT, Value};
use std::fmt;
use std::string::FromUtf8Error;

pub(crate) const I64: u64 = 1;
pub(crate) const U64: u64 = 2;
pub(crate) const F64: u64 = 3;
pub(crate) const BOOL: u64 = 4;
pub(crate) const TEXT: u64 = 5;
pub(crate) const I64S: u64 = 6;
pub(crate) const U64S: u64 = 7;
pub(crate) const F64S: u64 = 8;
pub(crate) const BOOLS: u64 = 9;
pub(crate) const TEXTS: u64 = 10;
/// A text that is always the same. An empty word stands behind its tag, so that it lies like a number and is written
/// by the same few instructions.
pub(crate) const MARKER: u64 = 11;
pub(crate) const NAME: u64 = 12;
pub(crate) const OPEN: u64 = 13;
pub(crate) const CLOSE: u64 = 14;

/// What was done to a value that is not told as it is.
pub(crate) mod done {
    /// A number: how long it is.
    pub(crate) const LENGTH: u64 = 1 << 24;
    /// A text: its last characters.
    pub(crate) const TAIL: u64 = 2 << 24;
    /// A text: a keyed hash.
    pub(crate) const HASH: u64 = 3 << 24;
}

/// What stands for whatever must not be told.
pub(crate) const REDACTED: &str = "[redacted]";
/// What stands in front of the last characters of a text.
const ELLIPSIS: &str = "\u{2026}";
/// The longest tail, in bytes, and the ellipsis.
const TAIL_LIMIT: usize = 24;
/// OPENs inside of one another, the first one counted.
pub(crate) const MAX_DEPTH: usize = 6;

/// The values of one record, measured and ready to be written: whatever had to be formatted has been.
pub(crate) struct Attributes<'v> {
    values: &'v [Value<'v>],
    prepared: Prepared,
    /// What was written down before: used instead of values.
    encoded: &'v [u64],
    words: usize,
}

impl<'v> Attributes<'v> {
    pub(crate) const NONE: Attributes<'static> =
        Attributes { values: &[], prepared: Prepared::NONE, encoded: &[], words: 0 };

    /// What [`Attributes::to_words`] gave.
    pub(crate) const fn encoded(encoded: &'v [u64]) -> Self {
        Self { values: &[], prepared: Prepared::NONE, encoded, words: encoded.len() }
    }

    /// Runs code of the user, if at all, now: before the record that takes the values is begun.
    #[inline]
    pub(crate) fn new(values: &'v [Value<'v>]) -> Self {
        if cap::is_capped() {
            return Self::prepare(values, Which::All);
        }
        let mut words = 0;
        for value in values {
            match size(value) {
                Some(size) => words += size,
                None => return Self::prepare(values, Which::NeedIt),
            }
        }
        Self { values, prepared: Prepared::NONE, encoded: &[], words }
    }

    #[cold]
    fn prepare(values: &'v [Value<'v>], which: Which) -> Self {
        let prepared = Prepared::of(values, which);
        let plain = values.iter().filter(|value| !which.holds(value));
        let plain: usize = plain.filter_map(size).sum();
        let words = plain + prepared.words();
        Self { values, prepared, encoded: &[], words }
    }

    /// How many values there are.
    pub(crate) fn count(&self) -> usize {
        self.values.len()
    }

    /// The values, where they are written as they were given.
    pub(crate) fn as_given(&self) -> Option<&'v [Value<'v>]> {
        (self.prepared.is_none() && self.encoded.is_empty()).then_some(self.values)
    }

    /// How many words they take.
    #[inline(always)]
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// Writes them at the beginning of `words`, which has room for [`Self::words`].
    #[inline]
    pub(crate) fn write(&self, mut words: &[AtomicU64]) {
        if self.prepared.is_none() && self.encoded.is_empty() {
            for (key, value) in (0..).zip(self.values) {
                words = write(value, key, words);
            }
        } else {
            self.write_prepared(words);
        }
    }

    #[cold]
    fn write_prepared(&self, mut words: &[AtomicU64]) {
        write_words(self.encoded, words);
        let mut pieces = self.prepared.pieces();
        let which = self.prepared.which();
        for (key, value) in (0..).zip(self.values) {
            if which.holds(value) {
                words = copy(pieces.next().unwrap_or_default(), words);
            } else {
                words = write(value, key, words);
            }
        }
    }

    /// The same words, for whoever keeps them until a record is begun.
    pub(crate) fn to_words(&self) -> Vec<u64> {
        let words: Vec<AtomicU64> = (0..self.words).map(|_| AtomicU64::new(0)).collect();
        self.write(&words);
        words.into_iter().map(AtomicU64::into_inner).collect()
    }
}

impl Drop for Attributes<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.prepared.is_none() {
            self.prepared.recycle();
        }
    }
}

/// Which values are prepared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Which {
    /// Those of which code of the user, or much of ours, must say what is to be written.
    NeedIt,
    /// All, because of a cap.
    All,
}

impl Which {
    pub(crate) fn holds(self, value: &Value<'_>) -> bool {
        self == Self::All || size(value).is_none()
    }
}

/// Words that were prepared join a record.
fn copy<'w>(prepared: &[AtomicU64], words: &'w [AtomicU64]) -> &'w [AtomicU64] {
    let Some((slots, rest)) = words.split_at_checked(prepared.len()) else { return words };
    for (slot, word) in slots.iter().zip(prepared) {
        slot.store(word.load(Relaxed), Relaxed);
    }
    rest
}

/// At most `limit` bytes of a text, ending where a character ends.
#[inline]
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[inline]
pub(crate) fn text_words(text: &str) -> usize {
    text.len().div_ceil(8)
}

/// How many words one of the frequent values takes.
#[inline(always)]
pub(crate) fn plain_size(value: &Value<'_>) -> Option<usize> {
    match value {
        Value::LeftOut => Some(0),
        Value::Bool(_) => Some(1),
        Value::I64(_) | Value::U64(_) | Value::F64(_) | Value::Length(_) | Value::Marker => Some(2),
        Value::Tail(text) => Some(1 + tail_words(text)),
        // A text that is cut is not frequent.
        Value::Text(text) | Value::Literal(text) if text.len() <= MAX_TEXT => {
            Some(1 + text_words(text))
        }
        _ => None,
    }
}

/// How many words a value takes; nothing if it must be prepared to tell.
pub(crate) fn size(value: &Value<'_>) -> Option<usize> {
    let array = |length: usize| Some(1 + length.min(MAX_ELEMENTS));
    match value {
        Value::Char(_) => Some(2),
        Value::Text(text) | Value::Literal(text) => Some(1 + text_words(cut(text, MAX_TEXT))),
        Value::I64s(all) => array(all.len()),
        Value::U64s(all) => array(all.len()),
        Value::F64s(all) => array(all.len()),
        Value::Bools(all) => array(all.len()),
        Value::Texts(all) => {
            let texts = all.iter().take(MAX_ELEMENTS);
            Some(1 + texts.map(|text| 1 + text_words(cut(text, ELEMENT_LIMIT))).sum::<usize>())
        }
        value => plain_size(value),
    }
}

/// Of an array of texts, the elements share the room of one text.
const ELEMENT_LIMIT: usize = MAX_TEXT / MAX_ELEMENTS;

/// So many bytes of text are two words.
pub(crate) const SHORT_TEXT: usize = 16;

/// Writes one of the most frequent values, among them texts of at most so many bytes, where there is room, and
/// returns the words behind it.
#[inline(always)]
#[allow(clippy::cast_sign_loss, reason = "bits")]
pub(crate) fn add_plain<'w, const LIMIT: usize>(
    value: &Value<'_>,
    key: u64,
    words: &'w [AtomicU64],
) -> Option<&'w [AtomicU64]> {
    let (kind, bits) = match *value {
        Value::LeftOut => return Some(words),
        Value::I64(n) => (I64, n as u64),
        Value::U64(n) => (U64, n),
        Value::F64(n) => (F64, n.to_bits()),
        Value::Marker => (MARKER, 0),
        Value::Length(n) => (U64 | done::LENGTH, n),
        Value::Text(text) if text.len() <= LIMIT => {
            let (first, rest) = words.split_first()?;
            first.store(tag(TEXT, key, text.len()), Relaxed);
            if LIMIT == SHORT_TEXT {
                return pack_short(text, rest);
            }
            return (text_words(text) <= rest.len()).then(|| pack(text, rest));
        }
        _ => return None,
    };
    let ([first, second], rest) = words.split_first_chunk()?;
    first.store(tag(kind, key, 0), Relaxed);
    second.store(bits, Relaxed);
    Some(rest)
}

/// Writes one of the frequent values, and returns the words behind it.
#[inline(always)]
#[allow(clippy::cast_sign_loss, reason = "bits")]
pub(crate) fn write_plain<'w>(
    value: &Value<'_>,
    key: u64,
    words: &'w [AtomicU64],
) -> &'w [AtomicU64] {
    match *value {
        Value::I64(n) => write_number(I64, key, n as u64, words),
        Value::U64(n) => write_number(U64, key, n, words),
        Value::F64(n) => write_number(F64, key, n.to_bits(), words),
        Value::Bool(b) => put(words, tag(BOOL, key, usize::from(b))),
        Value::Marker => write_number(MARKER, key, 0, words),
        Value::Length(n) => write_number(U64 | done::LENGTH, key, n, words),
        Value::Tail(text) => write_tail(text, key, words),
        Value::Text(text) | Value::Literal(text) => write_text(text, key, words),
        _ => words,
    }
}

/// Writes one value, and returns the words behind it.
#[allow(clippy::cast_sign_loss, reason = "bits")]
pub(crate) fn write<'w>(value: &Value<'_>, key: u64, words: &'w [AtomicU64]) -> &'w [AtomicU64] {
    match *value {
        Value::Char(c) => write_text(c.encode_utf8(&mut [0; 4]), key, words),
        Value::Text(text) | Value::Literal(text) => write_text(cut(text, MAX_TEXT), key, words),
        Value::I64s(all) => write_array(I64S, key, all.iter().map(|n| *n as u64), words),
        Value::U64s(all) => write_array(U64S, key, all.iter().copied(), words),
        Value::F64s(all) => write_array(F64S, key, all.iter().map(|n| n.to_bits()), words),
        Value::Bools(all) => write_array(BOOLS, key, all.iter().map(|b| u64::from(*b)), words),
        Value::Texts(all) => write_texts(all, key, words),
        _ => write_plain(value, key, words),
    }
}

fn tail_words(text: &str) -> usize {
    (ELLIPSIS.len() + cut(text, TAIL_LIMIT - ELLIPSIS.len()).len()).div_ceil(8)
}

#[inline(never)]
fn write_tail<'w>(text: &str, key: u64, words: &'w [AtomicU64]) -> &'w [AtomicU64] {
    let mut buffer = [0; TAIL_LIMIT];
    let text = tail(text, &mut buffer);
    pack(text, put(words, tag(TEXT | done::TAIL, key, text.len())))
}

/// The last characters as they are told.
fn tail<'b>(text: &str, buffer: &'b mut [u8; TAIL_LIMIT]) -> &'b str {
    let text = cut(text, TAIL_LIMIT - ELLIPSIS.len());
    let length = ELLIPSIS.len() + text.len();
    buffer[..ELLIPSIS.len()].copy_from_slice(ELLIPSIS.as_bytes());
    buffer[ELLIPSIS.len()..length].copy_from_slice(text.as_bytes());
    std::str::from_utf8(&buffer[..length]).unwrap_or(REDACTED)
}

#[inline(always)]
pub(crate) const fn tag(kind: u64, key: u64, length: usize) -> u64 {
    kind | key << 8 | (length as u64) << 32
}

/// Writes one word, and returns those behind it.
#[inline(always)]
fn put(words: &[AtomicU64], word: u64) -> &[AtomicU64] {
    let Some((slot, rest)) = words.split_first() else { return words };
    slot.store(word, Relaxed);
    rest
}

#[inline(always)]
fn write_number(kind: u64, key: u64, bits: u64, words: &[AtomicU64]) -> &[AtomicU64] {
    let Some(([first, second], rest)) = words.split_first_chunk() else { return words };
    first.store(tag(kind, key, 0), Relaxed);
    second.store(bits, Relaxed);
    rest
}

#[inline]
fn write_text<'w>(text: &str, key: u64, words: &'w [AtomicU64]) -> &'w [AtomicU64] {
    pack(text, put(words, tag(TEXT, key, text.len())))
}

fn write_array(
    kind: u64,
    key: u64,
    elements: impl ExactSizeIterator<Item = u64>,
    words: &[AtomicU64],
) -> &[AtomicU64] {
    let length = elements.len().min(MAX_ELEMENTS);
    elements.take(length).fold(put(words, tag(kind, key, length)), put)
}

fn write_texts<'w>(all: &[&str], key: u64, words: &'w [AtomicU64]) -> &'w [AtomicU64] {
    let words = put(words, tag(TEXTS, key, all.len().min(MAX_ELEMENTS)));
    all.iter().take(MAX_ELEMENTS).fold(words, |words, text| {
        let text = cut(text, ELEMENT_LIMIT);
        pack(text, put(words, text.len() as u64))
    })
}

/// The same for at most sixteen bytes, without a call.
#[inline(always)]
fn pack_short<'w>(text: &str, words: &'w [AtomicU64]) -> Option<&'w [AtomicU64]> {
    let bytes = text.as_bytes();
    let Some(last) = bytes.last_chunk::<8>() else {
        if bytes.is_empty() {
            return Some(words);
        }
        let (slot, rest) = words.split_first()?;
        slot.store(short(bytes), Relaxed);
        return Some(rest);
    };
    let last = u64::from_le_bytes(*last);
    match bytes.first_chunk::<8>().filter(|_| bytes.len() > 8) {
        None => {
            let (slot, rest) = words.split_first()?;
            slot.store(last, Relaxed);
            Some(rest)
        }
        Some(first) => {
            let ([slot, behind], rest) = words.split_first_chunk()?;
            slot.store(u64::from_le_bytes(*first), Relaxed);
            behind.store(last >> (8 * (bytes.len().wrapping_neg() % 8)), Relaxed);
            Some(rest)
        }
    }
}

/// Packs text eight bytes a word, and returns the words behind it.
#[inline(never)]
pub(crate) fn pack<'w>(text: &str, words: &'w [AtomicU64]) -> &'w [AtomicU64] {
    let Some((packed, rest)) = words.split_at_checked(text_words(text)) else { return words };
    let Some((last_slot, whole_slots)) = packed.split_last() else { return rest };
    let bytes = text.as_bytes();
    for (slot, bytes) in whole_slots.iter().zip(bytes.chunks_exact(8)) {
        slot.store(bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)), Relaxed);
    }
    // The last eight bytes, some of them a second time, moved to where they belong: no copy of a length
    // that only run time knows.
    let last = match bytes.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last) >> (8 * (bytes.len().wrapping_neg() % 8)),
        None => short(bytes),
    };
    last_slot.store(last, Relaxed);
    rest
}

/// Less than eight bytes as a word: two reads that may overlap.
#[inline]
fn short(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let high = u64::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4));
        return u64::from(u32::from_le_bytes(*first)) | high;
    }
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// A recorded value as it is read back: text still packed, so that an encoder copies it once.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Raw<'w> {
    I64(i64),
    U64(u64),
    F64(f64),
    Bool(bool),
    Text(Packed<'w>),
    I64s(&'w [u64]),
    U64s(&'w [u64]),
    F64s(&'w [u64]),
    Bools(&'w [u64]),
    Texts(usize, &'w [u64]),
}

/// Packed text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed<'w> {
    words: &'w [u64],
    length: usize,
}

impl<'w> Packed<'w> {
    /// Takes a text from the front of `words`.
    pub(crate) fn split(words: &'w [u64], length: usize) -> Option<(Self, &'w [u64])> {
        let (words, rest) = words.split_at_checked(length.div_ceil(8))?;
        Some((Self { words, length }, rest))
    }

    /// Its bytes, one after the other.
    pub(crate) fn each_byte(&self, each: impl FnMut(u8)) {
        let bytes = self.words.iter().flat_map(|word| word.to_le_bytes());
        bytes.take(self.length).for_each(each);
    }

    /// How many bytes it has.
    #[cfg_attr(not(feature = "otlp"), allow(dead_code, reason = "encoders ask for it"))]
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Its words; what is behind the text in the last one is zero.
    #[cfg_attr(not(feature = "otlp"), allow(dead_code, reason = "encoders ask for it"))]
    pub(crate) fn words(&self) -> &'w [u64] {
        self.words
    }

    /// Appends the bytes.
    #[inline]
    pub(crate) fn append_to(&self, bytes: &mut Vec<u8>) {
        let end = bytes.len() + self.length;
        bytes.reserve(8 * self.words.len());
        for word in self.words {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes.truncate(end);
    }

    /// The text; whatever is none, which nothing of ours writes, is replaced.
    pub(crate) fn to_text(self) -> String {
        let mut bytes = Vec::new();
        self.append_to(&mut bytes);
        let lossy = |error: FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
        String::from_utf8(bytes).unwrap_or_else(lossy)
    }
}

impl fmt::Display for Packed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A word, and what the one before had of a character that goes on.
        let mut bytes = [0; 16];
        let (mut filled, mut left) = (0, self.length);
        for word in self.words {
            let count = left.min(8);
            bytes[filled..filled + count].copy_from_slice(&word.to_le_bytes()[..count]);
            (filled, left) = (filled + count, left - count);
            let whole = match std::str::from_utf8(&bytes[..filled]) {
                Ok(_) => filled,
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                Err(_) => return f.write_str("\u{fffd}"),
            };
            f.write_str(std::str::from_utf8(&bytes[..whole]).unwrap_or_default())?;
            bytes.copy_within(whole..filled, 0);
            filled -= whole;
        }
        Ok(())
    }
}

/// The marker, as it lies where it is packed.
const REDACTED_WORDS: &[u64] =
    &[u64::from_le_bytes(*b"[redacte"), u64::from_le_bytes(*b"d]\0\0\0\0\0\0")];

impl Packed<'_> {
    pub(crate) const REDACTED: Packed<'static> =
        Packed { words: REDACTED_WORDS, length: REDACTED.len() };
    const EMPTY: Packed<'static> = Packed { words: &[], length: 0 };
}

/// Reads the attributes of a record one after the other, values inside of others too; stops at the first
/// word that makes no sense.
pub(crate) struct Reader<'w> {
    rest: &'w [u64],
    /// The key of the outermost value that is open.
    key: usize,
    /// How many are open.
    open: usize,
    names: [Packed<'w>; MAX_DEPTH],
    /// Whether the innermost name is that of the next value.
    is_named: bool,
    omitted: usize,
}

impl<'w> Reader<'w> {
    pub(crate) fn new(words: &'w [u64]) -> Self {
        Self {
            rest: words,
            key: 0,
            open: 0,
            names: [Packed::EMPTY; MAX_DEPTH],
            is_named: false,
            omitted: 0,
        }
    }

    /// What the key of the value that was read last goes on with; mostly nothing.
    #[inline]
    pub(crate) fn names(&self) -> &[Packed<'w>] {
        let opened = self.open.saturating_sub(1);
        &self.names[..opened + usize::from(self.is_named)]
    }

    /// How many values inside of others found no room, so far.
    pub(crate) fn omitted(&self) -> usize {
        self.omitted
    }

    /// The structure around values; nothing where it makes no sense.
    #[cold]
    #[allow(clippy::cast_possible_truncation, reason = "bits")]
    fn structure(&mut self, tag: u64, rest: &'w [u64]) -> Option<()> {
        let length = (tag >> 32) as usize;
        self.rest = rest;
        match tag & 0xff {
            OPEN if self.open < MAX_DEPTH => {
                if self.open == 0 {
                    self.key = (tag >> 8 & 0xffff) as usize;
                }
                self.open += 1;
            }
            CLOSE if self.open > 0 => {
                self.open -= 1;
                self.omitted += length;
            }
            NAME if self.open > 0 => {
                (self.names[self.open - 1], self.rest) = Packed::split(rest, length)?;
            }
            _ => return None,
        }
        self.is_named = tag & 0xff == NAME;
        Some(())
    }
}

/// Appends the key of a place and the names behind it, with dots between them.
pub(crate) fn append_key(key: &str, names: &[Packed<'_>], bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(key.as_bytes());
    for name in names {
        bytes.push(b'.');
        name.append_to(bytes);
    }
}

impl<'w> Iterator for Reader<'w> {
    type Item = (usize, Raw<'w>);

    #[allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation, reason = "bits")]
    fn next(&mut self) -> Option<Self::Item> {
        self.is_named = false;
        let (mut tag, mut rest) = self.rest.split_first()?;
        while *tag & 0xff >= NAME {
            self.structure(*tag, rest)?;
            (tag, rest) = self.rest.split_first()?;
        }
        let length = (tag >> 32) as usize;
        let array = |raw: fn(&'w [u64]) -> Raw<'w>| {
            let (elements, rest) = rest.split_at_checked(length)?;
            Some((raw(elements), rest))
        };
        let number = |raw: fn(u64) -> Raw<'w>| {
            let (&bits, rest) = rest.split_first()?;
            Some((raw(bits), rest))
        };
        let (value, rest) = match tag & 0xff {
            I64 => number(|bits| Raw::I64(bits as i64)),
            U64 => number(Raw::U64),
            F64 => number(|bits| Raw::F64(f64::from_bits(bits))),
            BOOL => Some((Raw::Bool(length != 0), rest)),
            TEXT => Packed::split(rest, length).map(|(text, rest)| (Raw::Text(text), rest)),
            I64S => array(Raw::I64s),
            U64S => array(Raw::U64s),
            F64S => array(Raw::F64s),
            BOOLS => array(Raw::Bools),
            TEXTS => {
                let mut after = rest;
                for _ in 0..length {
                    let (&bytes, texts) = after.split_first()?;
                    after = Packed::split(texts, bytes as usize)?.1;
                }
                Some((Raw::Texts(length, &rest[..rest.len() - after.len()]), after))
            }
            MARKER => number(|_| Raw::Text(Packed::REDACTED)),
            _ => None,
        }?;
        self.rest = rest;
        let key = if self.open > 0 { self.key } else { (tag >> 8 & 0xffff) as usize };
        Some((key, value))
    }
}

/// The texts of an array.
pub(crate) fn texts(count: usize, mut words: &[u64]) -> impl Iterator<Item = Packed<'_>> {
    (0..count).map_while(move |_| {
        let (&bytes, rest) = words.split_first()?;
        let (text, rest) = Packed::split(rest, usize::try_from(bytes).ok()?)?;
        words = rest;
        Some(text)
    })
}

/// Words that were encoded before, and now join a record.
pub(crate) fn write_words(encoded: &[u64], words: &[AtomicU64]) {
    for (slot, word) in words.iter().zip(encoded) {
        slot.store(*word, Relaxed);
    }
}
