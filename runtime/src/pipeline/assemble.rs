//! From the words of many chunks to finished spans.
//!
//! Most of what is said about a span stands in its own record. What was said late, or elsewhere, is a record
//! that names the span; it may arrive before the span does, from another thread's outbox. So spans wait for
//! their end, and notes for their span, until a grace time has passed; then an open span goes out as
//! unfinished, and a note without a span is forgotten, because its span was not kept.

use crate::callsite::{Callsite, find};
use crate::clock::Calibration;
use crate::export::span::{Attribute, Event, Key, Link, Span, Status};
use crate::id::{SpanId, SpanRef, TraceId};
use crate::note::well_known;
use crate::segment::attribute::{Packed, Raw, Reader, append_key, texts};
use crate::segment::decode::{Chunk, Record, chunks};
use crate::segment::record::{HEADER, Kind, RECORD, flag, site_of};
use std::borrow::Cow;
use std::collections::HashMap;

/// Puts spans together from what the outboxes hold.
#[derive(Default)]
pub(crate) struct Assembler {
    /// Spans without an end, and those that ended in this batch.
    waiting: HashMap<SpanRef, Waiting>,
    /// Notes about spans that were not seen yet.
    notes: HashMap<SpanRef, Notes>,
    batch: u64,
}

/// A span that has not gone out yet.
struct Waiting {
    span: Span,
    start: u64,
    end: u64,
    flags: u64,
    since: u64,
}

/// What was said about one span elsewhere.
#[derive(Default)]
struct Notes {
    end: u64,
    flags: u64,
    attributes: Vec<(Key, Attribute)>,
    events: Vec<(u64, Event)>,
    links: Vec<Link>,
    refused: u64,
    since: u64,
}

/// Batches that a span waits for its end, and a note for its span.
pub(crate) const GRACE_BATCHES: u64 = 30;
/// Beyond so many, the oldest are not waited for.
const MAX_WAITING: usize = 1 << 16;

impl Assembler {
    /// Takes in the words of one outbox.
    pub(crate) fn add(&mut self, words: &[u64]) {
        for chunk in chunks(words) {
            self.add_chunk(&chunk);
        }
    }

    /// What is finished, by the time of its beginning. `hurry` takes the unfinished too.
    pub(crate) fn finish(&mut self, clock: &Calibration, hurry: Hurry) -> Vec<Span> {
        self.batch += 1;
        let now = self.batch;
        let crowded = self.waiting.len() > MAX_WAITING;
        let is_due = |since: u64| hurry == Hurry::Yes || crowded || now - since > GRACE_BATCHES;
        let mut due = Vec::new();
        for (reference, waiting) in &mut self.waiting {
            if let Some(notes) = self.notes.remove(reference) {
                waiting.take(notes, clock);
            }
            if waiting.end != 0 || is_due(waiting.since) {
                due.push((waiting.start, *reference));
            }
        }
        let crowded = self.notes.len() > MAX_WAITING;
        self.notes.retain(|_, notes| !crowded && now - notes.since <= GRACE_BATCHES);
        // Two spans may begin in the same tick; the one that was written first is the outer one.
        due.sort_unstable_by_key(|(start, reference)| (*start, reference.0));
        let done = due.iter().filter_map(|(_, reference)| self.waiting.remove(reference));
        done.map(|waiting| waiting.finish(clock)).collect()
    }

    fn add_chunk(&mut self, chunk: &Chunk<'_>) {
        // A parent is a position in the same chunk. Only scopes and carried spans stand for somebody else.
        let stand_ins: HashMap<usize, SpanRef> = chunk
            .records()
            .filter(|record| matches!(record.kind, Kind::Scope | Kind::Carried))
            .map(|record| (record.position, SpanRef(record.first)))
            .collect();
        for record in chunk.records() {
            match record.kind {
                Kind::Span => self.add_span(chunk, &record, &stand_ins),
                _ => self.add_note(&record),
            }
        }
    }

