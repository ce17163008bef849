//! Local roots, and the other ways in which a chunk begins.

use super::{Open, gate, guard, locate, open_in_visit, say, write_bare, write_making_room};
use crate::callsite::Callsite;
use crate::context::{Context, Kin, Remote, remote};
use crate::hook;
use crate::id::{SpanId, SpanRef, TraceId};
use crate::note::say_values;
use crate::pipeline::install;
use crate::pipeline::outbox::{Dropped, Outbox};
use crate::sampling::{self, Decision, Head, Start};
use crate::segment::attribute::Attributes;
use crate::segment::block::{Block, SIZES, TASK, THREAD};
use crate::segment::chunk::{Chunk, state};
use crate::segment::part::Emission;
use crate::segment::record::{HEADER, Header, Kind, RECORD, Slot, flag, head};
use crate::segment::shared::{Brought, Route, Shared};
use crate::segment::thread::{Hot, cold, hot, outbox_of};
use crate::span::stack::{self, HasBlock};
use crate::sync::modelled::Arc;
use crate::sync::{AtomicU64, Relaxed};
use crate::value::Value;

/// Opens a root of this process on this thread, in a trace of its own or the one that is ambient.
#[cold]
#[inline(never)]
pub(crate) fn open_new(
    hot: &Hot,
    site: &'static Callsite,
    head: u64,
    attributes: &Attributes<'_>,
) -> SpanRef {
    if hot.is_idle_and_unseen() {
        return open_alone(hot, site, head, Some(attributes)).map_or(SpanRef::NONE, Open::span);
    }
    open_root(hot, site, head, hot.ambient().as_deref(), attributes)
}

/// The straight way to the frequent root: nothing is put aside, and the block of the last one is at hand.
#[inline(always)]
pub(crate) fn open_alone(
    hot: &Hot,
    site: &'static Callsite,
    head: u64,
    attributes: Option<&Attributes<'_>>,
) -> Option<Open> {
    let header = header_below(None, None);
    let start = match attributes {
        None => Start::new(header.trace, site.about()).at(site),
        Some(given) => start_of(&header, site, None, sampling::Route::among(site.about(), given)),
    };
    // One without attributes is not, or would not have come this way.
    let is_gated = attributes.is_some() && head & flag::GATED != 0;
    let (header, decided) = decide(header, site, is_gated, &start, &Route::Process)?;
    let Some(block) = last_block(hot) else {
        return open_aside(hot, &header, decided, head, attributes);
    };
    let recording = if decided.is_recorded() { state::RECORDING } else { 0 };
    hot.begin(block, THREAD, &header, state::ROOT | state::ALONE | recording);
    let bare = if attributes.is_none() && head & flag::WATCHED == 0 {
        write_bare(hot, head)
    } else {
        None
    };
    bare.map(Open::owning).or_else(|| {
        let span = write_root(hot, head, attributes.unwrap_or(&Attributes::NONE));
        locate(hot, span.with_flag(guard::OWNS))
    })
}

/// The same for one that finds no memory.
#[cold]
#[inline(never)]
fn open_aside(
    hot: &Hot,
    header: &Header,
    decided: Head,
    head: u64,
    attributes: Option<&Attributes<'_>>,
) -> Option<Open> {
    let nothing = Brought::default();
    let chunk = new_root_chunk(header, decided, THREAD, Route::Process, nothing, Continued::Maybe)?;
    stack::push(hot, chunk);
    let span = begin_root(hot, head, attributes.unwrap_or(&Attributes::NONE));
    locate(hot, span.with_flag(guard::OWNS))
}

fn last_block(hot: &Hot) -> Option<Block> {
    let block = hot.block.get();
    if block.len() == SIZES[THREAD] {
        return Some(block);
    }
    cold(|cold| cold.cache.take(THREAD)).flatten()
}

/// Ends a root of which everything is in the thread's own chunk; `false` if it is not as simple as that.
pub(crate) fn end_whole(hot: &Hot) -> bool {
    let bits = hot.state.get();
    let (shared, crowd) = (hot.shared.take(), hot.crowd.take());
    if shared.is_none() && crowd.is_none() && bits & state::RECORDING == 0 {
        // Nothing was written, and nobody has heard of it.
        hot.end();
        return true;
    }
    let (block, spans) = (hot.block.get(), hot.spans());
    let is_plain = bits & !state::WHOLE == 0 && block.len() == SIZES[THREAD];
    if shared.is_some() || crowd.is_some() || !is_plain {
        hot.shared.set(shared);
        hot.crowd.set(crowd);
        return false;
    }
    let cursor = hot.cursor();
    let words = Emission::of(block, cursor, bits, spans);
    hot.end();
    let decision = sampling::judge_whole(block, cursor, bits).unwrap_or(Decision::OPEN);
    let words = words.decided(decision);
    let send = |outbox: &Outbox| {
        outbox.counts().created(spans);
        if decision == Decision::DROP {
            outbox.counts().dropped(Dropped::Sampled, spans);
        } else {
            outbox.commit(&words);
        }
    };
    if cold(|cold| send(&cold.outbox)).is_none() {
        send(Outbox::of_process());
    }
    true
}

