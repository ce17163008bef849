//! Calls that their place leaves out: nothing of them is recorded, nor of what runs inside.
//!
//! Such a call gets a chunk of its own, which is not recorded, in the same trace: what is opened inside finds it
//! current and writes nothing, also on other threads and in other tasks, and what goes out to other services
//! names the nearest span that is recorded.

use super::{guard, stack};
use crate::callsite::Callsite;
use crate::id::SpanRef;
use crate::pipeline::outbox::Dropped;
use crate::sampling::place;
use crate::segment::block::TASK;
use crate::segment::chunk::{Chunk, mark_handed_off, state};
use crate::segment::record::{HEADER, Header, Kind, RECORD, Slot, flag, head};
use crate::segment::shared::{Brought, Route, Shared};
use crate::segment::thread::{Hot, hot, outbox_of};
use crate::sync::modelled::Arc;

/// Whether a call inside of the current trace is left out. A root is left to the sampler.
pub(crate) fn is_shut(site: &'static Callsite, state: u64) -> bool {
    state & flag::GATED != 0 && hot(Hot::is_recording) && is_shut_below(site, state)
}

/// The same in a trace that is known to be recorded.
pub(crate) fn is_shut_below(site: &'static Callsite, state: u64) -> bool {
    state & flag::GATED != 0 && !place::admits(site)
}

/// Leaves out a call below what is current.
#[cold]
pub(crate) fn mute(hot: &Hot) -> SpanRef {
    count(hot);
    mark_handed_off(hot);
    let Some(header) = Header::of_block(hot.block.get()) else { return SpanRef::NONE };
    let about = super::name_of(hot, hot.top.get());
    let shared = hot.shared.take();
    let brought = shared.as_deref().map(Shared::brought).cloned();
    hot.shared.set(shared);
    let Some(chunk) = muted(&header, brought) else { return SpanRef::NONE };
    stack::push(hot, chunk);
    stand_for(hot, about).with_flag(guard::OWNS)
}

/// Leaves out a call below a span of this segment, wherever that is.
#[cold]
pub(crate) fn mute_below(hot: &Hot, segment: &Arc<Shared>, span: SpanRef) -> SpanRef {
    count_for(segment);
    let Some(chunk) = muted_in(segment) else { return SpanRef::NONE };
    stack::push(hot, chunk);
    stand_for(hot, span).with_flag(guard::OWNS)
}

/// A chunk for a call that is left out of a segment.
pub(crate) fn muted_in(segment: &Arc<Shared>) -> Option<Box<Chunk>> {
    muted(&segment.header(), Some(segment.brought().clone()))
}

fn muted(header: &Header, brought: Option<Brought>) -> Option<Box<Chunk>> {
    let header = Header { chunk: SpanRef::fresh(), ..*header };
    let brought = brought.filter(|brought| !brought.is_nothing());
    let shared = brought
        .map(|brought| Arc::new(Shared::new(header, false, Route::Process).bringing(brought)));
    stack::new_chunk(TASK, &header, state::STAND_INS, shared).map(|(chunk, _)| chunk)
}

/// Makes the chunk that has just become current stand for a span.
pub(crate) fn stand_for(hot: &Hot, about: SpanRef) -> SpanRef {
    let top = hot.top.get();
    if let Some(slot) = Slot::new(hot.block.get(), HEADER) {
        slot.write([head(Kind::Scope, 0, 0, RECORD), about.name().0, 0, top.0]);
        hot.set_cursor(HEADER + RECORD);
        hot.top.set(top.at(HEADER));
    }
    hot.top.get()
}

fn count(hot: &Hot) {
    let shared = hot.shared.take();
    let outbox = outbox_of(shared.as_deref());
    outbox.counts().created(1);
    outbox.counts().dropped(Dropped::Place, 1);
    drop(outbox);
    hot.shared.set(shared);
}

pub(crate) fn count_for(segment: &Shared) {
    let outbox = outbox_of(Some(segment));
    outbox.counts().created(1);
    outbox.counts().dropped(Dropped::Place, 1);
}
