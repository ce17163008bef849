//! What the chunks of one segment share: the verdict, and those that wait for it.
//!
//! Most segments never need this. It is made when a segment is first continued elsewhere, by a future that
//! may move or a context that is handed on, and lives as long as anybody can still contribute.
//!
//! The verdict falls when the local root ends. Chunks that end before it are parked here under a lock that
//! is only ever tried. The two sides meet like this: a contributor parks its words, gives the lock back,
//! and then looks at the verdict again; the root stores its verdict and then tries the lock. A fence between
//! the two steps on either side makes sure that at least one of them sees the other, and that one settles.

use crate::callsite::{Callsite, find};
use crate::context::{Remote, remote};
#[cfg(feature = "otel")]
use crate::id::SpanId;
use crate::id::{SpanRef, TraceId};
use crate::pipeline::outbox::{Dropped, Outbox};
use crate::propagation::{Baggage, TraceState};
use crate::sampling::{self, Decision, Randomness, Start};
use crate::segment::block::{Block, MAX_WORDS};
use crate::segment::cap;
use crate::segment::foreign::Parked;
use crate::segment::part::Emission;
use crate::segment::record::{HEADER, Header, Slot, site_of};
use crate::sync::modelled::{Arc, AtomicU32, AtomicU64, Mutex, MutexGuard, fence};
use crate::sync::{Acquire, PoisonError, Relaxed, Release, SeqCst};
use crate::test::Capture;

/// Where a segment goes when it is kept.
#[derive(Clone, Default)]
pub(crate) enum Route {
    /// To the pipeline of the process.
    #[default]
    Process,
    /// To a capture of somebody's test.
    Capture(Arc<Capture>),
}

/// What the chunks of one segment share.
pub(crate) struct Shared {
    header: Header,
    /// The local root, by its own reference; where nothing of the segment is to be known but its ids, an
    /// [untold](SpanRef::untold) one.
    root: SpanRef,
    root_site: Option<&'static Callsite>,
    brought: Brought,
    route: Route,
    recording: bool,
    /// A [`Decision`]; open until it falls.
    verdict: AtomicU64,
    /// The marks of chunks that ended before the verdict.
    marks: AtomicU32,
    /// The spans of those chunks, and of later ones.
    spans: AtomicU32,
    /// Spans elsewhere that are not told by any record.
    omitted: AtomicU32,
    waiting: Mutex<Waiting>,
}

/// What came along with what the segment continues, to be passed on.
#[derive(Clone, Default, Debug)]
pub(crate) struct Brought {
    pub(crate) trace_state: TraceState,
    pub(crate) baggage: Baggage,
    pub(crate) is_debug: bool,
    /// What samplers decide by, where that is not what the trace's id says.
    pub(crate) randomness: Option<Randomness>,
}

impl Brought {
    pub(crate) fn of(parent: &Remote, start: Start) -> Self {
        let own = Randomness::of_trace(start.trace_id);
        Self {
            randomness: Some(start.randomness).filter(|randomness| *randomness != own),
            trace_state: start.trace_state,
            baggage: parent.baggage.clone(),
            is_debug: parent.has(remote::DEBUG),
        }
    }

    /// Whether it is what nearly all segments have.
    pub(crate) fn is_ordinary(&self) -> bool {
        self.is_nothing() && self.randomness.is_none()
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.trace_state.is_empty() && self.baggage.is_empty() && !self.is_debug
    }
}

/// Chunks that ended before the verdict, one behind the other.
#[derive(Default)]
pub(super) struct Waiting {
    words: Vec<u64>,
    spans: u32,
    /// Spans of other libraries.
    pub(super) foreign: Parked,
}

/// As much as one chunk may hold.
const MAX_WAITING: usize = MAX_WORDS;
/// How often a contributor tries the lock; whoever holds it copies a few words and leaves.
const TRIES: usize = if cfg!(loom) { 1 } else { 128 };

impl Shared {
    pub(crate) fn new(header: Header, recording: bool, route: Route) -> Self {
        Self {
            header,
            root: header.chunk.at(HEADER),
            root_site: None,
            brought: Brought::default(),
            route,
            recording,
            verdict: AtomicU64::new(Decision::OPEN.to_bits()),
            marks: AtomicU32::new(0),
            spans: AtomicU32::new(0),
            omitted: AtomicU32::new(0),
            waiting: Mutex::new(Waiting::default()),
        }
    }

