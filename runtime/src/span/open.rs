//! A span begins.

use super::about::say;
use super::guard::{self, Guard, Open};
use super::{gate, root};
use crate::callsite::{Callsite, NotSimply, SPECIAL};
use crate::clock;
use crate::context::{Context, Parentage};
use crate::hook::{self, Look};
use crate::id::SpanRef;
use crate::recorder::recorder;
use crate::redact::cap;
use crate::segment::attribute::{self, Attributes, SHORT_TEXT};
use crate::segment::cap as span_cap;
use crate::segment::chunk::{self, Room, state};
use crate::segment::fold;
use crate::segment::record::{Kind, MAX_LENGTH, RECORD, Slot, flag, lengthened};
use crate::segment::thread::{Hot, hot};
use crate::value::{MAX_TEXT, Value};

/// Opens a span without attributes.
#[inline(always)]
pub fn enter(site: &'static Callsite) -> Guard {
    Guard::new(match site.simply_on() {
        Ok(head) => hot(|hot| match write_bare_unmoved(hot, head) {
            Some(open) => Some(open),
            None if will_record(hot) => open_bare(site),
            None => None,
        }),
        Err(NotSimply::Off) => None,
        Err(NotSimply::Special) => open_bare(site),
    })
}

/// Opens a span with attributes, which are only looked at where the place is on and the trace recorded.
#[inline(always)]
pub fn enter_with<'v, const N: usize>(
    site: &'static Callsite,
    values: impl FnOnce() -> [Value<'v>; N],
) -> Guard {
    let head = site.recording_as();
    if head == 0 || !hot(will_record) {
        return Guard::none();
    }
    // Here, and not behind the call: a place that is off must not have to keep its arguments in memory.
    let values = values();
    Guard::new(open_values(site, head, &values))
}

/// What [`enter_recording`] asks for, or zero where a span would not be recorded.
#[inline(always)]
pub fn records(site: &'static Callsite) -> u64 {
    let state = site.state();
    if state != 0 && hot(will_record) { state } else { 0 }
}

/// Opens a span with values that are at hand, where it is recorded: to look at them runs no code of the user, so that
/// whether the place is new is asked behind the call.
#[inline(always)]
pub fn enter_recording(site: &'static Callsite, state: u64, values: &[Value<'_>]) -> Guard {
    Guard::new(open_values(site, state, values))
}

#[cold]
#[inline(never)]
fn open_values(site: &'static Callsite, state: u64, values: &[Value<'_>]) -> Option<Open> {
    if state >= SPECIAL {
        return open_special(site, values);
    }
    hot(|hot| write_plain::<SHORT_TEXT>(hot, state, values))
        .or_else(|| open_longer(site, state, values))
}

/// A place that is new, or was not entered for a while, or is watched.
#[cold]
#[inline(never)]
fn open_special(site: &'static Callsite, values: &[Value<'_>]) -> Option<Open> {
    match site.recording_as() {
        0 => None,
        head => open_longer(site, head, values),
    }
}

#[inline(never)]
fn open_longer(site: &'static Callsite, head: u64, values: &[Value<'_>]) -> Option<Open> {
    hot(|hot| write_plain::<MAX_TEXT>(hot, head, values))
        .or_else(|| open_otherwise(site, head, values))
}

/// No room in the window, or a place that is new, or watched. One that is new is numbered, whoever listens.
#[cold]
#[inline(never)]
fn open_bare(site: &'static Callsite) -> Option<Open> {
    match site.recording_as() {
        0 => None,
        head => open_otherwise(site, head, &[]),
    }
}

/// What is not simply written behind what is there.
#[inline]
fn open_otherwise(site: &'static Callsite, head: u64, values: &[Value<'_>]) -> Option<Open> {
    recorder()?.open(site, head, values)
}

/// Writes a span with values of the frequent kinds where the window has room.
#[inline(always)]
fn write_plain<const TEXT: usize>(hot: &Hot, head: u64, values: &[Value<'_>]) -> Option<Open> {
    let is_special = head & (flag::WATCHED | flag::GATED) != 0;
    if is_special || cap::is_capped() || hook::has_moved(hot) {
        return None;
    }
    let (slot, behind) = Slot::split(hot.window.get())?;
    let mut words = behind;
    for (key, value) in (0..).zip(values) {
        words = attribute::add_plain::<TEXT>(value, key, words)?;
    }
    let size = behind.len() - words.len();
    if RECORD + size > MAX_LENGTH {
        return None;
    }
    let span = hot.next();
    hot.window.set(words);
    hot.add_extra(size);
    Some(write(hot, Open { slot, span }, lengthened(head, size), clock::counter()))
}

/// Whether a span that is opened now might be written down: not inside of an unsampled trace, unless somebody
/// has attached another one there.
#[inline(always)]
pub(crate) fn will_record(hot: &Hot) -> bool {
    !hot.is_unsampled() || hook::has_moved(hot)
}

/// The same where nobody else has attached anything since.
#[inline(always)]
fn write_bare_unmoved(hot: &Hot, head: u64) -> Option<Open> {
    if hook::has_moved(hot) { None } else { write_bare(hot, head) }
}

/// Writes a span without attributes where the window has room; the innermost one is now that.
#[inline(always)]
pub(crate) fn write_bare(hot: &Hot, head: u64) -> Option<Open> {
    let span = hot.next();
    let (slot, behind) = Slot::split(hot.window.get())?;
    hot.window.set(behind);
    Some(write(hot, Open { slot, span }, head, clock::counter()))
}

/// Writes the four words of a span, and makes it the innermost one.
#[inline(always)]
fn write(hot: &Hot, open: Open, head: u64, start: u64) -> Open {
    open.slot.write([head, start, 0, hot.top.get().0]);
    hot.top.set(open.span);
    open
}

/// Values that take a closer look: they must be formatted, or there is no room for them.
#[inline(never)]
fn open_with(site: &'static Callsite, head: u64, values: &[Value<'_>]) -> Option<Open> {
    if gate::is_shut(site, head) {
        return hot(|hot| locate(hot, gate::mute(hot)));
    }
    let attributes = Attributes::new(values);
    hot(|hot| locate(hot, open_making_room(hot, site, head, &attributes)))
}

