//! Spans of other libraries in a segment of ours: they wait for its verdict, and follow it.
//!
//! They are parked beside the chunks that ended before the verdict, by the same protocol (see `shared`).

use crate::export::span::Span;
use crate::pipeline::foreign;
use crate::pipeline::outbox::{Dropped, Outbox};
use crate::sampling::{self, Decision};
use crate::segment::shared::{Route, Shared};
use crate::sync::SeqCst;
use crate::sync::modelled::fence;

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
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.spans.len()).unwrap_or(u32::MAX)
    }
}

impl Shared {
    /// A span of another library has ended.
    #[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "there are no others"))]
    pub(crate) fn contribute_foreign(&self, span: Box<Span>) {
        match self.verdict() {
            Some(decision) if decision.is_kept() => self.send_foreign(span, decision),
            Some(_) => self.count_foreign(Dropped::Sampled, 1),
            None => self.park(span),
        }
    }

    fn park(&self, span: Box<Span>) {
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