    /// For a segment that is not recorded, by what an earlier one had, if that is at hand.
    #[inline]
    pub(crate) fn unsampled(
        header: Header,
        brought: Brought,
        spare: Option<Arc<Self>>,
    ) -> Arc<Self> {
        if brought.is_ordinary() {
            return Self::again(spare, header, header.chunk.untold(), false);
        }
        let mut shared = Self::again(spare, header, header.chunk.at(HEADER), false);
        if let Some(shared) = Arc::get_mut(&mut shared) {
            shared.brought = brought;
        }
        shared
    }

    /// For what is known to be [untold](SpanRef::is_untold) by its ids, which are all that there is to know.
    #[cfg(feature = "otel")]
    pub(crate) fn untold(trace: TraceId, root: SpanRef, random: bool) -> Arc<Self> {
        let header = Header {
            trace,
            parent: SpanId::INVALID,
            parent_is_remote: false,
            sampled: false,
            random,
            decision: Decision::OPEN,
            chunk: root,
        };
        Self::again(None, header, root, false)
    }

    /// What an earlier segment of the process had, for another one; see [`Self::forget`].
    #[inline(always)]
    fn again(
        spare: Option<Arc<Self>>,
        header: Header,
        root: SpanRef,
        recording: bool,
    ) -> Arc<Self> {
        if let Some(mut spare) = spare {
            if let Some(shared) = Arc::get_mut(&mut spare) {
                (shared.header, shared.root) = (header, root);
                shared.recording = recording;
                return spare;
            }
        }
        let mut shared = Self::new(header, recording, Route::Process);
        shared.root = root;
        Arc::new(shared)
    }

    /// Forgets a segment that nobody else holds any more, so that another one can have this; not where more would have
    /// to be forgotten than is worth while.
    #[inline]
    pub(crate) fn forget(&mut self) -> bool {
        if !self.waits_for_nothing() {
            return false;
        }
        // All of it by name, so that what is added is not forgotten here.
        let Self {
            header: _,
            root: _,
            recording: _,
            waiting: _,
            root_site,
            brought,
            route,
            verdict,
            marks,
            spans,
            omitted,
        } = self;
        if !brought.is_ordinary() {
            *brought = Brought::default();
        }
        *root_site = None;
        *verdict = AtomicU64::new(Decision::OPEN.to_bits());
        for count in [marks, spans, omitted] {
            *count = AtomicU32::new(0);
        }
        matches!(route, Route::Process)
    }

    /// Whether no chunk, and no span of another library, waits for the verdict of a segment that nobody else holds.
    #[inline]
    pub(crate) fn waits_for_nothing(&mut self) -> bool {
        let waiting = self.waiting.get_mut();
        waiting.is_ok_and(|waiting| waiting.words.is_empty() && waiting.foreign.count() == 0)
    }

    /// For a segment that is recorded, and whose root is of this place.
    pub(crate) fn recorded(
        header: Header,
        root_site: &'static Callsite,
        spare: Option<Arc<Self>>,
    ) -> Arc<Self> {
        let mut shared = Self::again(spare, header, header.chunk.at(HEADER), true);
        if let Some(shared) = Arc::get_mut(&mut shared) {
            shared.root_site = Some(root_site);
        }
        shared
    }

    /// For the segment whose root is written in this block.
    pub(crate) fn of_block(
        block: Block,
        recording: bool,
        spare: impl FnOnce() -> Option<Arc<Self>>,
    ) -> Option<Arc<Self>> {
        let header = Header::of_block(block)?;
        let mut shared = Self::again(spare(), header, header.chunk.at(HEADER), recording);
        if let Some(shared) = Arc::get_mut(&mut shared) {
            shared.root_site = Slot::new(block, HEADER).and_then(|root| find(site_of(root.head())));
        }
        Some(shared)
    }

    /// The same for a segment that something came along with.
    pub(crate) fn bringing(mut self, brought: Brought) -> Self {
        self.brought = brought;
        self
    }

    pub(crate) fn trace_state(&self) -> &TraceState {
        &self.brought.trace_state
    }

    /// The same with the threshold that the trace was sampled by, as it goes out with requests.
    pub(crate) fn outgoing(&self) -> TraceState {
        let threshold = self.header.decision.threshold();
        // Asked for each request, and mostly this.
        if self.trace_state().is_empty() && threshold.is_none() {
            return TraceState::EMPTY;
        }
        sampling::trace_state(self.trace_state(), threshold)
    }

    pub(crate) fn brought(&self) -> &Brought {
        &self.brought
    }

    pub(crate) fn baggage(&self) -> &Baggage {
        &self.brought.baggage
    }

    pub(crate) fn is_debug(&self) -> bool {
        self.brought.is_debug
    }

    pub(crate) fn header(&self) -> Header {
        self.header
    }

