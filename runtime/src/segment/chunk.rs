//! A chunk: one run of records with one owner; its beginning, its growth and its end.

use crate::clock;
use crate::context::Remote;
use crate::hook::{Seen, Shown};
use crate::id::SpanRef;
use crate::pipeline::outbox::{Dropped, Outbox};
use crate::recorder::recorder;
use crate::sampling::{self, Decision};
use crate::segment::block::{self, Block, Cache, MAX_WORDS, SIZES};
use crate::segment::cap;
use crate::segment::compress;
use crate::segment::fold::Crowd;
use crate::segment::open;
use crate::segment::part;
use crate::segment::record::{HEADER, Header, RECORD, Slot, flag};
use crate::segment::shared::Shared;
use crate::segment::thread::{Hot, cold, spans_before};
use crate::sync::modelled::Arc;
use crate::sync::{AtomicU64, Relaxed};

/// What a chunk is, as bits.
pub(crate) mod state {
    /// There is a chunk at all.
    pub(crate) const ACTIVE: u32 = 1;
    /// Its spans are written down.
    pub(crate) const RECORDING: u32 = 1 << 1;
    /// It holds the segment's local root, and decides about the segment when it ends.
    pub(crate) const ROOT: u32 = 1 << 2;
    /// Some span of it failed.
    pub(crate) const ERROR: u32 = 1 << 3;
    /// Some span of it was slow.
    pub(crate) const SLOW: u32 = 1 << 4;
    /// Somebody asked to keep the trace.
    pub(crate) const KEEP: u32 = 1 << 5;
    /// An earlier part of it was kept, and so is the rest.
    pub(crate) const KEPT: u32 = 1 << 6;
    /// An earlier part of it was sent.
    pub(crate) const PARTED: u32 = 1 << 7;
    /// More than half of the largest block is used: finished spans are folded.
    pub(crate) const CROWDED: u32 = 1 << 8;

    /// Some position of it may stand for a span of another chunk.
    pub(crate) const STAND_INS: u32 = 1 << 9;
    /// There was no memory to record it.
    pub(crate) const NO_MEMORY: u32 = 1 << 10;
    /// It was begun where nothing was current, so that nothing was put aside for it.
    pub(crate) const ALONE: u32 = 1 << 12;

    /// Something in it had not happened for long.
    pub(crate) const RARE: u32 = 1 << 11;
    /// It has as many spans as a trace may have.
    pub(crate) const CAPPED: u32 = 1 << 20;

    /// It was decided at the beginning that nothing of it is written down; one bit, because every entry asks.
    pub(crate) const UNSAMPLED: u32 = 1 << 13;

    /// What the verdict looks at.
    pub(crate) const MARKS: u32 = ERROR | SLOW | KEEP | RARE;
    /// A local root of which everything is still here, in one run.
    pub(crate) const WHOLE: u32 = ACTIVE | RECORDING | ROOT | ALONE | MARKS | STAND_INS;

    /// A chunk that is begun as this.
    #[inline(always)]
    pub(crate) const fn begun(bits: u32) -> u32 {
        let is_silent = bits & (RECORDING | NO_MEMORY) == 0;
        bits | ACTIVE | if is_silent { UNSAMPLED } else { 0 }
    }
}

/// A chunk that is not current on any thread: put aside by a nested one, or carried by a suspended future.
/// Its fields are those of [`Hot`].
#[derive(Default)]
pub(crate) struct Chunk {
    pub(crate) window: Block,
    pub(crate) limit: SpanRef,
    pub(crate) top: SpanRef,
    pub(crate) extra: u32,
    pub(crate) state: u32,
    pub(crate) block: Block,
    pub(crate) since: u64,
    pub(crate) shared: Option<Arc<Shared>>,
    pub(crate) crowd: Option<Box<Crowd>>,
    pub(crate) ambient: Option<Arc<Remote>>,
    pub(crate) seen: Seen,
    pub(crate) shown: Option<Shown>,
}

/// The window grows by so many words, so that a chunk that grows looks at the time now and then.
pub(crate) const STEP: usize = 1024;
/// Spans and attributes leave so many words of the largest block to ends and outcomes.
const RESERVE: usize = 256;
/// Past so many words a part is cut off before the next span is opened, so that a span that stays open for
/// long does not stand where it keeps the rest of the block from being used again.
const ALMOST_FULL: usize = MAX_WORDS / 4 * 3;
/// Past so many words a chunk is crowded.
pub(crate) const HALF: usize = MAX_WORDS / 2;

