//! Bodies of requests, straight from the records.
//!
//! A span that has ended, whose attributes are numbers, truths and text, and that nothing unusual was said
//! about, is a few copies: what its chunk's spans have in common, its ids and times, what its place's spans
//! have in common, and its values. All others are decoded first.

use super::body::{Body, Writer};
use super::notes;
use super::places::{CODE_ATTRIBUTES, PLACE, Place, Places, field};
use super::span::{self, FLAGS_TAG, IS_REMOTE, REMOTE_IS_KNOWN};
use super::value::{Keys, attributes, most_bytes};
use super::window::{Out, USUAL_WORDS, WINDOW, Window};
use super::wire::{self, bytes_tag, fixed64_tag};
use crate::clock::Calibration;
use crate::export::limits::Limits;
use crate::export::span::{Attribute, Key, Resource, Scope, Span};
use crate::id::SpanId;
use crate::pipeline::assemble::decode_span;
use crate::pipeline::read::Recorded;
use crate::propagation::TraceState;
use crate::segment::decode::Chunk;
use crate::segment::record::{HEADER, flag, site_of};
use std::sync::Arc;

/// What is said about all spans of a body: how much of each goes out, and who sends them.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) limits: Limits,
    pub(crate) code_attributes: bool,
    pub(crate) resource: Resource,
}

/// One body that is being written.
#[derive(Debug)]
pub(super) struct Encoder {
    said: Said,
    pub(super) places: Places,
    /// The resource, as the body begins with it.
    resource: Vec<u8>,
    /// Who made our spans, likewise.
    scope: Vec<u8>,
    /// Room for all that goes before the spans and is known at the end; our spans.
    pub(super) body: Body,
    /// When it is to be sent: with so many bytes, or so many spans.
    pub(super) full_bytes: usize,
    pub(super) full_spans: usize,
    /// Where a span is written that must be decoded.
    decoded: Vec<u8>,
    /// Spans of other libraries.
    others: Vec<(Arc<Scope>, Vec<u8>)>,
    pub(super) spans: usize,
}

/// The field `spans` of `ScopeSpans`, and that of `ScopeSpans` in `ResourceSpans`.
const SPANS: u8 = 2;
const SCOPE_SPANS: u8 = 2;
/// Tags and lengths that stand before the spans.
const TAGS: usize = 24;

impl Encoder {
    /// Bodies that are full with so many bytes, or so many spans.
    pub(super) fn new(said: Said, full_bytes: usize, full_spans: usize) -> Self {
        let mut resource = Vec::new();
        wire::message(&mut resource, 1, |out| attributes(out, 1, &said.resource.attributes));
        let own = Scope { version: Some(env!("CARGO_PKG_VERSION").into()), ..Scope::new("traced") };
        let mut scope = Vec::new();
        write_scope(&mut scope, &own);
        let mut body = Body::default();
        body.begin(TAGS + resource.len() + scope.len());
        let places = Places::default();
        Self {
            said,
            places,
            resource,
            scope,
            body,
            full_bytes,
            full_spans,
            decoded: Vec::new(),
            others: Vec::new(),
            spans: 0,
        }
    }

    /// Says who sends the spans.
    pub(super) fn set_resource(&mut self, resource: &Resource) {
        let said = std::mem::take(&mut self.said);
        let said = Said { resource: resource.clone(), ..said };
        *self = Self::new(said, self.full_bytes, self.full_spans);
    }

    /// How many spans the body has.
    pub(super) fn spans(&self) -> usize {
        self.spans
    }

    /// Whether it is time to send the body.
    pub(super) fn is_full(&self) -> bool {
        self.length() >= self.full_bytes || self.spans >= self.full_spans
    }

    /// About how many bytes the body has.
    pub(super) fn length(&self) -> usize {
        self.body.len() + self.others.iter().map(|(_, spans)| spans.len()).sum::<usize>()
    }

    /// One of our spans.
    pub(super) fn recorded(
        &mut self,
        span: &Recorded<'_, '_>,
        common: &Common,
        clock: &Calibration,
    ) {
        let is_marked_root = common.marks_root && span.record.parent < HEADER;
        let is_plain = span.record.head & UNUSUAL == 0 && !is_marked_root;
        let is_written = is_plain
            && (self.plain(span, common, clock).is_some()
                || (self.make_ready(span) && self.plain(span, common, clock).is_some()));
        if !is_written {
            self.noted(span, clock);
        }
    }

