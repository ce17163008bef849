//! What is said about a span after it was opened: arguments, attributes, events, links, how it went.

use crate::callsite::{About, Callsite, Name};
use crate::clock;
use crate::context::{Context, IntoContext};
use crate::id::SpanRef;
use crate::recorder::recorder;
use crate::redact::cap;
use crate::segment::attribute::{self, Attributes};
use crate::segment::chunk::{self, Room, state};
use crate::segment::record::{HEADER, Kind, MAX_LENGTH, RECORD, Slot, flag, head, site_of};
use crate::segment::thread::{Hot, hot};
use crate::span::{add_outcome, name_of, say};
use crate::value::{MAX_TEXT, Value};

/// The span that something is said about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The innermost open one.
    Current,
    /// The root of its trace in this process.
    LocalRoot,
}

/// Keys of what the runtime itself records, as attributes of call site zero.
pub(crate) mod well_known {
    pub(crate) const KEYS: [&str; 8] = [
        "error.type",
        ERROR_MESSAGE_KEY,
        "return",
        "traced.polls",
        "traced.busy_ns",
        "traced.idle_ns",
        "error.fields",
        "error.chain",
    ];
    /// Of a span that failed, it becomes the description of its status.
    pub(crate) const ERROR_MESSAGE_KEY: &str = "error.message";
    pub(crate) const ERROR_TYPE: usize = 0;
    pub(crate) const ERROR_MESSAGE: usize = 1;
    pub(crate) const RETURN: usize = 2;
    pub(crate) const ERROR_FIELDS: usize = 6;
    pub(crate) const ERROR_CHAIN: usize = 7;
    pub(crate) const POLLS: usize = 3;
    pub(crate) const BUSY_NS: usize = 4;
    pub(crate) const IDLE_NS: usize = 5;
}

/// The arguments of an async function, from the first line of its body: they join the span's own record,
/// which the first poll has just written.
#[inline(always)]
pub fn arguments<'v, const N: usize>(
    site: &'static Callsite,
    values: impl FnOnce() -> [Value<'v>; N],
) {
    let head = site.recording_as();
    if head != 0 && hot(Hot::is_recording) {
        append_values(head, &values());
    }
}

/// What [`append`] asks for, or zero where nothing is recorded.
#[inline(always)]
pub fn records_here(site: &'static Callsite) -> u64 {
    let state = site.state();
    if state != 0 && hot(Hot::is_recording) { state } else { 0 }
}

/// The same as [`arguments`] with values that are at hand: to look at them runs no code of the user.
#[inline(never)]
pub fn append(site: &'static Callsite, state: u64, values: &[Value<'_>]) {
    match site.recording(state) {
        0 => {}
        head => append_values(head, values),
    }
}