impl Chunk {
    /// Makes this empty chunk one of a segment that is recorded, or only known, under `header`.
    pub(crate) fn open(
        &mut self,
        block: Block,
        header: &Header,
        bits: u32,
        route: Option<Arc<Shared>>,
    ) {
        header.write(block);
        self.block = block;
        let chunk = header.chunk.in_block(block::class_of(block).unwrap_or(0));
        self.top = chunk;
        self.extra = 0;
        self.state = state::begun(bits);
        self.window = first_window(block, bits);
        self.limit = chunk.at(HEADER + self.window.len());
        self.since = 0;
        self.ambient = None;
        self.seen = Seen::NOTHING;
        self.shared = route;
    }

    /// The chunk ends: it is judged, or follows the verdict of its segment, and gives its block back.
    pub(crate) fn end(&mut self) {
        // What others see of it may hold anything of theirs, which goes before anything is borrowed.
        if let Some(shown) = &mut self.shown {
            shown.clear();
        }
        // Samplers may be code of the user, so that the verdict is found before anything is borrowed.
        let verdict = self.judge();
        let done = cold(|cold| {
            let shared = self.hand_over(verdict, &cold.outbox, &mut cold.cache);
            shared.and_then(|shared| cold.recycle_shared(shared))
        });
        // What is still held elsewhere goes here, where nothing is borrowed.
        if done.is_none() {
            // The thread is being torn down: the process has an outbox for such chunks.
            self.hand_over(verdict, Outbox::of_process(), &mut Cache::new());
        }
    }

    /// The same, where the thread's things are at hand already.
    pub(crate) fn end_with(&mut self, outbox: &Outbox, cache: &mut Cache) {
        let verdict = self.judge();
        self.hand_over(verdict, outbox, cache);
    }

    /// What the root's end decides; `None` for a chunk that follows.
    fn judge(&self) -> Option<Decision> {
        if self.state & state::ROOT == 0 || self.state & state::RECORDING == 0 {
            return None;
        }
        if self.state & state::KEPT != 0 {
            sampling::note_more(sampling::bytes_of(self.next().position()), self.shared.as_deref());
            return Some(Decision::of_block(self.block));
        }
        sampling::judge(self.block, self.next().position(), self.state, self.shared.as_deref())
    }

    fn spans(&self) -> u32 {
        spans_before(self.next(), self.extra)
    }

    fn next(&self) -> SpanRef {
        self.limit.before(self.window.len())
    }

    /// Returns what its segment shared.
    fn hand_over(
        &mut self,
        verdict: Option<Decision>,
        outbox: &Outbox,
        cache: &mut Cache,
    ) -> Option<Arc<Shared>> {
        let mut shared = self.shared.take();
        // Where nobody else holds it, and nothing waits, nobody will ask for the verdict.
        let is_over = verdict.is_some()
            && shared.as_mut().and_then(Arc::get_mut).is_some_and(Shared::waits_for_nothing);
        if self.state & state::RECORDING != 0 {
            let outbox = shared.as_ref().and_then(|shared| shared.outbox()).unwrap_or(outbox);
            let spans = self.spans();
            outbox.counts().created(spans);
            if self.state & state::PARTED != 0 {
                open::forget_begun(self.top);
            }
            let crowd = self.crowd.take();
            let omitted = crowd.as_ref().map_or(0, |crowd| crowd.omitted());
            let lost = crowd.map_or(0, |crowd| crowd.count_in(outbox.counts()));
            let spans = spans.saturating_sub(lost);
            let words = part::Emission::of(self.block, self.next().position(), self.state, spans);
            self.send(verdict, words.omitting(omitted), shared.as_deref(), is_over, outbox);
        }
        self.window = &[];
        let block = std::mem::take(&mut self.block);
        if !block.is_empty() {
            cache.put(block);
        }
        self.state = 0;
        self.top = SpanRef::NONE;
        self.limit = SpanRef::NONE;
        self.ambient = None;
        shared
    }

    fn send(
        &self,
        verdict: Option<Decision>,
        mut words: part::Emission<'_>,
        shared: Option<&Shared>,
        is_over: bool,
        outbox: &Outbox,
    ) {
        let Some(decision) = verdict else {
            return match shared {
                Some(shared) => shared.contribute(words, self.state & state::MARKS, outbox),
                None => outbox.commit(&words),
            };
        };
        if let Some(shared) = shared {
            if !is_over {
                shared.decide(decision, outbox);
            }
            let omitted = words.omitted().saturating_add(shared.omitted());
            words = words.omitting(omitted);
        }
        if decision.is_kept() {
            outbox.commit(&words.decided(decision));
        } else {
            outbox.counts().dropped(Dropped::Sampled, words.spans());
        }
    }
}