    /// Makes the places ready that a span and its notes come from; whether any was not.
    #[cold]
    fn make_ready(&mut self, span: &Recorded<'_, '_>) -> bool {
        let Said { limits, code_attributes, .. } = &self.said;
        let notes = span.notes.iter().map(|(_, note)| note.head);
        let mut is_new = false;
        for site in notes.chain([span.record.head]).map(site_of) {
            if self.places.known(site).is_none() {
                is_new |= self.places.add(site, limits, *code_attributes).is_some();
            }
        }
        is_new
    }

    /// A span of ours that must be decoded; what its place's spans have in common need not be.
    #[cold]
    fn noted(&mut self, recorded: &Recorded<'_, '_>, clock: &Calibration) {
        let mut span = decode_span(recorded, clock);
        let Said { limits, code_attributes, .. } = &self.said;
        limits.apply(&mut span);
        let is_ours = |(key, _): &(Key, Attribute)| key.starts_with("code.");
        let meets_ours = span.attributes.iter().any(is_ours);
        let fits = span.attributes.len() + CODE_ATTRIBUTES <= limits.attributes;
        let site = site_of(recorded.record.head);
        if self.places.known(site).is_none() {
            self.places.add(site, limits, *code_attributes);
        }
        match self.places.known(site).filter(|_| fits && !meets_ours) {
            Some(place) => {
                self.decoded.clear();
                wire::message(&mut self.decoded, SPANS, |out| {
                    span::write_at(out, &span, &place.bytes);
                });
                self.body.append(&self.decoded);
                self.spans += 1;
            }
            None => self.decoded(&mut span),
        }
    }

    /// A span that is a few copies; None, and nothing written, if it is not.
    fn plain(
        &mut self,
        span: &Recorded<'_, '_>,
        common: &Common,
        clock: &Calibration,
    ) -> Option<()> {
        let record = &span.record;
        let limits = &self.said.limits;
        let place = self.places.known(site_of(record.head))?;
        let keys = place.keys.as_ref()?;
        let start = clock.unix_ns(record.first);
        let own = Own {
            id: span.id(),
            start,
            end: clock.unix_ns(record.second).max(start),
            parent: span.parent_id,
            parent_is_remote: span.parent_is_remote,
        };
        let places = &self.places;
        let writing = Writing { span, common, clock, place, keys, own, limits, places };
        let body = &mut self.body;
        let written = writing.quickly(body).or_else(|| writing.slowly(body))?;
        self.body.take_in(written);
        self.spans += 1;
        Some(())
    }

    /// Any span.
    pub(super) fn decoded(&mut self, span: &mut Span) {
        self.said.limits.apply(span);
        let Said { limits, code_attributes, .. } = &self.said;
        let write = |out: &mut Vec<u8>| {
            wire::message(out, SPANS, |out| span::write(out, span, limits, *code_attributes));
        };
        match &span.scope {
            None => {
                self.decoded.clear();
                write(&mut self.decoded);
                self.body.append(&self.decoded);
            }
            Some(scope) => write(spans_of(&mut self.others, scope)),
        }
        self.spans += 1;
    }

    /// The whole body, and where it begins. The next one is written into `room`.
    pub(super) fn finish(&mut self, room: Body) -> (Body, usize) {
        let start = self.close();
        let body = std::mem::replace(&mut self.body, room);
        self.clear();
        (body, start)
    }

    /// The whole body.
    pub(super) fn finished(&mut self) -> &[u8] {
        let start = self.close();
        self.body.from(start)
    }

    /// Writes what goes before and after the spans; returns where the body begins.
    fn close(&mut self) -> usize {
        let room = TAGS + self.resource.len() + self.scope.len();
        let own = self.body.len() - room;
        let mut after = Vec::new();
        for (scope, spans) in &self.others {
            let mut head = Vec::new();
            write_scope(&mut head, scope);
            let mut url = Vec::new();
            wire::text(&mut url, 3, scope.schema_url.as_deref().unwrap_or_default());
            after.push(bytes_tag(SCOPE_SPANS));
            wire::varint(&mut after, (head.len() + spans.len() + url.len()) as u64);
            for part in [&head, spans, &url] {
                after.extend_from_slice(part);
            }
        }
        wire::text(&mut after, 3, self.said.resource.schema_url.as_deref().unwrap_or_default());

        let mut inner = self.resource.clone();
        if own > 0 {
            inner.push(bytes_tag(SCOPE_SPANS));
            wire::varint(&mut inner, (self.scope.len() + own) as u64);
            inner.extend_from_slice(&self.scope);
        }
        let mut head = vec![bytes_tag(1)];
        wire::varint(&mut head, (inner.len() + own + after.len()) as u64);
        head.append(&mut inner);
        let start = room - head.len();
        self.body.set(start, &head);
        self.body.append(&after);
        start
    }

