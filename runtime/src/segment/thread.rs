//! What a thread knows: the chunk it writes now, and what it keeps at hand.
//!
//! [`Hot`] is one constant block of cells without a destructor, so that reaching it is one instruction and
//! works while the thread is being torn down. [`Cold`] has the destructor, and is only reached where a
//! chunk begins or ends.
#![allow(clippy::cast_possible_truncation, reason = "positions have seventeen bits")]

use crate::context::Remote;
use crate::hook::{self, Kept, Seen, Shown};
use crate::id::SpanRef;
use crate::pipeline::outbox::Outbox;
use crate::segment::block::{Block, Cache};
use crate::segment::chunk::{Chunk, first_window, state};
use crate::segment::fold::Crowd;
use crate::segment::record::{HEADER, Header, RECORD};
use crate::segment::shared::{Route, Shared};
use crate::sync::modelled::Arc;
use crate::sync::thread_local;
use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

/// The chunk that is current on this thread; its fields are those of [`Chunk`].
///
/// An entry looks at `window` alone: without a chunk, when off, unsampled, crowded or full nothing is left of
/// it, so that one bounds check covers them all.
pub(crate) struct Hot {
    /// What entries may still write: the block from where the next record goes up to some limit.
    pub(crate) window: Cell<Block>,
    /// What a record behind the window would be called: its length tells what the next one is called.
    limit: Cell<SpanRef>,
    /// The innermost open span or scope of this chunk.
    pub(crate) top: Cell<SpanRef>,
    /// Words before the cursor that are not the first four of a span, see [`Hot::spans`].
    extra: Cell<u32>,
    /// What the chunk is, see [`state`].
    pub(crate) state: Cell<u32>,
    /// All of the chunk's storage.
    pub(crate) block: Cell<Block>,
    /// When the chunk, or its present part, was begun.
    pub(crate) since: Cell<u64>,
    /// What the chunk's segment shares, once somebody asked. Emptied by hand when the chunk ends.
    pub(crate) shared: ManuallyDrop<Cell<Option<Arc<Shared>>>>,
    /// What a crowded chunk remembers. Emptied by hand likewise.
    pub(crate) crowd: ManuallyDrop<Cell<Option<Box<Crowd>>>>,
    /// What roots that begin here continue, where no chunk is current. Emptied by hand likewise.
    pub(crate) ambient: ManuallyDrop<Cell<Option<Arc<Remote>>>>,
    /// What others had attached when the innermost span was opened.
    pub(crate) seen: Cell<Seen>,
    /// What others see of the chunk of a task, or saw of the last segment that was lent. Emptied by hand likewise.
    pub(crate) shown: ManuallyDrop<Cell<Option<Shown>>>,
    /// What a segment shared that is over, for the next one. Emptied by hand likewise.
    spare: ManuallyDrop<Cell<Option<Arc<Shared>>>>,
    /// Whether somebody will empty it when the thread ends.
    keeps_spare: Cell<bool>,
    /// The thread is being torn down: nothing begins here any more.
    pub(crate) closed: Cell<bool>,
    /// Segments that begin here go to a capture.
    pub(crate) captured: Cell<bool>,
    /// Some root ended while its chunk was put aside for the poll of a future, see [`Cold::awaited`].
    pub(crate) awaits: Cell<bool>,
}

thread_local! {
    static HOT: Hot = const {
        Hot {
            window: Cell::new(&[]),
            limit: Cell::new(SpanRef::NONE),
            top: Cell::new(SpanRef::NONE),
            extra: Cell::new(0),
            state: Cell::new(0),
            block: Cell::new(&[]),
            since: Cell::new(0),
            shared: ManuallyDrop::new(Cell::new(None)),
            crowd: ManuallyDrop::new(Cell::new(None)),
            ambient: ManuallyDrop::new(Cell::new(None)),
            seen: Cell::new(Seen::NOTHING),
            shown: ManuallyDrop::new(Cell::new(None)),
            spare: ManuallyDrop::new(Cell::new(None)),
            keeps_spare: Cell::new(false),
            closed: Cell::new(false),
            captured: Cell::new(false),
            awaits: Cell::new(false),
        }
    };
    static COLD: RefCell<Cold> = RefCell::new(Cold::new());
}

/// The thread's chunk.
#[inline(always)]
pub(crate) fn hot<R>(work: impl FnOnce(&Hot) -> R) -> R {
    HOT.with(work)
}

/// What the thread keeps at hand; `None` while the thread is being torn down.
pub(crate) fn cold<R>(work: impl FnOnce(&mut Cold) -> R) -> Option<R> {
    // Nobody runs code of the user while it is borrowed, so that the borrow never fails.
    COLD.try_with(|cold| cold.try_borrow_mut().ok().map(|mut cold| work(&mut cold))).ok().flatten()
}

