//! Bodies of requests, straight from the records.
//!
//! A span that has ended, whose attributes are numbers, truths and text, and that nothing unusual was said
//! about, is a few copies: what its chunk's spans have in common, its ids and times, what its place's spans
//! have in common, and its values. All others are decoded first.

use super::notes;
use super::places::{CODE_ATTRIBUTES, Places, field};
use super::span::{self, FLAGS_TAG, IS_REMOTE, REMOTE_IS_KNOWN};
use super::value::attributes;
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
    places: Places,
    /// The resource, as the body begins with it.
    resource: Vec<u8>,
    /// Who made our spans, likewise.
    scope: Vec<u8>,
    /// Room for all that goes before the spans and is known at the end; our spans.
    body: Vec<u8>,
    /// Spans of other libraries.
    others: Vec<(Arc<Scope>, Vec<u8>)>,
    spans: usize,
}

/// The field `spans` of `ScopeSpans`, and that of `ScopeSpans` in `ResourceSpans`.
const SPANS: u8 = 2;
const SCOPE_SPANS: u8 = 2;
/// Tags and lengths that stand before the spans.
const TAGS: usize = 24;

impl Encoder {
    pub(super) fn new(said: Said) -> Self {
        let mut resource = Vec::new();
        wire::message(&mut resource, 1, |out| attributes(out, 1, &said.resource.attributes));
        let own = Scope { version: Some(env!("CARGO_PKG_VERSION").into()), ..Scope::new("traced") };
        let mut scope = Vec::new();
        write_scope(&mut scope, &own);
        let body = vec![0; TAGS + resource.len() + scope.len()];
        let places = Places::default();
        Self { said, places, resource, scope, body, others: Vec::new(), spans: 0 }
    }

    /// Says who sends the spans.
    pub(super) fn set_resource(&mut self, resource: &Resource) {
        let said = std::mem::take(&mut self.said);
        *self = Self::new(Said { resource: resource.clone(), ..said });
    }

    /// How many spans the body has.
    pub(super) fn spans(&self) -> usize {
        self.spans
    }

    /// About how many bytes the body has.
    pub(super) fn length(&self) -> usize {
        self.body.len() + self.others.iter().map(|(_, spans)| spans.len()).sum::<usize>()
    }

    /// One of our spans.
    #[inline]
    pub(super) fn recorded(
        &mut self,
        span: &Recorded<'_, '_>,
        common: &Common,
        clock: &Calibration,
    ) {
        let is_marked_root = common.marks_root && span.record.parent < HEADER;
        let is_plain = span.record.head & UNUSUAL == 0 && !is_marked_root;
        if !(is_plain && self.plain(span, common, clock)) {
            self.noted(span, clock);
        }
    }

    /// A span of ours that must be decoded; what its place's spans have in common need not be.
    fn noted(&mut self, recorded: &Recorded<'_, '_>, clock: &Calibration) {
        let mut span = decode_span(recorded, clock);
        let Said { limits, code_attributes, .. } = &self.said;
        limits.apply(&mut span);
        let is_ours = |(key, _): &(Key, Attribute)| key.starts_with("code.");
        let meets_ours = span.attributes.iter().any(is_ours);
        let fits = span.attributes.len() + CODE_ATTRIBUTES <= limits.attributes;
        let site = site_of(recorded.record.head);
        match self.places.get(site, limits, *code_attributes).filter(|_| fits && !meets_ours) {
            Some(place) => {
                wire::message(&mut self.body, SPANS, |out| {
                    span::write_at(out, &span, &place.bytes);
                });
                self.spans += 1;
            }
            None => self.decoded(&mut span),
        }
    }

    /// A span that is a few copies; false, and nothing written, if it is not.
    #[inline]
    fn plain(&mut self, span: &Recorded<'_, '_>, common: &Common, clock: &Calibration) -> bool {
        let record = &span.record;
        let Said { limits, code_attributes, .. } = &self.said;
        if !span.notes.is_empty() {
            // The places of notes are made ready first, because they are looked at together.
            for (_, note) in span.notes {
                self.places.get(site_of(note.head), limits, *code_attributes);
            }
        }
        if self.places.get(site_of(record.head), limits, *code_attributes).is_none() {
            return false;
        }
        let Some(place) = self.places.known(site_of(record.head)) else { return false };
        let Some(keys) = &place.keys else { return false };
        let out = &mut self.body;
        let before = out.len();
        let start = clock.unix_ns(record.first);
        let end = clock.unix_ns(record.second).max(start);
        common.write(out, span.id(), start, end, span.parent_id, span.parent_is_remote);
        out.extend_from_slice(&place.bytes);
        let is_written = record.payload.is_empty() || keys.write(out, record.payload);
        let mut flags = record.head;
        if !is_written
            || !span.notes.is_empty()
                && !notes::write(out, place, span.notes, &self.places, limits, clock, &mut flags)
        {
            out.truncate(before);
            return false;
        }
        if flags & (flag::OK | flag::ERROR) != 0 {
            let code = if flags & flag::OK != 0 { 1 } else { 2 };
            out.extend_from_slice(&[bytes_tag(field::STATUS), 2, wire::varint_tag(3), code]);
        }
        wire::close(out, before + Common::CONTENT);
        self.spans += 1;
        true
    }

