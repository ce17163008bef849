//! Spans of other libraries in a segment of ours: they wait for its verdict, and follow it.
//!
//! They are parked beside the chunks that ended before the verdict, by the same protocol (see `shared`).

use crate::export::span::Span;
use crate::pipeline::foreign;
use crate::pipeline::outbox::{Dropped, Outbox};
use crate::sampling::{self, Decision};
use crate::segment::chunk::state;
use crate::segment::shared::{Route, Shared};
use crate::segment::thread::{Hot, hot};
use crate::sync::modelled::{Arc, fence};
use crate::sync::{SeqCst, thread_local};
use std::cell::Cell;

/// As many bytes, estimated, as one chunk may hold.
const MAX_BYTES: usize = 1 << 20;

/// Spans that wait for a verdict.
#[derive(Default)]
pub(super) struct Parked {
    #[allow(clippy::vec_box, reason = "they come boxed, and are moved once more at the end")]
    spans: Vec<Box<Span>>,
    bytes: usize,
}

impl Parked {
    /// About how many bytes they will be when they are sent.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes as u64
    }

    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.spans.len()).unwrap_or(u32::MAX)
    }
}

thread_local! {
    /// Boxes of spans that went with a verdict, for those to come.
    #[allow(clippy::vec_box, reason = "the boxes are what is kept")]
    static SPARE: Cell<Vec<Box<Span>>> = const { Cell::new(Vec::new()) };
}

/// So many of them are kept by a thread.
const SPARES: usize = 64;

/// A box for a span, with whatever its last one left in it: see [`recycle`].
pub(crate) fn spare() -> Option<Box<Span>> {
    SPARE
        .try_with(|spare| {
            let mut all = spare.take();
            let one = all.pop();
            spare.set(all);
            one
        })
        .ok()
        .flatten()
}

/// Keeps the boxes of spans that nobody will see, without what was said in them.
#[allow(clippy::vec_box, reason = "the boxes are what is kept")]
fn recycle(spans: Vec<Box<Span>>) {
    // Where the thread ends they just go.
    let _ = SPARE.try_with(move |spare| {
        let mut all = spare.take();
        for mut span in spans {
            if all.len() < SPARES && span.attributes.capacity() <= SPARES {
                span.attributes.clear();
                span.events = Vec::new();
                span.links = Vec::new();
                all.push(span);
            }
        }
        spare.set(all);
    });
}

impl Shared {
    /// A span of another library has ended.
    pub(crate) fn contribute_foreign(segment: &Arc<Self>, span: Box<Span>) {
        match segment.verdict() {
            Some(decision) if decision.is_kept() => {
                sampling::note_more(foreign::size(&span) as u64, Some(segment));
                segment.send_foreign(span, decision);
            }
            Some(_) => segment.count_foreign(Dropped::Sampled, 1),
            None => {
                // Where the root is at hand, it is this thread that decides, later.
                let decides = |hot: &Hot| hot.state.get() & state::ROOT != 0 && hot.is_in(segment);
                segment.park(span, hot(decides));
            }
        }
    }

    fn park(&self, span: Box<Span>, decides_later: bool) {
        let Some(mut waiting) = self.try_waiting() else {
            return self.count_foreign(Dropped::Contended, 1);
        };
        let bytes = foreign::size(&span);
        let parked = &mut waiting.foreign;
        let has_room = parked.bytes + bytes <= MAX_BYTES;
        if has_room {
            parked.bytes += bytes;
            parked.spans.push(span);
        }
        drop(waiting);
        if !has_room {
            return self.count_foreign(Dropped::SegmentFull, 1);
        }
        if decides_later {
            return;
        }
        // Pairs with the fence in `decide`.
        fence(SeqCst);
        if self.is_decided() {
            self.settle(self.outbox().unwrap_or_else(|| Outbox::of_process()));
        }
    }

    pub(super) fn settle_foreign(&self, parked: Parked, decision: Decision) {
        if decision.is_kept() {
            parked.spans.into_iter().for_each(|span| self.send_foreign(span, decision));
        } else {
            self.count_foreign(Dropped::Sampled, parked.count());
            recycle(parked.spans);
        }
    }

    fn send_foreign(&self, mut span: Box<Span>, decision: Decision) {
        span.trace_state = sampling::trace_state(self.trace_state(), decision.threshold()).shared();
        self.route().offer(*span);
    }

    fn count_foreign(&self, reason: Dropped, spans: u32) {
        if spans > 0 {
            let outbox = self.outbox().unwrap_or_else(|| Outbox::of_process());
            outbox.counts().created(spans);
            outbox.counts().dropped(reason, spans);
        }
    }
}

impl Route {
    /// Sends a finished span of another library.
    pub(crate) fn offer(&self, span: Span) {
        match self {
            Self::Process => {
                foreign::offer(span);
            }
            Self::Capture(capture) => capture.offer(span),
        }
    }
}