/// No room in the window, a place that is watched, or values that take a closer look.
pub(crate) fn open_anyhow(
    site: &'static Callsite,
    head: u64,
    values: &[Value<'_>],
) -> Option<Open> {
    if head & flag::GATED != 0 || !values.is_empty() {
        open_with(site, head, values)
    } else {
        hot(|hot| {
            if hot.is_idle_and_unseen() {
                root::open_alone(hot, site, head, None)
            } else {
                locate(hot, open_making_room(hot, site, head, &Attributes::NONE))
            }
        })
    }
}

/// A root, an unsampled trace, a chunk that has to grow, is crowded, or full.
#[cold]
#[inline(never)]
pub(crate) fn open_making_room(
    hot: &Hot,
    site: &'static Callsite,
    head: u64,
    attributes: &Attributes<'_>,
) -> SpanRef {
    if hook::has_moved(hot) {
        match hook::look(hot) {
            Look::Ours => {}
            Look::There(context) => return open_there(hot, site, head, &context, attributes),
            Look::Suppressed => return SpanRef::NONE,
        }
    }
    let span = open_below_ours(hot, site, head, attributes);
    hook::attach(hot, site, span);
    span
}

fn open_there(
    hot: &Hot,
    site: &'static Callsite,
    head: u64,
    context: &Context,
    attributes: &Attributes<'_>,
) -> SpanRef {
    let span = root::open_below(hot, site, head, context, attributes);
    hook::attach(hot, site, span);
    span
}

fn open_below_ours(
    hot: &Hot,
    site: &'static Callsite,
    head: u64,
    attributes: &Attributes<'_>,
) -> SpanRef {
    if !hot.is_active() {
        return root::open_new(hot, site, head, attributes);
    }
    if !hot.is_recording() {
        if hot.state.get() & state::NO_MEMORY != 0 {
            count_lost(hot);
        }
        return SpanRef::NONE;
    }
    write_making_room(hot, head, attributes).unwrap_or_else(|| {
        fold::refuse(hot);
        SpanRef::NONE
    })
}

/// Writes the span that a visit was begun for; without memory it is counted, and its children hang on what
/// it would have hung on.
pub(crate) fn open_in_visit(hot: &Hot, head: u64, attributes: &Attributes<'_>) -> SpanRef {
    if let Some(span) = write_making_room(hot, head, attributes) {
        return span;
    }
    if hot.state.get() & state::NO_MEMORY != 0 {
        count_lost(hot);
    }
    hot.top.get()
}

#[cold]
fn count_lost(hot: &Hot) {
    let segment = hot.shared.take();
    root::count_without_memory(segment.as_deref());
    hot.shared.set(segment);
}

/// Writes a span, and makes room for it if there is a way. Attributes longer than any record are left out.
pub(crate) fn write_making_room(
    hot: &Hot,
    head: u64,
    attributes: &Attributes<'_>,
) -> Option<SpanRef> {
    if RECORD + attributes.words() > MAX_LENGTH {
        let span = write_making_room(hot, head, &Attributes::NONE)?;
        say(hot, Kind::Refused, span.name(), attributes.count() as u64, 0, 0, &[]);
        return Some(span);
    }
    if span_cap::is_reached(hot) {
        return None;
    }
    let length = RECORD + attributes.words();
    let words = chunk::reserve(hot, length, Room::Ordinary)?;
    let (slot, rest) = (Slot::new(words, 0)?, words.get(RECORD..)?);
    attributes.write(rest);
    let span = hot.next();
    hot.advance(length);
    hot.set_spans(hot.spans() + 1);
    let open = Open { slot, span };
    write(hot, open, lengthened(head, attributes.words()), clock::ticks());
    let crowded = if hot.state.get() & state::CROWDED != 0 { guard::CROWDED } else { 0 };
    // Where there is no counter, the end must not read it.
    let watched =
        if head & flag::WATCHED != 0 || !clock::has_counter() { guard::WATCHED } else { 0 };
    Some(span.with_flag(crowded | watched))
}

/// Opens a span whose parent was named.
pub(crate) fn open_at(
    site: &'static Callsite,
    head: u64,
    parent: &Parentage,
    attributes: &Attributes<'_>,
) -> SpanRef {
    hot(|hot| match parent {
        Parentage::Current if gate::is_shut(site, head) => gate::mute(hot),
        Parentage::Current => open_making_room(hot, site, head, attributes),
        Parentage::Root => {
            let span = root::open_root(hot, site, head, None, attributes);
            hook::attach(hot, site, span);
            span
        }
        Parentage::Of(context) => open_there(hot, site, head, context, attributes),
    })
}

/// Where the record of a span lies that was opened in the current chunk.
#[inline]
pub(super) fn locate(hot: &Hot, span: SpanRef) -> Option<Open> {
    if span.is_none() {
        return None;
    }
    let slot = Slot::new(hot.block.get(), span.position());
    Some(Open { slot: slot.unwrap_or(Slot::NOWHERE), span })
}
