//! Finished spans, decoded: from a record and what was said about it.
//!
//! Most of what is said about a span stands in its own chunk. What was said late, or elsewhere, is a note
//! that names the span; it may arrive before the span does, from another thread's outbox. So spans wait for
//! their end, and notes for their span, until a grace time has passed; then an open span goes out as
//! unfinished, and a note without a span is forgotten, because its span was not kept.

use crate::callsite::{Callsite, find};
use crate::clock::Calibration;
use crate::export::span::{Attribute, Event, Key, Link, Span, Status};
use crate::id::{SpanId, SpanRef, TraceId};
use crate::note::well_known;
use crate::order::{Rank, sort_by_number, sort_by_ranks};
use crate::pipeline::read::{Recorded, Target, is_note};
use crate::segment::attribute::{Packed, Raw, Reader, append_key, texts};
use crate::segment::decode::Record;
use crate::segment::record::{HEADER, Kind, RECORD, flag, site_of};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

/// Brings spans together with what arrives about them from elsewhere.
#[derive(Default)]
pub(crate) struct Assembler {
    /// Spans without an end, and those that something was said about elsewhere.
    waiting: ByReference<Waiting>,
    /// Notes about spans that were not seen yet.
    notes: ByReference<Notes>,
    /// The spans of which either came in this batch.
    touched: Vec<SpanRef>,
    /// Who waits, the oldest first; some of them have gone since.
    waiting_since: VecDeque<(u64, SpanRef)>,
    notes_since: VecDeque<(u64, SpanRef)>,
    batch: u64,
}

/// References are distinct in all their bits, so that one multiplication spreads them.
#[derive(Default)]
pub(crate) struct ReferenceHasher(u64);

impl Hasher for ReferenceHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

type ByReference<T> = HashMap<SpanRef, T, BuildHasherDefault<ReferenceHasher>>;

/// A span that has not gone out yet.
struct Waiting {
    span: Span,
    start: u64,
    end: u64,
    flags: u64,
    notes: Notes,
}

/// What was said about one span beside its own record.
#[derive(Default)]
struct Notes {
    end: u64,
    flags: u64,
    attributes: Vec<(Key, Attribute)>,
    events: Vec<(u64, Event)>,
    links: Vec<Link>,
    refused: u64,
    /// Spans that later parts of its segment do not tell.
    omitted: u64,
}

/// Batches that a span waits for its end, and a note for its span.
pub(crate) const GRACE_BATCHES: u64 = 30;
/// Beyond so many, the oldest are not waited for.
const MAX_WAITING: usize = 1 << 16;

impl Assembler {
    /// Takes in what is said about a span of another chunk.
    pub(crate) fn note(&mut self, record: &Record<'_>) {
        if !is_note(record) {
            return;
        }
        self.notes_on(SpanRef(record.first)).take(record);
    }

    /// So many more spans than are written down belong to the segment of this local root.
    pub(crate) fn note_omitted(&mut self, root: SpanRef, spans: u64) {
        self.notes_on(root).omitted += spans;
    }

    fn notes_on(&mut self, reference: SpanRef) -> &mut Notes {
        self.touched.push(reference);
        let (batch, since) = (self.batch, &mut self.notes_since);
        self.notes.entry(reference).or_insert_with(|| {
            since.push_back((batch, reference));
            Notes::default()
        })
    }

    /// Whether anything was said about spans that were not seen yet.
    pub(crate) fn knows_notes(&self) -> bool {
        !self.notes.is_empty()
    }

    /// Whether something was said about this span elsewhere.
    pub(crate) fn has_notes_on(&self, reference: SpanRef) -> bool {
        self.knows_notes() && self.notes.contains_key(&reference)
    }

    /// Takes in a span that has no end yet, or that something was said about elsewhere.
    pub(crate) fn wait_for(&mut self, span: &Recorded<'_, '_>) {
        let reference = span.reference();
        self.waiting.insert(reference, Waiting::of(span));
        self.waiting_since.push_back((self.batch, reference));
        self.touched.push(reference);
    }

