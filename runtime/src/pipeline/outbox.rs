//! Where a thread leaves what was kept, without ever waiting for the collector.
//!
//! An outbox has two boxes. The thread puts its words into whichever it can lock at once; the collector
//! holds one of them at a time, for as long as it takes to exchange a vector. So the thread always finds
//! the other one free, unless the collector moves on between two tries, and then the first is free again.
//! Words lie in pages, so that nothing is copied when more come, and what was read is given back early.

use crate::pipeline::compact::Words;
use crate::pipeline::{collector, memory, stats};
use crate::segment::compress::compress_all;
use crate::segment::part::Emission;
use crate::sync::Mutex as StdMutex;
#[cfg(all(unix, not(loom)))]
use crate::sync::MutexGuard;
use crate::sync::modelled::{Arc, AtomicU64, AtomicUsize, Mutex};
use crate::sync::{AtomicBool, AtomicUsize as StdAtomicUsize, LazyLock, PoisonError, Relaxed};

/// Why a span that was created is not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dropped {
    /// Its trace was judged not worth keeping.
    Sampled,
    /// Its place records only a part of its calls, or so many a second. What would have run inside of it is not
    /// counted.
    Place,
    /// Its segment was full.
    SegmentFull,
    /// Its trace has as many spans as one may have; counted on the local root.
    SpanCap,
    /// It was folded into the record of an earlier span of the same place.
    Folded,
    /// Its thread's outbox was full: nobody took the spans away.
    OutboxFull,
    /// Another thread held what it needed for too long.
    Contended,
    /// There was no memory left under the limit for the task or root it belongs to.
    NoMemory,
    /// It was still open when its thread or its future was torn down.
    Teardown,
    /// The exporter failed, or panicked.
    Export,
}

impl Dropped {
    /// All reasons, in the order of their counters.
    pub const ALL: [Self; 10] = [
        Self::Sampled,
        Self::Place,
        Self::SegmentFull,
        Self::SpanCap,
        Self::Folded,
        Self::OutboxFull,
        Self::Contended,
        Self::NoMemory,
        Self::Teardown,
        Self::Export,
    ];
}

/// What was counted in one place.
#[derive(Debug)]
pub(crate) struct Counts {
    writers: Writers,
    created: AtomicU64,
    committed: AtomicU64,
    dropped: [AtomicU64; Dropped::ALL.len()],
}

/// Who writes to an outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writers {
    /// Its thread alone. Three tries find a free box, and a count needs no locked instruction.
    One,
    /// Any: that of a capture, or of chunks without a thread.
    Many,
}

