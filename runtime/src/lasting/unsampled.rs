//! Segments that are not recorded: a future carries what such a one shares, and lends it to the thread at each poll.
//!
//! Whatever runs inside finds the segment current, writes nothing, and hands it on. No chunk is needed for that, and
//! nothing is exchanged.

use super::before::{Before, How};
use super::leave::recycle;
use super::{Lasting, Stage};
use crate::hook;
use crate::segment::shared::Shared;
use crate::segment::thread::{Hot, hot};
use crate::span::stack;
use crate::sync::modelled::Arc;

impl Lasting {
    /// Continues this segment, which is not recorded, and makes it current where nothing is.
    pub(super) fn continue_unsampled(&mut self, hot: &Hot, segment: Arc<Shared>) -> Before {
        self.hold_unsampled(segment);
        self.lend(hot).unwrap_or(Before::NOTHING)
    }

    /// Continues this segment, which is not recorded, as soon as it is entered.
    pub(crate) fn hold_unsampled(&mut self, segment: Arc<Shared>) {
        self.stage = Stage::Lent;
        self.span = segment.root();
        // No record is there: the header's position.
        self.top = self.span.at(0);
        self.home = Some(segment);
    }

    /// The first visit to a segment that is held.
    pub(crate) fn enter_held(&mut self) -> Before {
        hot(|hot| self.lend(hot)).unwrap_or(Before::NOTHING)
    }

    /// Takes back what a visit lent, if it did.
    #[inline]
    pub(crate) fn pause_lent(&mut self, before: Before) -> bool {
        let is_lent = before.how() == How::Bare;
        if is_lent {
            hot(|hot| self.take_back(hot, before));
        }
        is_lent
    }

    /// The same, and the span ends.
    #[inline]
    pub(crate) fn end_lent(&mut self, before: Before) -> bool {
        let is_lent = self.pause_lent(before);
        if is_lent {
            self.go_on_to(Stage::Off);
            if let Some(segment) = self.home.take() {
                recycle(segment);
            }
        }
        is_lent
    }

    /// Makes the segment current, if it is not recorded and nothing else is current.
    #[inline]
    pub(super) fn lend(&mut self, hot: &Hot) -> Option<Before> {
        if !matches!(self.stage, Stage::Lent) || !hot.is_idle() {
            return None;
        }
        let segment = self.home.take_if(|home| !home.is_recording())?;
        let header = segment.root().at(0);
        hot.lend_unsampled(segment, header);
        Some(Before { seen: hot.seen.get(), ..Before::new(How::Bare, header) })
    }

    /// Takes back what was lent.
    #[inline]
    pub(super) fn take_back(&mut self, hot: &Hot, before: Before) {
        let lent = before.outer();
        if hot.top.get().chunk() != lent.chunk() {
            stack::unwind_to(hot, lent);
        }
        if hot.top.get().chunk() == lent.chunk() {
            self.home = hot.take_back_unsampled();
            hot.seen.set(before.seen);
        }
    }

    /// The first poll, inside of a segment that is not recorded: of this future nothing is either.
    #[inline]
    pub(super) fn join_unsampled(&mut self, hot: &Hot) -> Option<Before> {
        let before = hot.top.get();
        let is_here = before.chunk() == self.top.chunk() && hot.is_plainly_unsampled();
        if !is_here || hook::has_moved(hot) {
            return None;
        }
        self.go_on_to(Stage::Lent);
        (self.span, self.top) = (before, before);
        Some(Before { seen: hot.seen.get(), ..Before::new(How::Position, before) })
    }

    /// The end of a future that was polled inside of a segment that is not recorded.
    #[inline]
    pub(super) fn leaves_unsampled(&mut self, before: Before) -> bool {
        let has_left = matches!(self.stage, Stage::Lent) && self.steps_out(before);
        if has_left {
            self.go_on_to(Stage::Off);
        }
        has_left
    }
}