    pub(crate) fn trace(&self) -> TraceId {
        self.header.trace
    }

    pub(crate) fn root(&self) -> SpanRef {
        self.root
    }

    /// Whether its ids are all that there is to know of it, and say so: it is not recorded, and brought nothing.
    #[cfg(feature = "otel")]
    pub(crate) fn is_untold(&self) -> bool {
        self.root.position() < HEADER
    }

    pub(crate) fn is_recording(&self) -> bool {
        self.recording
    }

    pub(crate) fn route(&self) -> &Route {
        &self.route
    }

    /// The outbox of a segment that does not go through its thread's.
    pub(crate) fn outbox(&self) -> Option<&Outbox> {
        match &self.route {
            Route::Process => None,
            Route::Capture(capture) => Some(capture.outbox()),
        }
    }

    /// What was decided, if anything was.
    pub(crate) fn verdict(&self) -> Option<Decision> {
        // Acquire: pairs with the Release in `decide`, so that what the root did before is visible.
        let decision = Decision::from_bits(self.verdict.load(Acquire));
        (decision != Decision::OPEN).then_some(decision)
    }

    /// What samplers decide by, where that is not what the trace's id says.
    pub(crate) fn randomness(&self) -> Option<Randomness> {
        self.brought.randomness
    }

    /// Notes something that the verdict looks at.
    pub(crate) fn mark(&self, marks: u32) {
        self.marks.fetch_or(marks, Relaxed);
    }

    /// What chunks elsewhere noticed so far.
    pub(crate) fn marks(&self) -> u32 {
        self.marks.load(Relaxed)
    }

    /// How many spans elsewhere are not told by any record so far.
    pub(super) fn omitted(&self) -> u32 {
        self.omitted.load(Relaxed)
    }

    /// A chunk that cannot be taken is counted, also on the local root if that is still open.
    fn omit(&self, chunk: &Emission<'_>, why: Dropped, outbox: &Outbox) {
        self.omitted.fetch_add(chunk.spans(), Relaxed);
        outbox.counts().dropped(why, chunk.spans());
    }

    /// A chunk that is not the root's ended.
    pub(crate) fn contribute(&self, chunk: Emission<'_>, marks: u32, outbox: &Outbox) {
        self.mark(marks);
        if self.spans.fetch_add(chunk.spans(), Relaxed) >= cap::of_others(&self.route) {
            return self.omit(&chunk, Dropped::SpanCap, outbox);
        }
        match self.verdict() {
            Some(decision) if decision.is_kept() => {
                sampling::note_more(sampling::bytes_of(chunk.words()), Some(self));
                outbox.commit(&chunk.decided(decision));
            }
            Some(_) => outbox.counts().dropped(Dropped::Sampled, chunk.spans()),
            None => {
                if chunk.omitted() > 0 {
                    self.omitted.fetch_add(chunk.omitted(), Relaxed);
                }
                self.wait(&chunk.omitting(0), outbox);
            }
        }
    }

    fn wait(&self, chunk: &Emission<'_>, outbox: &Outbox) {
        let Some(mut waiting) = self.try_waiting() else {
            return self.omit(chunk, Dropped::Contended, outbox);
        };
        if waiting.words.len() + chunk.words() > MAX_WAITING {
            self.omit(chunk, Dropped::SegmentFull, outbox);
        } else {
            chunk.append_to(&mut waiting.words);
            waiting.spans += chunk.spans();
        }
        drop(waiting);
        // Pairs with the fence in `decide`.
        fence(SeqCst);
        if self.is_decided() {
            self.settle(outbox);
        }
    }

    pub(super) fn is_decided(&self) -> bool {
        self.verdict.load(Relaxed) != Decision::OPEN.to_bits()
    }