    /// What has become complete with this batch, or is not waited for any longer. `hurry` takes all.
    pub(crate) fn finish(&mut self, hurry: Hurry, target: &mut Decoder<'_>) {
        self.batch += 1;
        for reference in std::mem::take(&mut self.touched) {
            let Some(waiting) = self.waiting.get_mut(&reference) else { continue };
            if let Some(notes) = self.notes.remove(&reference) {
                waiting.notes.append(notes);
            }
            if waiting.end != 0 || waiting.notes.end != 0 {
                self.release(reference, target);
            }
        }
        let now = self.batch;
        while let Some((since, reference)) = self.waiting_since.front().copied() {
            let patient = hurry == Hurry::No && self.waiting.len() <= MAX_WAITING;
            if patient && now - since <= GRACE_BATCHES {
                break;
            }
            self.waiting_since.pop_front();
            self.release(reference, target);
        }
        while let Some((since, reference)) = self.notes_since.front().copied() {
            if self.notes.len() <= MAX_WAITING && now - since <= GRACE_BATCHES {
                break;
            }
            self.notes_since.pop_front();
            self.notes.remove(&reference);
        }
    }

    fn release(&mut self, reference: SpanRef, target: &mut Decoder<'_>) {
        if let Some(waiting) = self.waiting.remove(&reference) {
            target.push(reference, waiting);
        }
    }
}

/// Decodes spans, for whoever wants them so.
pub(crate) struct Decoder<'c> {
    clock: &'c Calibration,
    spans: Vec<Span>,
    /// By when they begin; two may begin in the same tick, and then the one that was written first is the
    /// outer one.
    order: Vec<Rank>,
}

impl<'c> Decoder<'c> {
    pub(crate) fn new(clock: &'c Calibration) -> Self {
        Self { clock, spans: Vec::new(), order: Vec::new() }
    }

    fn push(&mut self, reference: SpanRef, span: Waiting) {
        self.order.push((span.start, reference.0, self.spans.len()));
        self.spans.push(span.finish(self.clock));
    }

    /// How many spans there are.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// All of them, by the time of their beginning.
    pub(crate) fn into_spans(mut self) -> Vec<Span> {
        self.sort();
        self.spans
    }

    /// The same, for whoever gives back the room.
    pub(crate) fn sorted(&mut self) -> &mut Vec<Span> {
        self.sort();
        &mut self.spans
    }

    /// Moves spans to where they belong. Most are there already: a thread writes them in that order, and they are
    /// large.
    fn sort(&mut self) {
        sort_by_ranks(&mut self.spans, &mut self.order);
        self.order.clear();
    }
}

impl Target for Decoder<'_> {
    fn span(&mut self, span: &Recorded<'_, '_>) {
        self.push(span.reference(), Waiting::of(span));
    }
}

/// One span, decoded, with what its chunk says about it.
#[cfg(feature = "otlp")]
pub(crate) fn decode_span(span: &Recorded<'_, '_>, clock: &Calibration) -> Span {
    Waiting::of(span).finish(clock)
}

/// Whether to wait for ends that have not come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hurry {
    Yes,
    No,
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
            Kind::Chunk | Kind::Span | Kind::Scope | Kind::Dead | Kind::Gap | Kind::TraceState => {}
        }
    }

    /// Adds what was said later.
    fn append(&mut self, mut later: Self) {
        if later.end != 0 {
            self.end = later.end;
        }
        self.flags |= later.flags;
        self.attributes.append(&mut later.attributes);
        self.events.append(&mut later.events);
        self.links.append(&mut later.links);
        self.refused += later.refused;
        self.omitted += later.omitted;
    }
}