impl Counts {
    fn new(writers: Writers) -> Self {
        Self {
            writers,
            created: AtomicU64::new(0),
            committed: AtomicU64::new(0),
            dropped: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }

    #[inline]
    fn add(&self, counter: &AtomicU64, spans: u64) {
        match self.writers {
            Writers::One => counter.store(counter.load(Relaxed).wrapping_add(spans), Relaxed),
            Writers::Many => {
                counter.fetch_add(spans, Relaxed);
            }
        }
    }

    pub(crate) fn created(&self, spans: u32) {
        self.add(&self.created, spans.into());
    }

    /// Spans that were counted, and will be again when they end.
    pub(crate) fn uncreated(&self, spans: u32) {
        self.add(&self.created, u64::from(spans).wrapping_neg());
    }

    pub(crate) fn committed(&self, spans: u32) {
        self.add(&self.committed, spans.into());
    }

    pub(crate) fn dropped(&self, reason: Dropped, spans: u32) {
        if spans > 0 {
            self.add(&self.dropped[reason as usize], spans.into());
        }
    }

    /// In a forked child: nothing was counted yet.
    #[cfg(all(unix, not(loom)))]
    fn begin_again(&self) {
        let all = [&self.created, &self.committed].into_iter().chain(&self.dropped);
        all.for_each(|count| count.store(0, Relaxed));
    }

    /// Created, committed, and dropped by reason.
    pub(crate) fn read(&self) -> (u64, u64, [u64; Dropped::ALL.len()]) {
        (
            self.created.load(Relaxed),
            self.committed.load(Relaxed),
            self.dropped.each_ref().map(|count| count.load(Relaxed)),
        )
    }
}

/// Where a thread, or a capture, leaves what was kept.
#[derive(Debug)]
pub(crate) struct Outbox {
    boxes: [Mutex<Pages>; 2],
    counts: Counts,
    bound: Bound,
    /// Words that were ever put in, and taken out: each has one writer, and the difference waits here.
    put_in: AtomicUsize,
    taken_out: AtomicUsize,
    closed: AtomicBool,
}

/// Runs of words, each of whole chunks.
#[derive(Debug, Default)]
struct Pages {
    full: Vec<Words>,
    /// The one that is written to.
    last: Vec<u64>,
}

/// What bounds an outbox.
#[derive(Debug)]
pub(crate) enum Bound {
    /// So many words of its own.
    Own(usize),
    /// What all outboxes of the process may hold together. Its one thread has reserved so much ahead.
    Process { credit: StdAtomicUsize },
}

/// The collector is called when so many words wait in one outbox.
const CALL_AT: usize = (1 << 20) / 8;

impl Outbox {
    pub(crate) fn new(bound: Bound, writers: Writers) -> Self {
        Self {
            boxes: [Mutex::new(Pages::default()), Mutex::new(Pages::default())],
            counts: Counts::new(writers),
            bound,
            put_in: AtomicUsize::new(0),
            taken_out: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        }
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Leaves words here, or counts their spans as dropped.
    pub(crate) fn commit(&self, words: &Emission<'_>) {
        if !self.reserve(words.words()) {
            return self.counts.dropped(Dropped::OutboxFull, words.spans());
        }
        let [first, second] = &self.boxes;
        for boxed in [first, second, first] {
            if let Ok(mut into) = boxed.try_lock() {
                return self.put(words, &mut into);
            }
        }
        match self.counts.writers {
            Writers::One => {
                self.unreserve(words.words());
                self.counts.dropped(Dropped::Contended, words.spans());
            }
            // Whoever shares one waits for moments; tests must not lose what they look at.
            Writers::Many => {
                self.put(words, &mut first.lock().unwrap_or_else(PoisonError::into_inner));
            }
        }
    }

    #[inline(always)]
    fn put(&self, words: &Emission<'_>, into: &mut Pages) {
        let reserved = words.words();
        if into.last.capacity() - into.last.len() < reserved {
            let full = std::mem::replace(&mut into.last, memory::page(reserved));
            if !full.is_empty() {
                into.full.push(self.aside(full));
            }
        }
        let before = into.last.len();
        words.append_to(&mut into.last);
        let written = into.last.len() - before;
        // What an earlier part sent is left out.
        if written < reserved {
            self.unreserve(reserved - written);
        }
        self.note_filled(written);
        self.counts.committed(words.spans());
    }

    /// A page that is full. Where the collector does not come, and so half of all room is taken, its own thread
    /// compacts it: some ten microseconds for each page, and a few times as many spans have room.
    fn aside(&self, mut words: Vec<u64>) -> Words {
        let is_tight = matches!(self.bound, Bound::Process { .. }) && memory::is_tight();
        if !is_tight {
            return Words::Plain(words);
        }
        stats::count_folded(compress_all(&mut words));
        Words::put_aside(words, &mut Vec::new())
    }

    #[inline]
    fn reserve(&self, words: usize) -> bool {
        match (&self.bound, self.counts.writers) {
            (Bound::Own(limit), _) => self.filled() + words <= *limit,
            (Bound::Process { credit }, Writers::One) => memory::reserve_with(credit, words),
            (Bound::Process { .. }, Writers::Many) => memory::reserve(words),
        }
    }

    fn unreserve(&self, words: usize) {
        if let Bound::Process { .. } = self.bound {
            memory::release(words);
        }
    }

    fn filled(&self) -> usize {
        self.put_in.load(Relaxed).wrapping_sub(self.taken_out.load(Relaxed))
    }

    /// Calls the collector when there is enough to be worth its while.
    fn note_filled(&self, words: usize) {
        let before = self.filled();
        match self.counts.writers {
            Writers::One => {
                self.put_in.store(self.put_in.load(Relaxed).wrapping_add(words), Relaxed);
            }
            Writers::Many => {
                self.put_in.fetch_add(words, Relaxed);
            }
        }
        if before <= CALL_AT && before + words > CALL_AT {
            collector::call();
        }
    }

    /// Takes all words away. Whoever does releases them in `memory` when they are read.
    pub(crate) fn take(&self, into: &mut Vec<Words>) {
        for boxed in &self.boxes {
            let mut inside = boxed.lock().unwrap_or_else(PoisonError::into_inner);
            let Pages { mut full, last } = std::mem::take(&mut *inside);
            drop(inside);
            if !last.is_empty() {
                full.push(Words::Plain(last));
            }
            for page in full {
                self.taken_out.fetch_add(page.count(), Relaxed);
                into.push(page);
            }
        }
    }

    /// Its thread has ended: it goes when it is empty.
    pub(crate) fn close(&self) {
        if let Bound::Process { credit } = &self.bound {
            memory::release(credit.swap(0, Relaxed));
        }
        self.closed.store(true, Relaxed);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }
}

/// All outboxes of the process.
static ALL: StdMutex<Vec<Arc<Outbox>>> = StdMutex::new(Vec::new());
/// For chunks that end where no thread's outbox can be reached any more.
static PROCESS: LazyLock<Arc<Outbox>> = LazyLock::new(|| Outbox::registered(Writers::Many));

impl Outbox {
    fn registered(writers: Writers) -> Arc<Self> {
        let bound = Bound::Process { credit: StdAtomicUsize::new(0) };
        let outbox = Arc::new(Self::new(bound, writers));
        ALL.lock().unwrap_or_else(PoisonError::into_inner).push(outbox.clone());
        outbox
    }