    fn add_span(
        &mut self,
        chunk: &Chunk<'_>,
        record: &Record<'_>,
        stand_ins: &HashMap<usize, SpanRef>,
    ) {
        let reference = chunk.reference(record.position);
        let site = find(site_of(record.head));
        let at_root = record.parent < HEADER;
        let parent_id = if at_root {
            chunk.header.parent
        } else {
            let parent = stand_ins.get(&record.parent).copied();
            parent.unwrap_or(chunk.reference(record.parent)).id_from(chunk.id_base)
        };
        let keys = site.map_or(&[][..], |site| site.about().keys);
        let folded = record.head & flag::FOLDED != 0;
        let name = site.map_or("unknown", Callsite::name);
        let mut span = Span::new(name, chunk.header.trace, reference.id_from(chunk.id_base));
        span.parent_id = parent_id;
        span.parent_is_remote = at_root && chunk.header.parent_is_remote;
        span.trace_flags = if chunk.header.sampled { Span::SAMPLED } else { 0 };
        span.kind = site.map(|site| site.about().kind).unwrap_or_default();
        span.place = site.map(Callsite::about);
        if !folded {
            (span.attributes, span.dropped_attributes) = read(keys, record.payload);
        }
        let mut waiting = Waiting {
            span,
            start: record.first,
            end: record.second,
            flags: record.head,
            since: self.batch,
        };
        if folded {
            waiting.describe_folded(record.payload);
        }
        self.waiting.insert(reference, waiting);
    }

    fn add_note(&mut self, record: &Record<'_>) {
        let is_open = record.kind == Kind::Carried && record.second == 0;
        if is_open || matches!(record.kind, Kind::Chunk | Kind::Scope | Kind::Dead | Kind::Gap) {
            return;
        }
        let notes = self.notes.entry(SpanRef(record.first)).or_default();
        notes.since = self.batch;
        notes.take(record);
    }
}

impl Notes {
    fn take(&mut self, record: &Record<'_>) {
        match record.kind {
            Kind::End | Kind::Carried => {
                self.end = record.second;
                self.flags |= record.head & flag::OUTCOME;
            }
            Kind::Flags => self.flags |= record.head & flag::OUTCOME,
            Kind::Attributes => {
                let (attributes, omitted) = read(keys_of(record), record.payload);
                self.attributes.extend(attributes);
                self.refused += u64::from(omitted);
            }
            Kind::Event => {
                let name = find(site_of(record.head)).map_or("unknown", Callsite::name);
                let (attributes, dropped_attributes) = read(keys_of(record), record.payload);
                let event = Event { attributes, dropped_attributes, ..Event::new(name, 0) };
                self.events.push((record.second, event));
            }
            Kind::Slow => {
                let threshold = Attribute::F64(milliseconds(record.second));
                let attributes = vec![("threshold_ms".into(), threshold)];
                self.events.push((0, Event { attributes, ..Event::new("slow", 0) }));
            }
            Kind::Link => {
                if let [high, low, span, ..] = *record.payload {
                    let trace_id = TraceId::from_halves(high, low);
                    self.links.push(Link::new(trace_id, SpanId::from_u64(span)));
                }
            }
            Kind::Refused => self.refused += record.second,
            Kind::Chunk | Kind::Span | Kind::Scope | Kind::Dead | Kind::Gap => {}
        }
    }
}

/// Whether to wait for ends that have not come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hurry {
    Yes,
    No,
}

impl Waiting {
    fn take(&mut self, notes: Notes, clock: &Calibration) {
        if notes.end != 0 {
            self.end = notes.end;
        }
        self.flags |= notes.flags;
        for (key, value) in notes.attributes {
            set(&mut self.span.attributes, key, value);
        }
        self.span.dropped_attributes += u32::try_from(notes.refused).unwrap_or(u32::MAX);
        self.span.links.extend(notes.links);
        for (ticks, mut event) in notes.events {
            let at = if ticks == 0 { self.end.max(self.start) } else { ticks };
            event.unix_ns = clock.unix_ns(at);
            if ticks == 0 {
                let took = clock.span_ns(self.start, at);
                event.attributes.push(("actual_ms".into(), Attribute::F64(milliseconds(took))));
            }
            self.span.events.push(event);
        }
    }

    fn describe_folded(&mut self, payload: &[u64]) {
        if let [count, inside, sum, least, greatest, ..] = *payload {
            let attributes = &mut self.span.attributes;
            let ticks = |ticks: u64| clamp(crate::clock::elapsed_ns(0, ticks));
            attributes.push(("traced.count".into(), clamp(count)));
            if inside > 0 {
                attributes.push(("traced.folded_inside".into(), clamp(inside)));
            }
            attributes.push(("traced.sum_ns".into(), ticks(sum)));
            attributes.push(("traced.min_ns".into(), ticks(least)));
            attributes.push(("traced.max_ns".into(), ticks(greatest)));
        }
    }