    pub(super) fn try_waiting(&self) -> Option<MutexGuard<'_, Waiting>> {
        for _ in 0..TRIES {
            if let Ok(waiting) = self.waiting.try_lock() {
                return Some(waiting);
            }
            std::hint::spin_loop();
        }
        // Tests can wait, and must not lose what they look at.
        let is_patient = matches!(self.route, Route::Capture(_));
        is_patient.then(|| self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// About how many bytes wait for the verdict.
    pub(crate) fn waiting_bytes(&self) -> u64 {
        self.waiting
            .try_lock()
            .map_or(0, |waiting| sampling::bytes_of(waiting.words.len()) + waiting.foreign.bytes())
    }

    /// The root has ended, or was judged on what it had.
    pub(crate) fn decide(&self, decision: Decision, outbox: &Outbox) {
        // Release: pairs with the Acquire in `verdict`.
        self.verdict.store(decision.to_bits(), Release);
        // Pairs with the fence in `wait`.
        fence(SeqCst);
        self.settle(outbox);
    }

    /// Sends or drops what waits, unless somebody is adding to it, who will then do it.
    pub(super) fn settle(&self, outbox: &Outbox) {
        let Ok(mut waiting) = self.waiting.try_lock() else { return };
        let Waiting { words, spans, foreign } = std::mem::take(&mut *waiting);
        drop(waiting);
        let decision = Decision::from_bits(self.verdict.load(Relaxed));
        self.settle_foreign(foreign, decision);
        if decision.is_kept() {
            outbox.commit(&Emission::waiting(&words, spans).decided(decision));
        } else {
            outbox.counts().dropped(Dropped::Sampled, spans);
        }
    }
}

impl Drop for Shared {
    /// The last one leaves. A segment without a verdict then had a root that was lost, not dropped.
    fn drop(&mut self) {
        let counted =
            self.waiting.try_lock().map(|waiting| (waiting.spans, waiting.foreign.count()));
        let (spans, foreign) = counted.unwrap_or_default();
        if spans + foreign > 0 {
            let outbox = self.outbox().unwrap_or_else(|| Outbox::of_process());
            outbox.counts().created(foreign);
            outbox.counts().dropped(Dropped::Teardown, spans + foreign);
        }
    }
}

#[cfg(all(test, loom))]
mod loom_models {
    use super::*;
    use crate::id::SpanId;
    use crate::pipeline::compact::Words;
    use crate::pipeline::outbox::{Bound, Writers};
    use crate::sampling::Verdict;
    use loom::thread;

    fn segment() -> Arc<Shared> {
        let header = Header {
            trace: TraceId::from_u128(1),
            parent: SpanId::INVALID,
            parent_is_remote: false,
            sampled: true,
            decision: Decision::OPEN,
            random: true,
            chunk: SpanRef(1 << 20),
        };
        Arc::new(Shared::new(header, true, Route::Process))
    }

    fn outbox() -> Arc<Outbox> {
        Arc::new(Outbox::new(Bound::Own(1 << 10), Writers::Many))
    }

    /// `children` chunks end on threads of their own while the root decides.
    fn race(verdict: Verdict, children: u64) {
        let decision = Decision::of_verdict(verdict);
        let mut model = loom::model::Builder::new();
        // Three threads have too many orders to try all; two changes of mind find what a race would need.
        model.preemption_bound = if children > 1 { Some(2) } else { None };
        model.check(move || {
            let (segment, outbox) = (segment(), outbox());
            let threads: Vec<_> = (1..=children)
                .map(|word| {
                    let (segment, outbox) = (segment.clone(), outbox.clone());
                    thread::spawn(move || {
                        segment.contribute(Emission::waiting(&[word], 1), 0, &outbox);
                    })
                })
                .collect();
            segment.decide(decision, &outbox);
            threads.into_iter().for_each(|thread| thread.join().unwrap());

            let mut pages = Vec::new();
            outbox.take(&mut pages);
            let arrived: Vec<_> = pages.into_iter().flat_map(Words::into_plain).collect();
            let (_, committed, dropped) = outbox.counts().read();
            let lost: u64 = dropped.iter().sum();
            assert_eq!(committed + lost, children, "each is sent or counted, once");
            assert_eq!(arrived.len() as u64, committed);
            let waiting = segment.waiting.try_lock().unwrap().words.len();
            assert_eq!(waiting, 0, "nobody is left behind");
            match verdict {
                Verdict::Drop => assert_eq!(committed, 0),
                _ => assert_eq!(lost, dropped[Dropped::Contended as usize]),
            }
        });
    }

    #[test]
    fn loom_a_child_that_ends_while_the_root_decides_is_sent() {
        race(Verdict::Keep, 1);
    }

    #[test]
    fn loom_a_child_that_ends_while_the_root_decides_is_dropped() {
        race(Verdict::Drop, 1);
    }

    #[test]
    fn loom_two_children_and_a_root_leave_nobody_behind() {
        race(Verdict::Keep, 2);
    }

    #[test]
    fn loom_the_marks_of_a_child_that_ended_before_are_seen() {
        loom::model(|| {
            let (segment, outbox) = (segment(), outbox());
            let child = thread::spawn({
                let (segment, outbox) = (segment.clone(), outbox.clone());
                move || segment.contribute(Emission::waiting(&[1], 1), 8, &outbox)
            });
            child.join().unwrap();
            assert_eq!(segment.marks(), 8);
            segment.decide(Decision::of_verdict(Verdict::Keep), &outbox);
        });
    }
}