    /// A new thread's.
    pub(crate) fn of_thread() -> Arc<Self> {
        Self::registered(Writers::One)
    }

    /// The one for chunks without a thread.
    pub(crate) fn of_process() -> &'static Self {
        &PROCESS
    }

    /// All of them now; those whose thread has ended are left out from the next call on.
    pub(crate) fn all() -> Vec<Arc<Self>> {
        ALL.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets those that are closed and empty, and hands their counts to `keep`.
    pub(crate) fn forget_closed(mut keep: impl FnMut(&Counts)) {
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|outbox| {
            let gone = outbox.is_closed() && outbox.filled() == 0;
            if gone {
                keep(&outbox.counts);
            }
            !gone
        });
    }
}

/// The locks of this file, while the process forks.
#[cfg(all(unix, not(loom)))]
pub(crate) struct Held {
    all: MutexGuard<'static, Vec<Arc<Outbox>>>,
    boxes: [MutexGuard<'static, Pages>; 2],
}

#[cfg(all(unix, not(loom)))]
pub(crate) fn hold() -> Held {
    let process = Outbox::of_process();
    Held {
        all: ALL.lock().unwrap_or_else(PoisonError::into_inner),
        boxes: process
            .boxes
            .each_ref()
            .map(|boxed| boxed.lock().unwrap_or_else(PoisonError::into_inner)),
    }
}

#[cfg(all(unix, not(loom)))]
impl Held {
    /// In a forked child: the threads of the others are gone, and the parent sends what they left.
    pub(crate) fn begin_again(mut self) {
        let process = &*PROCESS;
        self.boxes.iter_mut().for_each(|pages| **pages = Pages::default());
        process.put_in.store(0, Relaxed);
        process.taken_out.store(0, Relaxed);
        process.counts.begin_again();
        self.all.clear();
        self.all.push(process.clone());
    }
}

#[cfg(all(test, loom))]
mod loom_models {
    use super::*;
    use loom::thread;

    fn one_span(word: u64) -> [u64; 1] {
        [word]
    }

    fn plain(pages: Vec<Words>) -> Vec<u64> {
        pages.into_iter().flat_map(Words::into_plain).collect()
    }

    #[test]
    fn loom_a_thread_always_finds_a_free_box() {
        loom::model(|| {
            let outbox = Arc::new(Outbox::new(Bound::Own(1 << 10), Writers::One));
            let collector = thread::spawn({
                let outbox = outbox.clone();
                move || {
                    let mut pages = Vec::new();
                    outbox.take(&mut pages);
                    plain(pages)
                }
            });
            for word in 1..=2 {
                outbox.commit(&Emission::waiting(&one_span(word), 1));
            }
            let mut all = collector.join().unwrap();
            let mut pages = Vec::new();
            outbox.take(&mut pages);
            all.extend(plain(pages));
            all.sort_unstable();
            assert_eq!(all, [1, 2], "nothing is lost, and nothing arrives twice");
            let (_, committed, dropped) = outbox.counts().read();
            assert_eq!((committed, dropped.iter().sum::<u64>()), (2, 0));
        });
    }

    #[test]
    fn loom_a_full_outbox_counts_what_it_refuses() {
        loom::model(|| {
            let outbox = Arc::new(Outbox::new(Bound::Own(1), Writers::One));
            let collector = thread::spawn({
                let outbox = outbox.clone();
                move || {
                    let mut pages = Vec::new();
                    outbox.take(&mut pages);
                    plain(pages).len() as u64
                }
            });
            for word in 1..=2 {
                outbox.commit(&Emission::waiting(&one_span(word), 1));
            }
            let taken = collector.join().unwrap();
            let mut pages = Vec::new();
            outbox.take(&mut pages);
            let (_, committed, dropped) = outbox.counts().read();
            assert_eq!(committed + dropped[Dropped::OutboxFull as usize], 2);
            assert_eq!(taken + plain(pages).len() as u64, committed);
        });
    }
}