    /// Begins another body.
    pub(super) fn clear(&mut self) {
        self.body.begin(TAGS + self.resource.len() + self.scope.len());
        self.others.clear();
        self.spans = 0;
    }
}

/// A span that is a few copies, and what it is written from.
struct Writing<'a, 'w> {
    span: &'a Recorded<'a, 'w>,
    common: &'a Common,
    clock: &'a Calibration,
    place: &'a Place,
    keys: &'a Keys,
    own: Own,
    limits: &'a Limits,
    places: &'a Places,
}

impl Writing<'_, '_> {
    /// Writes it if it is as most are; how many bytes it has.
    #[inline(always)]
    fn quickly(&self, body: &mut Body) -> Option<usize> {
        let Self { span, common, place, own, .. } = self;
        let is_usual = common.is_usual(place)
            && span.record.payload.len() <= USUAL_WORDS
            && notes::are_usual(span.notes);
        if !is_usual {
            return None;
        }
        let room = body.room(WINDOW).first_chunk_mut()?;
        let at = common.begin(room.first_chunk_mut()?, place, own, CONTENT);
        let mut out = Window::behind(room, at);
        self.rest(&mut out)?;
        out.finish()
    }

    /// Writes it wherever that is possible without decoding it.
    #[inline(never)]
    fn slowly(&self, body: &mut Body) -> Option<usize> {
        let Self { span, common, place, own, places, .. } = self;
        let most = common.most_bytes(place)
            + most_bytes(span.record.payload.len())
            + notes::most_bytes_of(span.notes, places);
        let room = body.room(most);
        let at = common.begin(room.first_chunk_mut()?, place, own, CONTENT);
        let mut out = Writer::behind(room, at);
        self.rest(&mut out)?;
        Some(out.written())
    }

    /// Writes what comes behind [what all begin with](Common::begin). None, with some of it written, if the span is
    /// not what `out` takes.
    #[inline(always)]
    fn rest(&self, out: &mut impl Out) -> Option<()> {
        let Self { span, place, keys, .. } = self;
        self.common.put_rest(out, place)?;
        let mut flags = span.record.head;
        if !span.record.payload.is_empty() {
            out.values(keys, &span.record)?;
        }
        if !span.notes.is_empty() {
            notes::write(out, place, span.notes, self.places, self.limits, self.clock, &mut flags)?;
        }
        if flags & (flag::OK | flag::ERROR) != 0 {
            out.put(status(flags))?;
        }
        out.close(1, CONTENT - 1)
    }
}

/// What makes a span unusual: attributes of ours that may meet one that was recorded.
pub(super) const UNUSUAL: u64 = flag::FOLDED | flag::CANCELLED | flag::PANICKED | flag::SLOW;

/// How many bytes a status has.
pub(super) const STATUS: usize = 4;

/// The status of a span with these flags, one of which says how it went.
pub(super) const fn status(flags: u64) -> [u8; STATUS] {
    let code = if flags & flag::OK != 0 { 1 } else { 2 };
    [bytes_tag(field::STATUS), 2, wire::varint_tag(3), code]
}

/// Where the spans of a library go.
fn spans_of<'o>(others: &'o mut Vec<(Arc<Scope>, Vec<u8>)>, scope: &Arc<Scope>) -> &'o mut Vec<u8> {
    let is_same = |other: &Arc<Scope>| Arc::ptr_eq(other, scope) || other == scope;
    let at = others.iter().position(|(other, _)| is_same(other)).unwrap_or_else(|| {
        others.push((scope.clone(), Vec::new()));
        others.len() - 1
    });
    &mut others[at].1
}

fn write_scope(out: &mut Vec<u8>, scope: &Scope) {
    wire::message(out, 1, |out| {
        wire::text(out, 1, &scope.name);
        wire::text(out, 2, scope.version.as_deref().unwrap_or_default());
        attributes(out, 3, &scope.attributes);
    });
}

/// What a span has of its own, apart from its attributes.
pub(super) struct Own {
    pub(super) id: SpanId,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) parent: SpanId,
    pub(super) parent_is_remote: bool,
}

/// What all spans of a chunk begin with; ids and times are filled in.
pub(super) struct Common {
    bytes: [u8; Self::LENGTH],
    /// What else the trace says of itself; mostly nothing.
    trace_state: Vec<u8>,
    /// Whether the root has an attribute of ours.
    pub(super) marks_root: bool,
}

/// Where the content of a span begins, behind its tag and its length, which mostly has two bytes.
pub(super) const CONTENT: usize = 3;
/// Room for what [`Common::begin`] writes.
pub(super) const BEGIN: usize = CONTENT + Common::LENGTH + PLACE;