impl Hot {
    /// Whether a segment is current here.
    #[inline(always)]
    pub(crate) fn is_active(&self) -> bool {
        self.state.get() & state::ACTIVE != 0
    }

    /// Whether the current segment is recorded.
    #[inline(always)]
    pub(crate) fn is_recording(&self) -> bool {
        self.state.get() & state::RECORDING != 0
    }

    /// Whether nothing is written down here: not inside of an unsampled trace.
    #[inline(always)]
    pub(crate) fn is_unsampled(&self) -> bool {
        self.state.get() & state::UNSAMPLED != 0
    }

    /// Whether nothing at all is current, and what begins here goes where everything goes.
    pub(crate) fn is_idle(&self) -> bool {
        // What is ambient stands in a chunk that has a name.
        let is_bare = self.state.get() == 0 && self.top.get().is_none();
        is_bare && !self.closed.get() && !self.captured.get()
    }

    /// The same, and nobody else looks.
    pub(crate) fn is_idle_and_unseen(&self) -> bool {
        self.is_idle() && !hook::is_installed()
    }

    /// Makes a new chunk current where none is.
    #[inline]
    pub(crate) fn begin(&self, block: Block, class: usize, header: &Header, bits: u32) {
        header.write(block);
        self.block.set(block);
        let chunk = header.chunk.in_block(class);
        let window = first_window(block, bits);
        self.window.set(window);
        self.limit.set(chunk.at(HEADER + window.len()));
        self.top.set(chunk);
        self.extra.set(0);
        self.state.set(state::begun(bits));
        self.since.set(0);
    }

    /// The current chunk, which was begun where nothing was, has ended. Its block stays, for the next one.
    #[inline]
    pub(crate) fn end(&self) {
        self.window.set(&[]);
        self.state.set(0);
        self.top.set(SpanRef::NONE);
    }

    /// Makes a segment current that is not recorded, where nothing is. Nobody reads or writes in its block, which
    /// it does not have.
    #[inline]
    pub(crate) fn lend_unsampled(&self, segment: Arc<Shared>, header: SpanRef) {
        self.shared.set(Some(segment));
        self.top.set(header);
        self.state.set(state::begun(0));
    }

    /// Nothing is current again.
    #[inline]
    pub(crate) fn take_back_unsampled(&self) -> Option<Arc<Shared>> {
        self.state.set(0);
        self.top.set(SpanRef::NONE);
        self.shared.take()
    }

    /// Whether the current segment is not recorded, by a decision at its beginning, and nothing stands for anything
    /// that is.
    #[inline]
    pub(crate) fn is_plainly_unsampled(&self) -> bool {
        self.state.get() & (state::UNSAMPLED | state::STAND_INS) == state::UNSAMPLED
    }

    /// Where the next record goes.
    #[inline(always)]
    pub(crate) fn cursor(&self) -> usize {
        self.next().position()
    }

    /// What the next record will be called.
    #[inline(always)]
    pub(crate) fn next(&self) -> SpanRef {
        self.limit.get().before(self.window.get().len())
    }

    /// Lets entries write these words, which begin where the next record goes.
    pub(crate) fn set_window(&self, window: Block) {
        self.limit.set(self.next().behind(window.len()));
        self.window.set(window);
    }

    /// The words of a span that are not its first four: whoever writes some says so.
    #[inline(always)]
    pub(crate) fn add_extra(&self, words: usize) {
        self.extra.set(self.extra.get().wrapping_add(words as u32));
    }

    /// Moves on behind a record of so many words that is no span, or behind a span's attributes.
    pub(crate) fn advance(&self, words: usize) {
        let behind = self.window.get().get(words..).unwrap_or_default();
        self.limit.set(self.next().behind(words + behind.len()));
        self.window.set(behind);
        self.add_extra(words);
    }

    /// Goes back to where records are not needed any more. Spans that were written behind stay counted.
    pub(crate) fn set_cursor(&self, cursor: usize) {
        let (spans, limit) = (self.spans(), self.limit.get());
        let is_closed = self.window.get().is_empty();
        self.window.set(&[]);
        self.limit.set(limit.at(cursor));
        self.set_spans(spans);
        if !is_closed {
            let window = self.block.get().get(cursor..limit.position());
            self.set_window(window.unwrap_or_default());
        }
    }

    /// Spans created in this chunk. They are not counted one by one: of all words up to the cursor, those
    /// that are something else are known.
    pub(crate) fn spans(&self) -> u32 {
        spans_before(self.next(), self.extra.get())
    }