/// Opens a span below a context that was named.
#[cold]
pub(crate) fn open_below(
    hot: &Hot,
    site: &'static Callsite,
    head: u64,
    context: &Context,
    attributes: &Attributes<'_>,
) -> SpanRef {
    match context.kin() {
        Kin::None => open_root(hot, site, head, None, attributes),
        Kin::Remote(remote) => open_root(hot, site, head, Some(remote), attributes),
        Kin::Local(shared, span) => {
            if shared.is_recording() && gate::is_shut_below(site, head) {
                return gate::mute_below(hot, shared, *span);
            }
            if is_here(hot, shared, *span) {
                return open_scoped(hot, *span, head, attributes);
            }
            visit(hot, shared, *span);
            open_in_visit(hot, head, attributes).with_flag(guard::OWNS)
        }
    }
}

/// Whether a span of this segment can be named from the current chunk.
pub(crate) fn is_here(hot: &Hot, segment: &Arc<Shared>, span: SpanRef) -> bool {
    // What a call that was left out hands on is not recorded, although it names a span that is.
    let is_same =
        hot.top.get().chunk() == span.chunk() && segment.is_recording() == hot.is_recording();
    hot.is_active() && (is_same || hot.is_in(segment))
}

fn open_scoped(hot: &Hot, parent: SpanRef, head: u64, attributes: &Attributes<'_>) -> SpanRef {
    let before = hot.top.get();
    // The scope remembers what others had attached before, to be known again when it goes.
    let seen = hot.seen.get();
    if !say(hot, Kind::Scope, parent, seen.to_word(), flag::TRANSIENT, 0, &[]) {
        return SpanRef::NONE;
    }
    enter_scope(hot);
    let Some(span) = write_making_room(hot, head, attributes) else {
        hot.top.set(hot.top.get().at(before.position()));
        return SpanRef::NONE;
    };
    hot.seen.set(hook::now());
    span.with_flag(guard::SCOPED)
}

/// Writes a scope that stands for a span of wherever, and makes it the innermost position.
pub(crate) fn push_scope(hot: &Hot, about: SpanRef, flags: u64) -> bool {
    if !say(hot, Kind::Scope, about, 0, flags, 0, &[]) {
        return false;
    }
    enter_scope(hot);
    true
}

/// Makes the scope that was just written the innermost position.
fn enter_scope(hot: &Hot) {
    hot.top.set(hot.top.get().at(hot.cursor() - RECORD));
    hot.add_state(state::STAND_INS);
}

/// Begins a chunk that continues a segment on this thread, below one of its spans.
pub(crate) fn visit(hot: &Hot, segment: &Arc<Shared>, span: SpanRef) -> bool {
    let Some(chunk) = new_visit(segment) else { return false };
    stack::push(hot, chunk);
    note_trace_state(hot);
    push_scope(hot, span, 0);
    hook::show(hot);
    true
}

/// A chunk that continues a segment.
pub(crate) fn new_visit(segment: &Arc<Shared>) -> Option<Box<Chunk>> {
    let header = Header { chunk: SpanRef::fresh(), ..segment.header() };
    let bits = if segment.is_recording() { state::RECORDING } else { 0 };
    stack::new_chunk(TASK, &header, bits, Some(segment.clone())).map(|(chunk, _)| chunk)
}

/// Opens a root on this thread.
pub(crate) fn open_root(
    hot: &Hot,
    site: &'static Callsite,
    head: u64,
    parent: Option<&Remote>,
    attributes: &Attributes<'_>,
) -> SpanRef {
    let Some(chunk) = new_root(hot, site, THREAD, parent, attributes) else {
        return SpanRef::NONE;
    };
    stack::push(hot, chunk);
    let span = begin_root(hot, head, attributes).with_flag(guard::OWNS);
    hook::show(hot);
    span
}

