//! The hot path: a span is opened, and closed.
//!
//! Off: one load and one branch. Recording: one thread-local, one bounds check, four stores and a clock
//! read on the way in; a compare, a bounds check, two stores and a clock read on the way out. Everything
//! else is cold, and in functions of its own.

pub(crate) mod gate;
pub(crate) mod root;
pub(crate) mod stack;

use crate::callsite::{Callsite, NotSimply};
use crate::clock;
use crate::context::{Context, IntoContext, Parentage, Remote};
use crate::hook::{self, Look, Seen};
use crate::id::SpanRef;
use crate::redact::cap;
use crate::segment::attribute::{self, Attributes, SHORT_TEXT};
use crate::segment::cap as span_cap;
use crate::segment::chunk::{self, Room, state};
use crate::segment::fold;
use crate::segment::record::{
    HEADER, Kind, MAX_LENGTH, RECORD, Slot, flag, head, lengthened, site_of,
};
use crate::segment::thread::{Hot, hot};
use crate::sync::modelled::Arc;
use crate::value::{MAX_TEXT, Value};
use std::marker::PhantomData;

/// Flags that a guard carries beside its span; any of them sends its end to the cold path, because the
/// thread's innermost span carries none.
pub(crate) mod guard {
    /// The chunk ends with this span.
    pub(crate) const OWNS: u64 = 1 << 60;
    /// A scope was made for this span alone, and goes with it.
    pub(crate) const SCOPED: u64 = 1 << 61;
    /// The place has a threshold.
    pub(crate) const WATCHED: u64 = 1 << 62;
    /// The chunk was crowded: the span may be folded.
    pub(crate) const CROWDED: u64 = 1 << 63;
}

/// An open span of a synchronous function; it ends when this is dropped.
///
/// Dropping guards in another order than they were made leaves every span with its own end; forgetting
/// one leaves its span without.
#[must_use = "the span ends where its guard is dropped"]
#[derive(Debug)]
pub struct Guard {
    open: Option<Open>,
    /// The span is the innermost one of a thread.
    _stays_here: PhantomData<*const ()>,
}

/// An open span, and where its record lies for as long as the thread's innermost span is equal to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    slot: Slot<'static>,
    span: SpanRef,
}

impl Open {
    /// The chunk ends with this span.
    const fn owning(self) -> Self {
        Self { slot: self.slot, span: self.span.with_flag(guard::OWNS) }
    }

    #[inline(always)]
    pub(crate) const fn span(self) -> SpanRef {
        self.span
    }

    #[inline(always)]
    pub(crate) const fn slot(self) -> Slot<'static> {
        self.slot
    }
}

impl Guard {
    #[inline(always)]
    const fn new(open: Option<Open>) -> Self {
        Self { open, _stays_here: PhantomData }
    }

    /// A guard of what was opened on the cold path.
    pub(crate) fn of(span: SpanRef) -> Self {
        Self::new(hot(|hot| locate(hot, span)))
    }

    /// The span without its guard.
    #[inline]
    pub(crate) fn into_span(self) -> SpanRef {
        let span = self.open.map_or(SpanRef::NONE, |open| open.span);
        std::mem::forget(self);
        span
    }

    /// Whether nothing was opened.
    pub(crate) const fn is_nothing(&self) -> bool {
        self.open.is_none()
    }

    /// A guard of no span.
    #[inline(always)]
    pub(crate) const fn none() -> Self {
        Self::new(None)
    }

    /// Ends the span where control has come to its end: there is no panic to ask about.
    #[inline(always)]
    pub fn leave(self) {
        let open = self.open;
        std::mem::forget(self);
        if let Some(open) = open {
            exit(open, || false);
        }
    }
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(open) = self.open {
            exit(open, std::thread::panicking);
        }
    }
}

/// Where the record of a span lies that was opened in the current chunk.
#[inline]
fn locate(hot: &Hot, span: SpanRef) -> Option<Open> {
    if span.is_none() {
        return None;
    }
    let slot = Slot::new(hot.block.get(), span.position());
    Some(Open { slot: slot.unwrap_or(Slot::NOWHERE), span })
}

/// Opens a span without attributes.
#[inline(always)]
pub fn enter(site: &'static Callsite) -> Guard {
    Guard::new(match site.simply_on() {
        Ok(head) => hot(|hot| match write_bare_unmoved(hot, head) {
            Some(open) => Some(open),
            None if will_record(hot) => open_cold(site),
            None => None,
        }),
        Err(NotSimply::Off) => None,
        Err(NotSimply::Special) => open_cold(site),
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
    let head = site.recording_as();
    if head != 0 && hot(will_record) { head } else { 0 }
}

/// Opens a span with values that are at hand, where it is recorded: to look at them runs no code of the user.
#[inline(always)]
pub fn enter_recording(site: &'static Callsite, head: u64, values: &[Value<'_>]) -> Guard {
    Guard::new(open_values(site, head, values))
}

#[cold]
#[inline(never)]
fn open_values(site: &'static Callsite, head: u64, values: &[Value<'_>]) -> Option<Open> {
    hot(|hot| write_plain::<SHORT_TEXT>(hot, head, values))
        .or_else(|| open_longer(site, head, values))
}