impl Drop for Chunk {
    /// Only a chunk that nobody ended still has a block: its future was leaked into a teardown.
    fn drop(&mut self) {
        if !self.block.is_empty() {
            if self.state & state::RECORDING != 0 {
                let counts = Outbox::of_process().counts();
                let spans = self.spans();
                counts.created(spans);
                let lost = self.crowd.as_ref().map_or(0, |crowd| crowd.count_in(counts));
                counts.dropped(Dropped::Teardown, spans.saturating_sub(lost));
            }
            block::release(self.block);
        }
    }
}

/// What a record needs room for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// A span or something said about one.
    Ordinary,
    /// An end or an outcome, for which some words are kept free.
    Reserved,
}

/// The next `words` words of the current chunk, or nothing if there is no way to make room for them.
/// The caller moves the cursor.
#[inline]
pub(crate) fn reserve(hot: &Hot, words: usize, room: Room) -> Option<&'static [AtomicU64]> {
    match hot.window.get().get(..words) {
        Some(slice) => Some(slice),
        None => recorder()?.make_room(hot, words, room),
    }
}

/// Looks for room in a chunk that has none left to write in as it comes.
pub(crate) fn make_room(hot: &Hot, words: usize, room: Room) -> Option<&'static [AtomicU64]> {
    if !hot.is_recording() {
        return None;
    }
    part::cut_if_long(hot);
    compress::compress(hot);
    if !has_room(hot, words, room) {
        grow(hot, words);
    }
    if hot.cursor() + words > ALMOST_FULL || !has_room(hot, words, room) {
        part::cut_if_full(hot);
    }
    let at = hot.cursor();
    let slice = hot.block.get().get(at..at + words)?;
    has_room(hot, words, room).then(|| {
        widen(hot, at + words);
        slice
    })
}

fn has_room(hot: &Hot, words: usize, room: Room) -> bool {
    let block = hot.block.get().len();
    let kept_free = match room {
        _ if block < MAX_WORDS => 0,
        Room::Ordinary => RESERVE,
        // What comes next has a name too, if only to say how far it is.
        Room::Reserved => RECORD,
    };
    hot.cursor() + words + kept_free <= block
}

/// Moves the chunk into a larger block; positions stay.
fn grow(hot: &Hot, words: usize) {
    let (old, used) = (hot.block.get(), hot.cursor());
    let wanted = (used + words).max(old.len() * 2).min(MAX_WORDS);
    let larger = block::class_for(wanted)
        .filter(|class| SIZES[*class] > old.len())
        .and_then(|class| cold(|cold| cold.cache.take(class)).flatten());
    let Some(block) = larger else { return };
    // Guards that know where their record was must not take it for the innermost one any more.
    hot.rename(hot.top.get().in_block(block::class_of(block).unwrap_or(0)));
    for (to, from) in block.iter().zip(&old[..used]) {
        to.store(from.load(Relaxed), Relaxed);
    }
    hot.block.set(block);
    hot.set_window(window(block, used, used + hot.window.get().len()));
    if cold(|cold| cold.cache.put(old)).is_none() {
        block::release(old);
    }
}

/// Lets entries write up to the next step. Past the half they stay on the cold path, which folds.
fn widen(hot: &Hot, end: usize) {
    if end > HALF {
        hot.add_state(state::CROWDED);
    }
    let limit = end.next_multiple_of(STEP).min(HALF).min(end + cap::look(hot, STEP));
    hot.set_window(window(hot.block.get(), hot.cursor(), limit));
}

/// What entries may write in a chunk that is begun as this: nothing where nothing is recorded.
#[inline(always)]
pub(crate) fn first_window(block: Block, bits: u32) -> Block {
    if bits & state::RECORDING != 0 { window(block, HEADER, STEP) } else { &[] }
}

/// What entries may write without a closer look, from where the next record goes. Without a counter they may write nothing, so that whoever
/// finds room in a window may read the counter without asking whether there is one.
pub(crate) fn window(block: Block, from: usize, limit: usize) -> Block {
    let window = block.get(from..limit.min(block.len())).unwrap_or_default();
    if clock::has_counter() { window } else { &[] }
}

/// Notes that somebody elsewhere may hang on the innermost span, so that it is not folded away.
#[inline]
pub(crate) fn mark_handed_off(hot: &Hot) {
    mark_handed_off_at(hot, hot.top.get().position());
}

/// The same of what stands at a position of the current chunk.
#[inline]
pub(crate) fn mark_handed_off_at(hot: &Hot, position: usize) {
    if let Some(slot) = Slot::new(hot.block.get(), position).filter(|_| position >= HEADER) {
        slot.add_flags(flag::HANDED_OFF);
    }
}