    /// Any span.
    pub(super) fn decoded(&mut self, span: &mut Span) {
        self.said.limits.apply(span);
        let out = match &span.scope {
            None => &mut self.body,
            Some(scope) => spans_of(&mut self.others, scope),
        };
        let Said { limits, code_attributes, .. } = &self.said;
        wire::message(out, SPANS, |out| span::write(out, span, limits, *code_attributes));
        self.spans += 1;
    }

    /// The whole body.
    pub(super) fn finish(&mut self) -> &[u8] {
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
        self.body[start..room].copy_from_slice(&head);
        self.body.append(&mut after);
        &self.body[start..]
    }

    /// Begins another body.
    pub(super) fn clear(&mut self) {
        self.body.truncate(TAGS + self.resource.len() + self.scope.len());
        self.others.clear();
        self.spans = 0;
    }
}

/// What makes a span unusual: attributes of ours that may meet one that was recorded.
pub(super) const UNUSUAL: u64 = flag::FOLDED | flag::CANCELLED | flag::PANICKED | flag::SLOW;

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

/// What all spans of a chunk begin with; ids and times are filled in.
pub(super) struct Common {
    bytes: [u8; Self::LENGTH],
    /// What else the trace says of itself; mostly nothing.
    trace_state: Vec<u8>,
    /// Whether the root has an attribute of ours.
    marks_root: bool,
}

impl Common {
    /// Where the content of the span begins, behind its tag and its length.
    const CONTENT: usize = 3;
    const TRACE: usize = Self::CONTENT + 2;
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
        bytes[0] = bytes_tag(SPANS);
        bytes[Self::TRACE - 2..Self::TRACE].copy_from_slice(&[bytes_tag(field::TRACE_ID), 16]);
        let trace = chunk.header.trace.to_u128().to_be_bytes();
        bytes[Self::TRACE..Self::TRACE + 16].copy_from_slice(&trace);
        bytes[Self::SPAN - 2..Self::SPAN].copy_from_slice(&[bytes_tag(field::SPAN_ID), 8]);
        bytes[Self::START - 1] = fixed64_tag(field::START);
        bytes[Self::END - 1] = fixed64_tag(field::END);
        bytes[Self::FLAGS - 2..Self::FLAGS].copy_from_slice(&FLAGS_TAG);
        bytes[Self::FLAGS] = chunk.header.trace_flags();
        bytes[Self::PARENT - 2..Self::PARENT].copy_from_slice(&[bytes_tag(field::PARENT_ID), 8]);
        let mut trace_state = Vec::new();
        wire::text(&mut trace_state, field::TRACE_STATE, state.as_str());
        let marks_root = chunk.header.decision.is_partial() || chunk.omitted > 0;
        Self { bytes, trace_state, marks_root }
    }

    #[inline]
    fn write(
        &self,
        out: &mut Vec<u8>,
        id: SpanId,
        start: u64,
        end: u64,
        parent: SpanId,
        parent_is_remote: bool,
    ) {
        let mut bytes = self.bytes;
        bytes[Self::SPAN..Self::SPAN + 8].copy_from_slice(&id.to_u64().to_be_bytes());
        bytes[Self::START..Self::START + 8].copy_from_slice(&start.to_le_bytes());
        bytes[Self::END..Self::END + 8].copy_from_slice(&end.to_le_bytes());
        let remote = if parent_is_remote { IS_REMOTE } else { 0 };
        bytes[Self::FLAGS + 1] = (REMOTE_IS_KNOWN | remote).to_le_bytes()[1];
        bytes[Self::PARENT..].copy_from_slice(&parent.to_u64().to_be_bytes());
        if parent.is_valid() {
            out.extend_from_slice(&bytes);
        } else {
            out.extend_from_slice(&bytes[..Self::ROOT]);
        }
        if !self.trace_state.is_empty() {
            out.extend_from_slice(&self.trace_state);
        }
    }
}
