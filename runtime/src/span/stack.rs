//! Chunks on top of each other: a synchronous root, or a visit, puts aside what was current on its thread.

use crate::hook;
use crate::id::SpanRef;
use crate::segment::block::Block;
use crate::segment::chunk::{Chunk, state};
use crate::segment::record::Header;
use crate::segment::shared::Shared;
use crate::segment::thread::{BoxedChunk, Cold, Hot, cold};
use crate::span::{close_here, root};
use crate::sync::modelled::Arc;

/// A chunk in a block of this class. Without memory it is active all the same, so that what runs inside
/// does not begin traces of its own, but nothing of it is recorded.
pub(crate) fn new_chunk(
    class: usize,
    header: &Header,
    bits: u32,
    shared: Option<Arc<Shared>>,
) -> Option<(Box<Chunk>, HasBlock)> {
    cold(|cold| {
        let mut chunk = cold.empty_chunk();
        if let Some(block) = cold.cache.take(class) {
            chunk.open(block, header, bits, shared);
            (chunk, HasBlock::Yes)
        } else {
            const NOTHING: Block = &[];
            let without = bits & !(state::RECORDING | state::ROOT) | state::NO_MEMORY;
            chunk.open(NOTHING, header, without, shared);
            (chunk, HasBlock::No)
        }
    })
}

/// Whether there was memory for a chunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HasBlock {
    Yes,
    No,
}

/// Makes a chunk current, and puts aside what was.
pub(crate) fn push(hot: &Hot, mut chunk: Box<Chunk>) {
    hot.swap(&mut chunk);
    cold(|cold| cold.stack.push(chunk));
}

/// The current chunk ends, and what was put aside for it is current again.
pub(crate) fn end_chunk(hot: &Hot) {
    if hot.state.get() & state::ALONE != 0 {
        return end_alone(hot);
    }
    if let Some(mut outer) = cold(|cold| cold.stack.pop()).flatten() {
        hot.swap(&mut outer);
        end_and_recycle(outer);
    }
}

/// The same, where nothing was put aside.
fn end_alone(hot: &Hot) {
    if !root::end_whole(hot) {
        let mut ended = cold(Cold::empty_chunk).unwrap_or_default();
        hot.swap(&mut ended);
        end_and_recycle(ended);
    }
}

/// Ends a chunk that is not current any more, and keeps its box.
pub(crate) fn end_and_recycle(ended: BoxedChunk) {
    hook::hide(ended.top.chunk());
    end_unseen(ended);
}

/// The same for one that others are shown nothing of between polls.
pub(crate) fn end_unseen(mut ended: BoxedChunk) {
    ended.end();
    cold(|cold| cold.recycle(ended));
}

/// A root has ended whose chunk is not on this thread's stack: perhaps a future holds it that is being polled.
#[cold]
pub(crate) fn await_return(hot: &Hot, guarded: SpanRef, end: u64) {
    const MANY: usize = 16;
    hot.awaits.set(true);
    cold(|cold| {
        if cold.awaited.len() == MANY {
            cold.awaited.remove(0);
        }
        cold.awaited.push((guarded, end));
    });
}

/// Ends the chunk that has just come back from a future, if its root has ended meanwhile.
#[inline]
pub(crate) fn end_awaited(hot: &Hot) {
    if hot.awaits.get() {
        end_awaited_cold(hot);
    }
}

#[cold]
#[inline(never)]
fn end_awaited_cold(hot: &Hot) {
    let chunk = hot.top.get().chunk();
    let awaited = cold(|cold| {
        let at = cold.awaited.iter().position(|(root, _)| root.chunk() == chunk)?;
        let awaited = cold.awaited.remove(at);
        hot.awaits.set(!cold.awaited.is_empty());
        Some(awaited)
    });
    if let Some((root, end)) = awaited.flatten() {
        close_here(hot, root, end);
    }
}

/// Runs `work` with the chunk that a span belongs to, if it was put aside on this thread.
/// Whether the chunk ends with the span is `ends`.
pub(crate) fn with_displaced(hot: &Hot, span: SpanRef, ends: bool, work: &dyn Fn(&Hot)) -> bool {
    let found = cold(|cold| {
        let is_home = |chunk: &Chunk| chunk.top.chunk() == span.chunk();
        let at = cold.stack.iter().position(|chunk| is_home(chunk))?;
        Some((at, cold.stack.remove(at)))
    });
    let Some((at, mut chunk)) = found.flatten() else { return false };
    hot.swap(&mut chunk);
    work(hot);
    hot.swap(&mut chunk);
    let was_alone = chunk.state & state::ALONE != 0;
    if ends && !was_alone {
        end_and_recycle(chunk);
    } else {
        if ends {
            // What was begun on top of it comes back to a thread on which nothing is current.
            chunk.end();
        }
        cold(|cold| cold.stack.insert(at, chunk));
    }
    true
}

/// Ends the chunks that were begun inside of the chunk of this position and forgotten, so that it is current
/// again.
#[cold]
pub(crate) fn unwind_to(hot: &Hot, inside: SpanRef) {
    let chunk = inside.chunk();
    let is_below = cold(|cold| cold.stack.iter().any(|below| below.top.chunk() == chunk));
    while is_below == Some(true) && hot.top.get().chunk() != chunk {
        end_chunk(hot);
    }
}