#[inline(never)]
fn append_values(head: u64, values: &[Value<'_>]) {
    if hot(|hot| append_plain(hot, head, values)).is_none() {
        if let Some(recorder) = recorder() {
            recorder.append(head, values);
        }
    }
}

/// Puts values of the frequent kinds behind the span's record, where the window has room.
#[inline(always)]
fn append_plain(hot: &Hot, head: u64, values: &[Value<'_>]) -> Option<()> {
    if cap::is_capped() {
        return None;
    }
    let slot = last_record(hot, head)?;
    let window = hot.window.get();
    let mut words = window;
    for (key, value) in (0..).zip(values) {
        words = attribute::add_plain::<MAX_TEXT>(value, key, words)?;
    }
    let size = window.len() - words.len();
    let length = slot.length() + size;
    if length > MAX_LENGTH {
        return None;
    }
    hot.window.set(words);
    hot.add_extra(size);
    slot.set_length(length);
    Some(())
}

/// The record of the innermost span, if it is of this place and nothing was written since.
fn last_record(hot: &Hot, head: u64) -> Option<Slot<'static>> {
    let position = hot.top.get().position();
    let slot = Slot::new(hot.block.get(), position).filter(|_| position >= HEADER)?;
    let is_last = position + slot.length() == hot.cursor();
    let is_span = slot.kind() == Some(Kind::Span) && site_of(slot.head()) == site_of(head);
    (is_last && is_span).then_some(slot)
}

/// Puts values behind the span's record, or writes one of their own about it.
pub(crate) fn append_anyhow(head: u64, values: &[Value<'_>]) {
    let attributes = Attributes::new(values);
    hot(|hot| {
        let joins = |hot: &Hot| {
            let slot = last_record(hot, head)?;
            let length = slot.length() + attributes.words();
            (length <= MAX_LENGTH).then_some((slot, length))
        };
        if joins(hot).is_none() {
            return say_values(hot, Kind::Attributes, hot.top.get(), 0, site_of(head), &attributes);
        }
        let Some(words) = chunk::reserve(hot, attributes.words(), Room::Ordinary) else { return };
        // Making room may have moved the chunk to a larger block, or sent the span away.
        let Some((slot, length)) = joins(hot) else {
            return say_values(hot, Kind::Attributes, hot.top.get(), 0, site_of(head), &attributes);
        };
        attributes.write(words);
        hot.advance(attributes.words());
        slot.set_length(length);
    });
}

/// Attributes on a span that is open.
#[inline(always)]
pub fn record<'v, const N: usize>(
    site: &'static Callsite,
    target: Target,
    values: impl FnOnce() -> [Value<'v>; N],
) {
    let head = site.recording_as();
    if head != 0 && hot(Hot::is_recording) {
        record_values(site_of(head), target, &values());
    }
}

/// The same for the innermost span, and a number of values that only run time knows.
pub(crate) fn record_all(site: &'static Callsite, values: &[Value<'_>]) {
    let head = site.recording_as();
    if head != 0 && hot(Hot::is_recording) {
        record_values(site_of(head), Target::Current, values);
    }
}

#[inline(never)]
fn record_values(index: u32, target: Target, values: &[Value<'_>]) {
    let attributes = Attributes::new(values);
    hot(|hot| {
        if let Some(span) = find(hot, target) {
            say_values(hot, Kind::Attributes, span, 0, index, &attributes);
        }
    });
}

fn find(hot: &Hot, target: Target) -> Option<SpanRef> {
    match target {
        Target::Current => Some(hot.top.get()),
        Target::LocalRoot if hot.state.get() & state::ROOT != 0 => {
            Some(name_of(hot, hot.top.get().at(HEADER)))
        }
        Target::LocalRoot => hot.share().map(|shared| shared.root()),
    }
}

/// Something happened, now, in the innermost span.
#[inline(always)]
pub fn event<'v, const N: usize>(site: &'static Callsite, values: impl FnOnce() -> [Value<'v>; N]) {
    let head = site.recording_as();
    if head != 0 && hot(Hot::is_recording) {
        event_values(site_of(head), &values());
    }
}

/// Something happened in the innermost span, with a number of values that only run time knows.
pub fn event_all(site: &'static Callsite, values: &[Value<'_>]) {
    let head = site.recording_as();
    if head != 0 && hot(Hot::is_recording) {
        event_values(site_of(head), values);
    }
}

#[inline(never)]
fn event_values(index: u32, values: &[Value<'_>]) {
    let attributes = Attributes::new(values);
    hot(|hot| {
        say_values(hot, Kind::Event, hot.top.get(), clock::ticks(), index, &attributes);
    });
}

/// A record with attributes, about a span of wherever.
pub(crate) fn say_values(
    hot: &Hot,
    kind: Kind,
    about: SpanRef,
    word: u64,
    site: u32,
    attributes: &Attributes<'_>,
) {
    let length = RECORD + attributes.words();
    if length > MAX_LENGTH {
        return;
    }
    let Some(words) = chunk::reserve(hot, length, Room::Ordinary) else { return };
    let (Some(slot), Some(rest)) = (Slot::new(words, 0), words.get(RECORD..)) else { return };
    attributes.write(rest);
    slot.write([head(kind, 0, site, length), name_of(hot, about).0, word, hot.top.get().0]);
    hot.advance(length);
}

/// The innermost span failed: status Error, and `error.type`.
#[cold]
#[inline(never)]
pub fn fail(error_type: &'static str) {
    describe(flag::ERROR, &[(well_known::ERROR_TYPE, Value::Literal(error_type))]);
}

/// The same, with what was said about the error.
#[cold]
#[inline(never)]
pub fn failed(error_type: Value<'_>, message: Value<'_>) {
    let error = [(well_known::ERROR_TYPE, error_type), (well_known::ERROR_MESSAGE, message)];
    describe(flag::ERROR, &error);
}

/// The innermost span ended with an error that is none: it is described, and the status stays as it was.
#[cold]
#[inline(never)]
pub fn expected(error_type: Value<'_>, message: Value<'_>) {
    let error = [(well_known::ERROR_TYPE, error_type), (well_known::ERROR_MESSAGE, message)];
    describe(0, &error);
}

static HANDLED: Callsite = Callsite::new(
    About::new(Name::Literal("error"), "traced", file!(), line!()).keys(&well_known::KEYS),
);

/// An error that was handled happened in the innermost span.
#[cold]
#[inline(never)]
pub(crate) fn handled(values: &[(usize, Value<'_>)]) {
    event(&HANDLED, || {
        let mut all = [Value::LeftOut; well_known::KEYS.len()];
        for (key, value) in values {
            all[*key] = *value;
        }
        all
    });
}

/// What the function of the innermost span returned.
#[inline(never)]
pub fn returned(value: Value<'_>) {
    describe(0, &[(well_known::RETURN, value)]);
}

/// Outcome and attributes of the innermost span, under keys of ours, as one record.
pub(crate) fn describe(outcome: u64, values: &[(usize, Value<'_>)]) {
    if !hot(Hot::is_recording) {
        return;
    }
    let mut all = [Value::LeftOut; well_known::KEYS.len()];
    for (key, value) in values {
        all[*key] = *value;
    }
    // Formatted here, outside of any borrow.
    let attributes = Attributes::new(&all);
    hot(|hot| {
        if outcome != 0 {
            add_outcome(hot, hot.top.get(), outcome);
        }
        if attributes.count() != 0 {
            say_values(hot, Kind::Attributes, hot.top.get(), 0, 0, &attributes);
        }
    });
}

/// The innermost span went well, whatever else was said: status Ok.
pub fn ok() {
    hot(|hot| {
        if hot.is_recording() {
            add_outcome(hot, hot.top.get(), flag::OK);
        }
    });
}

/// This trace is worth keeping, whatever the sampler would say at its end.
pub fn keep() {
    hot(|hot| {
        if !hot.is_recording() {
            return;
        }
        hot.add_state(state::KEEP);
        if hot.state.get() & state::ROOT == 0 {
            // The root may end before this chunk does.
            if let Some(segment) = hot.share() {
                segment.mark(state::KEEP);
            }
        }
    });
}

/// The innermost span refers to another one, of any trace.
pub fn link(to: impl IntoContext) {
    let to: Context = to.into_context();
    if to.is_none() {
        return;
    }
    hot(|hot| {
        let (high, low) = to.trace_id().halves();
        let payload = [high, low, to.span_id().to_u64()];
        let about = name_of(hot, hot.top.get());
        say(hot, Kind::Link, about, 0, 0, 0, &payload);
    });
}