impl Common {
    const TRACE: usize = 2;
    const SPAN: usize = Self::TRACE + 16 + 2;
    const START: usize = Self::SPAN + 8 + 1;
    const END: usize = Self::START + 8 + 1;
    const FLAGS: usize = Self::END + 8 + 2;
    /// A root has nothing behind this.
    const ROOT: usize = Self::FLAGS + 4;
    const PARENT: usize = Self::ROOT + 2;
    const LENGTH: usize = Self::PARENT + 8;

    pub(super) fn of(chunk: &Chunk<'_>, state: &TraceState) -> Self {
        let mut bytes = [0; Self::LENGTH];
        bytes[Self::TRACE - 2..Self::TRACE].copy_from_slice(&[bytes_tag(field::TRACE_ID), 16]);
        let trace = chunk.header.trace.to_u128().to_be_bytes();
        bytes[Self::TRACE..Self::TRACE + 16].copy_from_slice(&trace);
        bytes[Self::SPAN - 2..Self::SPAN].copy_from_slice(&[bytes_tag(field::SPAN_ID), 8]);
        bytes[Self::START - 1] = fixed64_tag(field::START);
        bytes[Self::END - 1] = fixed64_tag(field::END);
        bytes[Self::FLAGS - 2..Self::FLAGS].copy_from_slice(&FLAGS_TAG);
        bytes[Self::FLAGS] = chunk.header.trace_flags();
        bytes[Self::FLAGS + 1] = REMOTE_IS_KNOWN.to_le_bytes()[1];
        bytes[Self::PARENT - 2..Self::PARENT].copy_from_slice(&[bytes_tag(field::PARENT_ID), 8]);
        let mut trace_state = Vec::new();
        wire::text(&mut trace_state, field::TRACE_STATE, state.as_str());
        let marks_root = chunk.header.decision.is_partial() || chunk.omitted > 0;
        Self { bytes, trace_state, marks_root }
    }

    /// More room than a span of this place needs, a status included, but for attributes and notes.
    #[inline(always)]
    pub(super) fn most_bytes(&self, place: &Place) -> usize {
        BEGIN + place.rest.len() + self.trace_state.len() + STATUS
    }

    /// At least as many bytes as the content of a usual span without attributes has.
    #[inline(always)]
    pub(super) fn most_content(place: &Place) -> usize {
        Self::LENGTH + place.length + STATUS
    }

    /// Whether [`Self::begin`] writes all that such a span begins with, and it is known how its values are written.
    #[inline(always)]
    pub(super) fn is_usual(&self, place: &Place) -> bool {
        place.is_usual && self.trace_state.is_empty()
    }

    #[inline(always)]
    fn own_bytes(parent: SpanId) -> usize {
        if parent.is_valid() { Self::LENGTH } else { Self::ROOT }
    }

    /// Writes a span's tag, and its content from `content` on as far as it is the same for many; returns where what
    /// was written ends. The length is left out.
    #[inline(always)]
    pub(super) fn begin(
        &self,
        room: &mut [u8; BEGIN],
        place: &Place,
        own: &Own,
        content: usize,
    ) -> usize {
        // What indices are no greater than is told so that the compiler need not look.
        let content = content.min(CONTENT);
        let (bytes, _) = room[content..].split_at_mut(Self::LENGTH);
        bytes.copy_from_slice(&self.bytes);
        // What is filled in is filled in where it goes: read back as a whole at once, it would have to wait.
        bytes[Self::SPAN..Self::SPAN + 8].copy_from_slice(&own.id.to_u64().to_be_bytes());
        bytes[Self::START..Self::START + 8].copy_from_slice(&own.start.to_le_bytes());
        bytes[Self::END..Self::END + 8].copy_from_slice(&own.end.to_le_bytes());
        if own.parent_is_remote {
            bytes[Self::FLAGS + 1] = (REMOTE_IS_KNOWN | IS_REMOTE).to_le_bytes()[1];
        }
        bytes[Self::PARENT..].copy_from_slice(&own.parent.to_u64().to_be_bytes());
        room[0] = bytes_tag(SPANS);
        let at = content + Self::own_bytes(own.parent);
        match room[at..].first_chunk_mut() {
            Some(room) => at + place.begin(room),
            None => at,
        }
    }

    /// Writes what [`Self::begin`] has no room for, which mostly is nothing.
    #[inline(always)]
    pub(super) fn put_rest(&self, out: &mut impl Out, place: &Place) -> Option<()> {
        if !place.rest.is_empty() {
            out.put_slice(&place.rest)?;
        }
        if !self.trace_state.is_empty() {
            out.put_slice(&self.trace_state)?;
        }
        Some(())
    }
}