    pub(crate) fn set_spans(&self, spans: u32) {
        let words = self.cursor().saturating_sub(HEADER) as u32;
        self.extra.set(words.wrapping_sub(spans.wrapping_mul(RECORD as u32)));
    }

    /// The chunk, or its present part, has another name, or lies in another block.
    pub(crate) fn rename(&self, chunk: SpanRef) {
        self.limit.set(chunk.at(self.limit.get().position()));
        self.top.set(chunk.at(self.top.get().position()));
    }

    pub(crate) fn add_state(&self, bits: u32) {
        self.state.set(self.state.get() | bits);
    }

    /// Exchanges the thread's chunk with another one.
    #[inline]
    pub(crate) fn swap(&self, chunk: &mut Chunk) {
        chunk.window = self.window.replace(chunk.window);
        chunk.limit = self.limit.replace(chunk.limit);
        chunk.top = self.top.replace(chunk.top);
        chunk.extra = self.extra.replace(chunk.extra);
        chunk.state = self.state.replace(chunk.state);
        chunk.block = self.block.replace(chunk.block);
        chunk.since = self.since.replace(chunk.since);
        chunk.shared = self.shared.replace(chunk.shared.take());
        chunk.crowd = self.crowd.replace(chunk.crowd.take());
        chunk.ambient = self.ambient.replace(chunk.ambient.take());
        chunk.seen = self.seen.replace(chunk.seen);
        chunk.shown = self.shown.replace(chunk.shown.take());
    }

    /// What the current segment shares with other threads and tasks, if somebody asked before.
    #[inline]
    pub(crate) fn shared(&self) -> Option<Arc<Shared>> {
        let shared = self.shared.take();
        let again = shared.clone();
        // Nothing is there to be dropped.
        std::mem::forget(self.shared.replace(shared));
        again
    }

    /// Looks at what the current segment shares, if it is there.
    #[cfg(feature = "otel")]
    pub(crate) fn with_shared<R>(&self, look: impl FnOnce(&Shared) -> Option<R>) -> Option<R> {
        let shared = self.shared.take();
        let seen = shared.as_deref().and_then(look);
        // Nothing is there to be dropped.
        std::mem::forget(self.shared.replace(shared));
        seen
    }

    /// What the current segment shares with other threads and tasks, made at the first call.
    #[inline]
    pub(crate) fn share(&self) -> Option<Arc<Shared>> {
        if !self.is_active() {
            return None;
        }
        let spare = || self.spare_shared();
        let shared = self
            .shared
            .take()
            .or_else(|| Shared::of_block(self.block.get(), self.is_recording(), spare));
        self.shared.set(shared.clone());
        shared
    }

    /// What a segment shared that is over, if there is any at hand.
    #[inline]
    pub(crate) fn spare_shared(&self) -> Option<Arc<Shared>> {
        self.spare.take().or_else(|| cold(|cold| cold.spare_shared.pop()).flatten())
    }

    /// Keeps what a segment shared that is over, unless somebody else still holds it.
    #[inline]
    pub(crate) fn recycle_shared(&self, mut shared: Arc<Shared>) -> Option<Arc<Shared>> {
        if !self.keeps_spare.get() || !Arc::get_mut(&mut shared).is_some_and(Shared::forget) {
            return Some(shared);
        }
        let kept = self.spare.replace(Some(shared))?;
        cold(|cold| cold.recycle_shared(kept)).unwrap_or_default()
    }

    /// What a root that begins here continues.
    pub(crate) fn ambient(&self) -> Option<Arc<Remote>> {
        let ambient = self.ambient.take();
        self.ambient.set(ambient.clone());
        ambient.filter(|_| !self.is_active())
    }

    /// Runs `work`, which may be code of the user, as if this thread had never heard of tracing.
    pub(crate) fn undisturbed<R>(&self, work: impl FnOnce() -> R) -> R {
        let before = (self.window.replace(&[]), self.state.replace(0), self.closed.replace(true));
        let result = work();
        self.window.set(before.0);
        self.state.set(before.1);
        self.closed.set(before.2);
        result
    }

    /// The same where nothing is current.
    pub(crate) fn undisturbed_idle<R>(&self, work: impl FnOnce() -> R) -> R {
        let before = self.closed.replace(true);
        let result = work();
        self.closed.set(before);
        result
    }

    /// Whether the current segment is this one.
    pub(crate) fn is_in(&self, segment: &Arc<Shared>) -> bool {
        let shared = self.shared.take();
        let same = shared.as_ref().is_some_and(|shared| Arc::ptr_eq(shared, segment));
        self.shared.set(shared);
        same
    }
}

/// How many spans there are before this position, if so many words are something else.
pub(crate) fn spans_before(next: SpanRef, extra: u32) -> u32 {
    let words = next.position().saturating_sub(HEADER) as u32;
    words.wrapping_sub(extra) / RECORD as u32
}