/// A chunk for a root, by what the sampler says; nothing where nobody listens.
fn new_root(
    hot: &Hot,
    site: &'static Callsite,
    class: usize,
    parent: Option<&Remote>,
    attributes: &Attributes<'_>,
) -> Option<Box<Chunk>> {
    let route = cold(|cold| cold.route.clone()).filter(|_| !hot.closed.get())?;
    let is_gated = sampling::place::is_gated(site.about());
    let asked = sampling::Route::among(site.about(), attributes);
    let (header, decided, brought) = begin(site, is_gated, parent, asked, &route, None)?;
    new_root_chunk(&header, decided, class, route, brought, Continued::Maybe)
}

/// What a task gets for a root.
pub(crate) enum NewRoot {
    Chunk(Box<Chunk>),
    /// It is not recorded, and nothing is current around it: no chunk is needed.
    Unsampled(Arc<Shared>),
}

/// Whether anybody will ask what the segment of a root shares.
#[derive(Clone, Copy)]
pub(crate) enum Continued {
    Maybe,
    /// The root of this place has futures inside: it is made at once, which costs less than later.
    Certainly(&'static Callsite),
}

/// The same for a root of a task.
pub(crate) fn new_task_root(
    hot: &Hot,
    site: &'static Callsite,
    parent: Option<&Remote>,
    attributes: &Attributes<'_>,
) -> Option<NewRoot> {
    if hot.is_idle() {
        let is_gated = sampling::place::is_gated(site.about());
        let route = || sampling::Route::among(site.about(), attributes);
        return idle_task_root(site, is_gated, parent, route, None, Continued::Maybe);
    }
    new_root(hot, site, TASK, parent, attributes).map(NewRoot::Chunk)
}

/// The same where nothing is current; in the trace that was drawn for it, if it begins one.
pub(crate) fn idle_task_root(
    site: &'static Callsite,
    is_gated: bool,
    parent: Option<&Remote>,
    route: impl FnOnce() -> Option<sampling::Route>,
    drawn: Option<TraceId>,
    continued: Continued,
) -> Option<NewRoot> {
    let asked = if install::asks_for_routes() { route() } else { None };
    let (header, decided, brought) = begin(site, is_gated, parent, asked, &Route::Process, drawn)?;
    if decided.is_recorded() {
        let chunk = new_root_chunk(&header, decided, TASK, Route::Process, brought, continued);
        return chunk.map(NewRoot::Chunk);
    }
    Some(NewRoot::Unsampled(unsampled(header, brought)))
}

/// A segment that begins this trace, and is not recorded.
#[inline]
pub(crate) fn left_out(trace: TraceId) -> Arc<Shared> {
    unsampled(header_below(None, Some(trace)), Brought::default())
}

#[inline]
fn unsampled(header: Header, brought: Brought) -> Arc<Shared> {
    Shared::unsampled(header, brought, hot(Hot::spare_shared))
}

/// What the sampler says about a root that answers what was `asked`, and what it begins with; nothing where nobody
/// listens.
#[inline(always)]
fn begin(
    site: &'static Callsite,
    is_gated: bool,
    parent: Option<&Remote>,
    asked: Option<sampling::Route>,
    route: &Route,
    drawn: Option<TraceId>,
) -> Option<(Header, Head, Brought)> {
    let header = header_below(parent, drawn);
    let start = start_of(&header, site, parent, asked);
    let (header, decided) = decide(header, site, is_gated, &start, route)?;
    let brought = parent.map_or_else(Brought::default, |parent| Brought::of(parent, start));
    Some((header, decided, brought))
}

/// What a sampler is told about a root that begins.
fn start_of(
    header: &Header,
    site: &'static Callsite,
    parent: Option<&Remote>,
    route: Option<sampling::Route>,
) -> Start {
    let mut start = Start::of(header.trace, parent, site.about()).at(site);
    start.route = route;
    start
}

/// What the sampler says about a root that begins; nothing where nobody listens.
#[inline(always)]
fn decide(
    header: Header,
    site: &'static Callsite,
    is_gated: bool,
    start: &Start,
    route: &Route,
) -> Option<(Header, Head)> {
    let mut decided = sampling::head(start, route)?;
    if is_gated {
        decided = sampling::place::at_root(site, start, decided);
    }
    let decision = Decision::at_start(decided.threshold.filter(|_| decided.sampled));
    Some((Header { sampled: decided.sampled, decision, ..header }, decided))
}

/// The header of a segment that continues something, or begins a trace: one that was drawn before, or another.
fn header_below(parent: Option<&Remote>, drawn: Option<TraceId>) -> Header {
    let begins = Header {
        trace: TraceId::INVALID,
        parent: SpanId::INVALID,
        parent_is_remote: false,
        sampled: false,
        random: true,
        decision: Decision::OPEN,
        chunk: SpanRef::fresh(),
    };
    match parent.filter(|parent| parent.is_span()) {
        None => Header { trace: drawn.unwrap_or_else(TraceId::random), ..begins },
        Some(parent) => Header {
            trace: parent.trace,
            parent: parent.span,
            parent_is_remote: !parent.has(remote::IN_PROCESS),
            random: parent.has(remote::RANDOM),
            ..begins
        },
    }
}

fn new_root_chunk(
    header: &Header,
    decided: Head,
    class: usize,
    route: Route,
    brought: Brought,
    continued: Continued,
) -> Option<Box<Chunk>> {
    let recorded = decided.is_recorded();
    // Where it goes, and what came along, is only remembered if that is not what it always is.
    let is_ordinary = matches!(route, Route::Process) && brought.is_nothing();
    let shared = match continued {
        _ if !is_ordinary => {
            Some(Arc::new(Shared::new(*header, recorded, route).bringing(brought)))
        }
        Continued::Certainly(root) if recorded => {
            Some(Shared::recorded(*header, root, hot(Hot::spare_shared)))
        }
        Continued::Certainly(_) | Continued::Maybe => None,
    };
    let bits = state::ROOT | if recorded { state::RECORDING } else { 0 };
    let (chunk, has_block) =
        stack::new_chunk(if recorded { class } else { TASK }, header, bits, shared)?;
    if has_block == HasBlock::No {
        count_without_memory(chunk.shared.as_deref());
    }
    Some(chunk)
}

/// Counts a span that there was no memory for.
#[cold]
pub(crate) fn count_without_memory(segment: Option<&Shared>) {
    let outbox = outbox_of(segment);
    outbox.counts().created(1);
    outbox.counts().dropped(Dropped::NoMemory, 1);
}

/// Writes the root of the chunk that has just become current.
pub(crate) fn begin_root(hot: &Hot, head: u64, attributes: &Attributes<'_>) -> SpanRef {
    let span = write_root(hot, head, attributes);
    note_trace_state(hot);
    span
}

/// Tells the collector what is said about the trace of a chunk that has just begun, where anything is.
pub(crate) fn note_trace_state(hot: &Hot) {
    let shared = hot.shared.take();
    let said = shared.as_ref().map(|shared| shared.trace_state()).filter(|list| !list.is_empty());
    let trace_state = said.cloned();
    hot.shared.set(shared);
    if let Some(trace_state) = trace_state.filter(|_| hot.is_recording()) {
        let values = [Value::Text(trace_state.as_str())];
        say_values(hot, Kind::TraceState, SpanRef::NONE, 0, 0, &Attributes::new(&values));
    }
}

fn write_root(hot: &Hot, head: u64, attributes: &Attributes<'_>) -> SpanRef {
    if attributes.words() == 0 && head & flag::WATCHED == 0 {
        if let Some(open) = write_bare(hot, head) {
            return open.span();
        }
    }
    if let Some(span) = write_making_room(hot, head, attributes) {
        return span;
    }
    // Not recorded, or its arguments are too large for any chunk. It still has an id that others hang on.
    if hot.is_recording() {
        if let Some(span) = write_making_room(hot, head, &Attributes::NONE) {
            return span;
        }
    }
    let span = hot.top.get().at(HEADER);
    if let Some(slot) = Slot::new(hot.block.get(), HEADER) {
        slot.write([head, 1, 0, hot.top.get().0]);
        hot.set_cursor(HEADER + RECORD);
    }
    hot.top.set(span);
    span
}

/// Sends one record in a chunk of its own, where no chunk is current.
#[cold]
pub(crate) fn send_alone(kind: Kind, about: SpanRef, word: u64, flags: u64) {
    let words: [AtomicU64; HEADER + RECORD] = [const { AtomicU64::new(0) }; HEADER + RECORD];
    words[0].store(Kind::Chunk as u64, Relaxed);
    if let Some(slot) = Slot::new(&words, HEADER) {
        slot.write([head(kind, flags, 0, RECORD), about.0, word, 0]);
    }
    let emission = Emission::of(&words, words.len(), 0, 0);
    let route = cold(|cold| (cold.outbox.clone(), cold.route.clone()));
    match route {
        Some((_, Route::Capture(capture))) => capture.outbox().commit(&emission),
        Some((outbox, Route::Process)) => outbox.commit(&emission),
        None => Outbox::of_process().commit(&emission),
    }
}