    fn finish(self, clock: &Calibration) -> Span {
        let mut span = self.span;
        span.start_unix_ns = clock.unix_ns(self.start);
        span.end_unix_ns = clock.unix_ns(self.end.max(self.start)).max(span.start_unix_ns);
        let outcome = if self.end == 0 {
            Some("unfinished")
        } else if self.flags & flag::CANCELLED != 0 {
            Some("cancelled")
        } else {
            None
        };
        if let Some(outcome) = outcome {
            set(&mut span.attributes, "traced.outcome".into(), Attribute::from(outcome));
        }
        if self.flags & flag::PANICKED != 0 {
            set(&mut span.attributes, "error.type".into(), Attribute::from("panic"));
        }
        if self.flags & flag::SLOW != 0 {
            set(&mut span.attributes, "traced.slow".into(), Attribute::Bool(true));
        }
        if self.flags & flag::OK != 0 {
            span.status = Status::Ok;
        } else if self.flags & flag::ERROR != 0 {
            span.status = Status::Error(Cow::Borrowed(""));
        }
        span.events.sort_by_key(|event| event.unix_ns);
        span
    }
}

fn keys_of(record: &Record<'_>) -> &'static [&'static str] {
    match site_of(record.head) {
        0 => &well_known::KEYS,
        index => find(index).map_or(&[], |site| site.about().keys),
    }
}

/// A later value of a key replaces an earlier one.
fn set(attributes: &mut Vec<(Key, Attribute)>, key: Key, value: Attribute) {
    match attributes.iter_mut().find(|(existing, _)| *existing == key) {
        Some((_, old)) => *old = value,
        None => attributes.push((key, value)),
    }
}

/// The attributes of a record, and how many found no room.
fn read(keys: &'static [&'static str], payload: &[u64]) -> (Vec<(Key, Attribute)>, u32) {
    let mut attributes = Vec::new();
    let mut reader = Reader::new(payload);
    while let Some((key, raw)) = reader.next() {
        let key = joined(keys.get(key).copied().unwrap_or("unknown"), reader.names());
        set(&mut attributes, key, decode(raw));
    }
    (attributes, u32::try_from(reader.omitted()).unwrap_or(u32::MAX))
}

/// The key of a place, and the names behind it, with dots between them.
fn joined(key: &'static str, names: &[Packed<'_>]) -> Key {
    if names.is_empty() {
        return key.into();
    }
    let mut bytes = Vec::new();
    append_key(key, names, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[allow(clippy::cast_possible_wrap, reason = "bits")]
fn decode(raw: Raw<'_>) -> Attribute {
    match raw {
        Raw::I64(n) => Attribute::I64(n),
        Raw::U64(n) => clamp(n),
        Raw::F64(n) => Attribute::F64(n),
        Raw::Bool(b) => Attribute::Bool(b),
        Raw::Text(text) => Attribute::Text(text.to_string()),
        Raw::I64s(all) => Attribute::I64s(all.iter().map(|n| *n as i64).collect()),
        // An array has one type: if one of them is too large for a number, all are text.
        Raw::U64s(all) if all.iter().all(|n| i64::try_from(*n).is_ok()) => {
            Attribute::I64s(all.iter().map(|n| *n as i64).collect())
        }
        Raw::U64s(all) => Attribute::Texts(all.iter().map(u64::to_string).collect()),
        Raw::F64s(all) => Attribute::F64s(all.iter().map(|n| f64::from_bits(*n)).collect()),
        Raw::Bools(all) => Attribute::Bools(all.iter().map(|b| *b != 0).collect()),
        Raw::Texts(count, words) => {
            Attribute::Texts(texts(count, words).map(|text| text.to_string()).collect())
        }
    }
}

/// OpenTelemetry has no unsigned numbers: what does not fit is text.
fn clamp(number: u64) -> Attribute {
    i64::try_from(number).map_or_else(|_| Attribute::Text(number.to_string()), Attribute::I64)
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds for people")]
fn milliseconds(ns: u64) -> f64 {
    ns as f64 / 1e6
}

const _: () = assert!(RECORD < HEADER);