/// Sends segments that begin on this thread somewhere else, and returns where they went before.
pub(crate) fn route_to(route: Route) -> Option<Route> {
    hot(|hot| hot.captured.set(matches!(route, Route::Capture(_))));
    cold(|cold| std::mem::replace(&mut cold.route, route))
}

/// In a forked child: what is open here belongs to the parent, who will send it. The blocks stay what they are,
/// because guards may still write to them.
#[cfg(all(unix, not(loom)))]
pub(crate) fn begin_again() {
    HOT.with(|hot| {
        let mut inherited = Chunk::default();
        hot.swap(&mut inherited);
        std::mem::forget(inherited);
    });
    // Others are not to see what is forgotten; they may look at us meanwhile.
    let _shown = cold(|cold| {
        cold.stack.drain(..).for_each(std::mem::forget);
        cold.outbox = Outbox::of_thread();
        std::mem::take(&mut cold.kept)
    });
}

/// Where what is kept of a segment goes.
pub(crate) fn outbox_of(segment: Option<&Shared>) -> OutboxOf<'_> {
    match segment.and_then(Shared::outbox) {
        Some(outbox) => OutboxOf::Segment(outbox),
        None => cold(|cold| cold.outbox.clone()).map_or(OutboxOf::Process, OutboxOf::Thread),
    }
}

/// An outbox, however it is held.
pub(crate) enum OutboxOf<'s> {
    Segment(&'s Outbox),
    Thread(Arc<Outbox>),
    Process,
}

impl std::ops::Deref for OutboxOf<'_> {
    type Target = Outbox;

    fn deref(&self) -> &Outbox {
        match self {
            Self::Segment(outbox) => outbox,
            Self::Thread(outbox) => outbox,
            Self::Process => Outbox::of_process(),
        }
    }
}

/// A chunk moves between the stack, futures and the spare ones by its box, not word by word: it has eleven and more.
pub(crate) type BoxedChunk = Box<Chunk>;

/// What a thread keeps at hand for the beginning and the end of chunks.
pub(crate) struct Cold {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) cache: Cache,
    /// What the synchronous roots and visits that are open now put aside, the outermost first.
    pub(crate) stack: Vec<BoxedChunk>,
    /// Boxes for chunks to come.
    spare: Vec<BoxedChunk>,
    /// What segments shared, for those to come.
    spare_shared: Vec<Arc<Shared>>,
    /// Roots that have ended while a future was polled that keeps their chunk, and when: the chunk ends when it
    /// comes back. Who never does is forgotten.
    pub(crate) awaited: Vec<(SpanRef, u64)>,
    /// Where segments that begin here go.
    pub(crate) route: Route,
    /// What others see of it.
    pub(crate) kept: Kept,
}

impl Cold {
    const SPARE: usize = 64;

    fn new() -> Self {
        HOT.with(|hot| hot.keeps_spare.set(true));
        Self {
            outbox: Outbox::of_thread(),
            cache: Cache::new(),
            stack: Vec::with_capacity(8),
            spare: Vec::with_capacity(8),
            spare_shared: Vec::with_capacity(8),
            awaited: Vec::new(),
            route: Route::Process,
            kept: Kept::default(),
        }
    }

    /// An empty chunk in a box that was used before, if there is one.
    #[allow(clippy::unnecessary_box_returns, reason = "the box is what is kept")]
    pub(crate) fn empty_chunk(&mut self) -> BoxedChunk {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes it back, unless somebody else still holds it.
    pub(crate) fn recycle_shared(&mut self, mut shared: Arc<Shared>) -> Option<Arc<Shared>> {
        let has_room = self.spare_shared.len() < Self::SPARE;
        if !has_room || !Arc::get_mut(&mut shared).is_some_and(Shared::forget) {
            return Some(shared);
        }
        self.spare_shared.push(shared);
        None
    }

    /// Takes an empty chunk back.
    pub(crate) fn recycle(&mut self, chunk: BoxedChunk) {
        if self.spare.len() < Self::SPARE {
            self.spare.push(chunk);
        }
    }
}

impl Drop for Cold {
    /// The thread ends: whatever is still open is sent as it stands, and nothing begins after it.
    fn drop(&mut self) {
        self.kept.forget();
        HOT.with(|hot| {
            hot.closed.set(true);
            hot.keeps_spare.set(false);
            drop(hot.spare.take());
            let mut innermost = Chunk::default();
            hot.swap(&mut innermost);
            innermost.end_with(&self.outbox, &mut self.cache);
            for mut displaced in self.stack.drain(..).rev() {
                displaced.end_with(&self.outbox, &mut self.cache);
            }
        });
        self.outbox.close();
    }
}