#[inline(never)]
fn open_longer(site: &'static Callsite, head: u64, values: &[Value<'_>]) -> Option<Open> {
    hot(|hot| write_plain::<MAX_TEXT>(hot, head, values)).or_else(|| open_with(site, head, values))
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

/// No room in the window, or a place that is new, or watched.
#[cold]
#[inline(never)]
fn open_cold(site: &'static Callsite) -> Option<Open> {
    let head = site.recording_as();
    if head == 0 {
        None
    } else if gate::is_shut(site, head) {
        hot(|hot| locate(hot, gate::mute(hot)))
    } else {
        hot(|hot| {
            if hot.is_idle() {
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

#[inline(always)]
fn exit(open: Open, is_panicking: impl FnOnce() -> bool) {
    hot(|hot| {
        if hot.top.get() == open.span && !is_panicking() {
            open.slot.set_end(clock::counter());
            hot.top.set(open.slot.outer());
            return;
        }
        exit_cold(open);
    });
}

#[cold]
#[inline(never)]
fn exit_cold(open: Open) {
    let end = clock::ticks();
    hot(|hot| {
        let is_panicking = std::thread::panicking();
        if hot.top.get().with_flag(guard::OWNS) == open.span && !is_panicking {
            // A root, and nothing else to do about it.
            open.slot.set_end(end);
            return stack::end_chunk(hot);
        }
        if is_panicking {
            add_outcome(hot, open.span, flag::PANICKED | flag::ERROR);
        }
        close_cold(hot, open.span, end);
    });
}

/// Not simply the innermost span: it carries flags, belongs to another chunk, or others inside it were
/// forgotten or are closed later.
#[cold]
#[inline(never)]
pub(crate) fn close_cold(hot: &Hot, guarded: SpanRef, end: u64) {
    let span = guarded.name();
    if hot.top.get().chunk() == span.chunk() {
        return close_here(hot, guarded, end);
    }
    // The chunk is below the current one, which must not be ended in its place.
    let ends = guarded.has(guard::OWNS);
    let within = SpanRef(guarded.0 & !guard::OWNS);
    if !stack::with_displaced(hot, span, ends, |hot| close_here(hot, within, end)) {
        // Of whatever trace is current, this is none of its business.
        root::send_alone(Kind::End, span, end, 0);
        if ends {
            stack::await_return(hot, guarded, end);
        }
    }
}

/// Closes a span of the current chunk.
pub(crate) fn close_here(hot: &Hot, guarded: SpanRef, end: u64) {
    let position = guarded.position();
    if let Some(slot) = Slot::new(hot.block.get(), position).filter(|_| position >= HEADER) {
        if slot.end() == 0 && matches!(slot.kind(), Some(Kind::Span | Kind::Carried)) {
            slot.set_end(end);
            if guarded.has(guard::WATCHED) {
                compare_with_threshold(hot, slot, hot.top.get().at(position));
                hook::detach(hot, guarded);
            }
        }
        leave(hot, position, slot.parent());
        if guarded.has(guard::SCOPED) {
            leave_scope(hot, slot.parent());
        }
    }
    if guarded.has(guard::OWNS) {
        stack::end_chunk(hot);
    } else if guarded.has(guard::CROWDED) && hot.cursor() > position {
        fold::fold(hot, position);
    }
}

/// Leaves the scope that was made for one span, and knows again what it remembers.
fn leave_scope(hot: &Hot, position: usize) {
    let Some(scope) = Slot::new(hot.block.get(), position) else { return };
    leave(hot, position, scope.parent());
    hot.seen.set(Seen::of_word(scope.end()));
}

/// Makes `parent` the innermost position, if `position` is on the way from the innermost one outwards.
/// Spans inside of it whose guards were forgotten, or are dropped later, are passed over.
pub(crate) fn leave(hot: &Hot, position: usize, parent: usize) {
    let top = hot.top.get();
    let mut at = top.position();
    while at > position {
        match Slot::new(hot.block.get(), at) {
            Some(slot) if at >= HEADER => at = slot.parent(),
            _ => return,
        }
    }
    if at == position {
        hot.top.set(top.at(parent));
    }
}

/// Adds the note that a span took too long.
fn compare_with_threshold(hot: &Hot, slot: Slot<'_>, span: SpanRef) {
    if slot.kind() != Some(Kind::Span) || !slot.has(flag::WATCHED) {
        return;
    }
    let site = crate::callsite::find(site_of(slot.head()));
    let threshold = site.map_or(0, Callsite::slow_ns);
    if threshold == 0 || clock::elapsed_ns(slot.start(), slot.end()) < threshold {
        return;
    }
    slot.add_flags(flag::SLOW);
    hot.add_state(state::SLOW);
    say(hot, Kind::Slow, span, threshold, 0, 0, &[]);
}

/// Writes a record about a span; `false` where there is no room or nothing is recorded.
pub(crate) fn say(
    hot: &Hot,
    kind: Kind,
    about: SpanRef,
    word: u64,
    flags: u64,
    site: u32,
    payload: &[u64],
) -> bool {
    let length = RECORD + payload.len();
    let Some(words) = chunk::reserve(hot, length, Room::Reserved) else { return false };
    let (Some(slot), Some(rest)) = (Slot::new(words, 0), words.get(RECORD..)) else { return false };
    slot.write([head(kind, flags, site, length), about.name().0, word, hot.top.get().0]);
    attribute::write_words(payload, rest);
    hot.advance(length);
    true
}

/// The end of a span that was opened in a chunk which is not here: a record of whatever chunk is current,
/// or one on its own. The collector finds its span.
pub(crate) fn send_end(hot: &Hot, span: SpanRef, end: u64, flags: u64) {
    if !say(hot, Kind::End, span, end, flags, 0, &[]) {
        root::send_alone(Kind::End, span, end, flags);
    }
}

/// Says something about how a span of wherever went.
pub(crate) fn add_outcome(hot: &Hot, span: SpanRef, flags: u64) {
    let span = span.name();
    if flags & flag::ERROR != 0 {
        hot.add_state(state::ERROR);
    }
    let here = hot.top.get().chunk() == span.chunk();
    let slot = Slot::new(hot.block.get(), span.position());
    match slot.filter(|slot| here && slot.kind() == Some(Kind::Span)) {
        Some(slot) => slot.add_flags(flags),
        None => {
            say(hot, Kind::Flags, name_of(hot, span), 0, flags, 0, &[]);
        }
    }
}

/// The reference under which the collector knows what stands at a position of the current chunk.
pub(crate) fn name_of(hot: &Hot, span: SpanRef) -> SpanRef {
    let span = span.name();
    if span.chunk() != hot.top.get().chunk() {
        return span;
    }
    let slot = Slot::new(hot.block.get(), span.position()).filter(|_| span.position() >= HEADER);
    match slot.map(|slot| (slot, slot.kind())) {
        Some((slot, Some(Kind::Scope | Kind::Carried))) => slot.about(),
        // What is not carried was opened in the present part.
        _ => hot.top.get().at(span.position()).name(),
    }
}

/// A span that is described but not open yet: for what no attribute covers.
///
/// Made by [`span!`](crate::span!), opened by [`Span::in_scope`],
/// [`Instrument::instrument`](crate::Instrument::instrument) or
/// [`InSpan::in_span`](crate::InSpan::in_span).
#[must_use = "the span is opened by `in_scope`, `instrument` or `in_span`"]
#[derive(Debug, Default)]
pub struct Span {
    pub(crate) site: Option<&'static Callsite>,
    pub(crate) given: Option<Box<Given>>,
}

/// What a span was given before it is opened.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Where the place is; set when a future is made of it.
    pub(crate) site: Option<&'static Callsite>,
    pub(crate) parent: Parentage,
    pub(crate) attributes: Vec<u64>,
    pub(crate) links: Vec<Context>,
    /// What was ambient where a future was called, in case nothing is current where it is first polled.
    pub(crate) called_in: Option<Arc<Remote>>,
}

impl Span {
    /// Whether it will never be opened.
    pub(crate) fn is_nothing(&self) -> bool {
        self.site.is_none()
    }

    /// Runs `work` inside of the span.
    pub fn in_scope<R>(self, work: impl FnOnce() -> R) -> R {
        let _span = self.enter();
        work()
    }

    /// Opens the span until the guard is dropped.
    pub fn enter(self) -> Guard {
        let Some(site) = self.site else { return Guard::none() };
        let Some(given) = self.given else { return enter(site) };
        match site.recording_as() {
            0 => Guard::none(),
            head => Guard::of(open_at(
                site,
                head,
                &given.parent,
                &Attributes::encoded(&given.attributes),
            )),
        }
    }

    /// The span hangs there, wherever it is opened.
    pub fn parent(mut self, parent: impl IntoContext) -> Self {
        if self.site.is_some() {
            self.given.get_or_insert_default().parent = Parentage::Of(parent.into_context());
        }
        self
    }

    /// The span begins a trace of its own.
    pub fn root(mut self) -> Self {
        if self.site.is_some() {
            self.given.get_or_insert_default().parent = Parentage::Root;
        }
        self
    }
}