impl Waiting {
    /// What the span's own record says.
    fn of(recorded: &Recorded<'_, '_>) -> Self {
        let (chunk, record) = (recorded.chunk, &recorded.record);
        let site = find(site_of(record.head));
        let name = site.map_or("unknown", Callsite::name);
        let mut span = Span::new(name, chunk.header.trace, recorded.id());
        span.parent_id = recorded.parent_id;
        span.parent_is_remote = recorded.parent_is_remote;
        span.trace_flags = chunk.header.trace_flags();
        span.kind = site.map(|site| site.about().kind).unwrap_or_default();
        span.place = site.map(Callsite::about);
        let decision = chunk.header.decision;
        span.trace_state = recorded.trace_state.shared();
        let (start, end, flags) = (record.first, record.second, record.head);
        let mut waiting = Self { span, start, end, flags, notes: Notes::default() };
        if record.head & flag::FOLDED == 0 {
            let keys = site.map_or(&[][..], |site| site.about().keys);
            (waiting.span.attributes, waiting.span.dropped_attributes) = read(keys, record.payload);
        } else {
            waiting.describe_folded(record.payload);
        }
        if record.parent < HEADER && decision.is_partial() {
            set(&mut waiting.span.attributes, "traced.partial".into(), Attribute::Bool(true));
        }
        for (_, note) in recorded.notes {
            waiting.notes.take(note);
        }
        if record.parent < HEADER {
            waiting.notes.omitted += chunk.omitted;
        }
        waiting
    }

    fn take(&mut self, notes: Notes, clock: &Calibration) {
        if notes.end != 0 {
            self.end = notes.end;
        }
        self.flags |= notes.flags;
        for (key, value) in notes.attributes {
            set(&mut self.span.attributes, key, value);
        }
        if notes.omitted > 0 {
            set(&mut self.span.attributes, "traced.omitted_spans".into(), clamp(notes.omitted));
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

    fn finish(mut self, clock: &Calibration) -> Span {
        let notes = std::mem::take(&mut self.notes);
        self.take(notes, clock);
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
            span.status = Status::Error(take_message(&mut span.attributes));
        }
        sort_by_number(&mut span.events, |event| event.unix_ns);
        span
    }
}

fn keys_of(record: &Record<'_>) -> &'static [&'static str] {
    match site_of(record.head) {
        0 => &well_known::KEYS,
        index => find(index).map_or(&[], |site| site.about().keys),
    }
}

/// What was said about the error is the description of the status.
fn take_message(attributes: &mut Vec<(Key, Attribute)>) -> Cow<'static, str> {
    let at = attributes.iter().position(|(key, _)| *key == well_known::ERROR_MESSAGE_KEY);
    match at.map(|at| attributes.remove(at)) {
        Some((_, Attribute::Text(message))) => Cow::Owned(message),
        _ => Cow::Borrowed(""),
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
pub(crate) fn read(keys: &'static [&'static str], payload: &[u64]) -> (Vec<(Key, Attribute)>, u32) {
    // A place has as many as it has keys, unless a type tells more.
    let mut attributes = Vec::with_capacity(if payload.is_empty() { 0 } else { keys.len() });
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
        Raw::Text(text) => Attribute::Text(text.to_text()),
        Raw::I64s(all) => Attribute::I64s(all.iter().map(|n| *n as i64).collect()),
        // An array has one type: if one of them is too large for a number, all are text.
        Raw::U64s(all) if all.iter().all(|n| i64::try_from(*n).is_ok()) => {
            Attribute::I64s(all.iter().map(|n| *n as i64).collect())
        }
        Raw::U64s(all) => Attribute::Texts(all.iter().map(u64::to_string).collect()),
        Raw::F64s(all) => Attribute::F64s(all.iter().map(|n| f64::from_bits(*n)).collect()),
        Raw::Bools(all) => Attribute::Bools(all.iter().map(|b| *b != 0).collect()),
        Raw::Texts(count, words) => {
            Attribute::Texts(texts(count, words).map(Packed::to_text).collect())
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
