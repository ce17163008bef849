//! What all spans of one place have in common, encoded once.

use super::value::{Keys, key_value};
use super::window::Out;
use super::wire::{self, bytes_tag};
use crate::callsite::{About, Callsite, SpanKind, find};
use crate::export::code::code_attributes;
use crate::export::limits::Limits;

/// The places that spans came from so far, by number.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<Option<Box<Place>>>);

/// What all spans of one place have in common.
#[derive(Debug)]
pub(super) struct Place {
    /// Name, kind and the attributes about the source.
    pub(super) bytes: Box<[u8]>,
    /// The same with padding, how much of it is here, and what is left of it.
    begin: [u8; PLACE],
    pub(super) length: usize,
    pub(super) rest: Box<[u8]>,
    /// Its keys; none where a span of it needs a closer look.
    pub(super) keys: Option<Keys>,
    /// Whether it has such keys, and nothing in the rest.
    pub(super) is_usual: bool,
    /// The same as keys of an event.
    pub(super) event_keys: Option<Keys>,
    pub(super) about: &'static About,
    /// The same place as an event.
    pub(super) event: EventBegin,
}

/// An event up to its attributes, behind its tag and its length: `tag, time, name`. The rest is padding.
#[derive(Debug)]
pub(super) struct EventBegin {
    block: [u8; Self::ROOM],
    /// How much of it is in the block, and what is behind.
    length: usize,
    rest: Box<[u8]>,
}

impl EventBegin {
    const ROOM: usize = 64;
    /// A tag, and the longest length.
    const HEAD: usize = 3;
    /// Values of so many words, each with a key of usual length, may have so many bytes.
    const WORD: usize = 20;

    fn new(name: &str) -> Self {
        let mut whole = Vec::new();
        wire::fixed64(&mut whole, 1, 0);
        wire::text(&mut whole, 2, name);
        let (begin, rest) = whole.split_at(whole.len().min(Self::ROOM));
        let mut block = [0; Self::ROOM];
        block[..begin.len()].copy_from_slice(begin);
        Self { block, length: begin.len(), rest: rest.into() }
    }

    /// More room than it needs.
    pub(super) fn most_bytes(&self) -> usize {
        Self::HEAD + Self::ROOM + self.rest.len()
    }

    /// How many bytes the length of the event probably takes, with values of so many words.
    #[inline]
    pub(super) fn length_bytes(&self, words: usize) -> usize {
        if self.length + self.rest.len() + Self::WORD * words < 0x80 { 1 } else { 2 }
    }

    /// Writes it, with so much room for its length.
    #[inline(always)]
    pub(super) fn write(
        &self,
        out: &mut impl Out,
        unix_ns: u64,
        length_bytes: usize,
    ) -> Option<()> {
        let room = out.next::<{ Self::HEAD + Self::ROOM }>()?;
        room[0] = bytes_tag(field::EVENTS);
        let head = (1 + length_bytes).min(Self::HEAD);
        let block = room[head..].first_chunk_mut::<{ Self::ROOM }>()?;
        *block = self.block;
        block[1..9].copy_from_slice(&unix_ns.to_le_bytes());
        out.advance(head + self.length);
        if self.rest.is_empty() { Some(()) } else { out.put_slice(&self.rest) }
    }
}

/// What is copied at once, without a call.
const BLOCK: usize = 64;
/// Most places have room in four of them, many in two or three.
pub(super) const PLACE: usize = 4 * BLOCK;

impl Places {
    /// The place with this number, if it was made ready before.
    #[inline]
    pub(super) fn known(&self, index: u32) -> Option<&Place> {
        self.0.get(index as usize)?.as_deref()
    }

    /// Makes the place ready, if it is known at all.
    #[cold]
    pub(super) fn add(&mut self, index: u32, limits: &Limits, code: bool) -> Option<()> {
        let place = Place::new(find(index)?, limits, code);
        let at = index as usize;
        if self.0.len() <= at {
            self.0.resize_with(at + 1, || None);
        }
        self.0[at] = Some(Box::new(place));
        Some(())
    }
}

impl Place {
    /// Writes as much of name, kind and the attributes about the source as is copied without a call; returns how much
    /// that is.
    #[inline(always)]
    pub(super) fn begin(&self, room: &mut [u8; PLACE]) -> usize {
        const MOST: usize = 3 * BLOCK;
        room[..2 * BLOCK].copy_from_slice(&self.begin[..2 * BLOCK]);
        if self.length > 2 * BLOCK {
            room[2 * BLOCK..MOST].copy_from_slice(&self.begin[2 * BLOCK..MOST]);
            if self.length > MOST {
                room[MOST..].copy_from_slice(&self.begin[MOST..]);
            }
        }
        // Which the compiler then knows.
        self.length.min(PLACE)
    }

    fn new(site: &'static Callsite, limits: &Limits, code: bool) -> Self {
        let about = site.about();
        let mut bytes = Vec::new();
        wire::text(&mut bytes, field::NAME, site.name());
        wire::number(&mut bytes, field::KIND, kind(about.kind));
        let code = if code { code_attributes(about) } else { Vec::new() };
        for (key, value) in &code {
            key_value(&mut bytes, field::ATTRIBUTES, key, value);
        }
        let fits =
            about.keys.len() + code.len() <= limits.attributes && limits.value_length.is_none();
        let is_plain = |(at, key): (usize, &&str)| {
            !about.keys[..at].contains(key) && !key.starts_with("code.")
        };
        let are_plain = about.keys.iter().enumerate().all(is_plain);
        let keys = |fits: bool, field: u8| {
            if fits && are_plain { Keys::new(field, about.keys) } else { None }
        };
        let fits_event =
            about.keys.len() <= limits.event_attributes && limits.value_length.is_none();
        let (known, rest) = bytes.split_at(bytes.len().min(PLACE));
        let mut begin = [0; PLACE];
        begin[..known.len()].copy_from_slice(known);
        let keys_of_event = keys(fits_event, EVENT_ATTRIBUTES);
        let keys = keys(fits, field::ATTRIBUTES);
        Self {
            begin,
            length: known.len(),
            is_usual: keys.is_some() && rest.is_empty(),
            rest: rest.into(),
            bytes: bytes.into(),
            keys,
            event_keys: keys_of_event,
            about,
            event: EventBegin::new(site.name()),
        }
    }
}

/// The field `attributes` of an event.
const EVENT_ATTRIBUTES: u8 = 3;

/// At most so many attributes say where in the source a place is.
pub(super) const CODE_ATTRIBUTES: usize = 3;

/// The fields of a span.
pub(super) mod field {
    pub(in super::super) const TRACE_ID: u8 = 1;
    pub(in super::super) const SPAN_ID: u8 = 2;
    pub(in super::super) const TRACE_STATE: u8 = 3;
    pub(in super::super) const PARENT_ID: u8 = 4;
    pub(in super::super) const NAME: u8 = 5;
    pub(in super::super) const KIND: u8 = 6;
    pub(in super::super) const START: u8 = 7;
    pub(in super::super) const END: u8 = 8;
    pub(in super::super) const ATTRIBUTES: u8 = 9;
    pub(in super::super) const DROPPED_ATTRIBUTES: u8 = 10;
    pub(in super::super) const EVENTS: u8 = 11;
    pub(in super::super) const DROPPED_EVENTS: u8 = 12;
    pub(in super::super) const LINKS: u8 = 13;
    pub(in super::super) const DROPPED_LINKS: u8 = 14;
    pub(in super::super) const STATUS: u8 = 15;
}

pub(super) fn kind(kind: SpanKind) -> u64 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}
