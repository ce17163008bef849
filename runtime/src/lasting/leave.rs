//! The span is put aside until its next poll, or ends.

use super::before::{Before, How};
use super::{Lasting, Stage, name_or_root};
use crate::clock;
use crate::hook;
use crate::id::SpanRef;
use crate::recorder::recorder;
use crate::segment::chunk::mark_handed_off_at;
use crate::segment::record::{HEADER, Kind, RECORD, Slot};
use crate::segment::shared::Shared;
use crate::segment::thread::{Hot, hot};
use crate::span::{self, stack};
use crate::sync::modelled::Arc;

impl Lasting {
    /// Takes the span back out of the thread, to be polled again.
    #[inline(always)]
    pub(crate) fn pause(&mut self, before: Before) {
        if !self.steps_out(before) && !matches!(self.stage, Stage::Off) {
            self.pause_otherwise(before);
        }
    }

    /// Makes what was innermost before a poll the innermost again, where there is no more to it.
    #[inline(always)]
    pub(super) fn steps_out(&self, before: Before) -> bool {
        hot(|hot| {
            let is_plain = hot.top.get() == self.top && before.at.is_beside(self.top);
            if is_plain {
                hot.top.set(before.at);
                hot.seen.set(before.seen);
            }
            is_plain
        })
    }

    #[inline(never)]
    fn pause_otherwise(&mut self, before: Before) {
        if let Some(recorder) = recorder() {
            recorder.pause(self, before);
        }
    }

    pub(crate) fn pause_anywhere(&mut self, before: Before) {
        hot(|hot| match before.how() {
            How::Nothing => {
                if let Stage::Attached(surrounding) = &mut self.stage {
                    surrounding.leave();
                }
            }
            How::Chunk => {
                Self::back_to_own(hot, before.outer());
                if let Some(own) = self.own() {
                    hot.swap(own);
                    stack::end_awaited(hot);
                }
            }
            How::Bare => self.take_back(hot, before),
            How::Scope | How::Position => {
                if hot.top.get().chunk() != before.outer().chunk() {
                    stack::unwind_to(hot, before.outer());
                }
                if hot.top.get().chunk() == before.outer().chunk() {
                    // A section that was opened during the poll and is still open; by its name, because the
                    // next poll may be in another chunk.
                    let top = hot.top.get();
                    let named = name_or_root(hot, top);
                    self.top = if named == top.name() { top } else { named };
                }
                restore(hot, before);
            }
        });
    }

    /// Roots that were opened during the poll and are still open end here.
    fn back_to_own(hot: &Hot, inside: SpanRef) {
        if hot.top.get().chunk() != inside.chunk() {
            stack::unwind_to(hot, inside);
        }
    }

    /// Ends the span, which is current.
    #[inline(always)]
    pub(crate) fn end(&mut self, before: Before, flags: u64) {
        if flags != 0 || !(self.ends_here(before) || self.leaves_unsampled(before)) {
            self.end_otherwise(before, flags);
        }
    }

    #[inline(never)]
    fn end_otherwise(&mut self, before: Before, flags: u64) {
        if let Some(recorder) = recorder() {
            recorder.end(self, before, flags);
        }
    }

    #[inline(always)]
    fn ends_here(&mut self, before: Before) -> bool {
        let Stage::Live(slot) = self.stage else { return false };
        // A guard's flags make the two differ, as do chunks that were cut, grown or left in between.
        let is_plain = hot(|hot| {
            let is_plain = hot.top.get() == self.span && before.at.is_beside(self.span);
            if is_plain {
                slot.set_end(clock::counter());
                hot.top.set(before.at);
                hot.seen.set(before.seen);
            }
            is_plain
        });
        if is_plain {
            self.go_on_to(Stage::Off);
        }
        is_plain
    }

    /// Leaves a stage that owns nothing, without asking whether it does.
    #[inline]
    pub(super) fn go_on_to(&mut self, next: Stage) {
        let before = std::mem::replace(&mut self.stage, next);
        debug_assert!(
            matches!(before, Stage::New(_) | Stage::Live(_) | Stage::Lent),
            "it owns nothing"
        );
        std::mem::forget(before);
    }

    pub(crate) fn end_anywhere(&mut self, before: Before, flags: u64) {
        if let Stage::Attached(surrounding) = &mut self.stage {
            // It is current again while what was polled is dropped.
            return surrounding.leave();
        }
        hot(|hot| {
            if matches!(self.stage, Stage::Live(_) | Stage::Visited | Stage::Owner(_)) {
                self.close(hot, flags);
            }
            match before.how() {
                How::Nothing => {}
                How::Bare => self.take_back(hot, before),
                How::Position | How::Scope => restore(hot, before),
                How::Chunk => {
                    Self::back_to_own(hot, before.outer());
                    if let Stage::Owner(mut own) | Stage::LentOwner(mut own) =
                        std::mem::replace(&mut self.stage, Stage::Off)
                    {
                        hot.swap(&mut own);
                        stack::end_unseen(own);
                        stack::end_awaited(hot);
                    }
                }
            }
        });
        self.stage = Stage::Off;
        if let Some(home) = self.home.take() {
            recycle(home);
        }
    }

    fn close(&self, hot: &Hot, flags: u64) {
        let end = clock::ticks();
        let span = self.span.name();
        if flags != 0 {
            span::add_outcome(hot, span, flags);
        }
        if hot.top.get().chunk() == span.chunk() {
            if matches!(self.stage, Stage::Visited) {
                mark_handed_off_at(hot, span.position());
            }
            span::close_here(hot, self.span, end);
        } else {
            span::send_end(hot, span, end, 0);
        }
    }
}

/// Of a segment that is not recorded, this may be all that there was.
#[inline]
pub(super) fn recycle(segment: Arc<Shared>) {
    if !segment.is_recording() {
        let _held = hot(|hot| {
            hook::forget_shown(hot, &segment);
            hot.recycle_shared(segment)
        });
    }
}

/// Makes what was innermost before a poll the innermost again.
fn restore(hot: &Hot, before: Before) {
    let outer = before.outer();
    if hot.top.get().chunk() != outer.chunk() {
        stack::unwind_to(hot, outer);
    }
    let top = hot.top.get();
    if top.chunk() == outer.chunk() {
        drop_empty_scopes(hot, outer);
        hot.top.set(top.at(outer.position()));
        hot.seen.set(before.seen);
    }
}

/// Scopes that nothing was recorded under are taken back.
fn drop_empty_scopes(hot: &Hot, outer: SpanRef) {
    let mut at = hot.top.get().position();
    while at > outer.position() && at >= HEADER {
        let Some(slot) = Slot::new(hot.block.get(), at) else { return };
        if slot.kind() != Some(Kind::Scope) || hot.cursor() != at + RECORD {
            return;
        }
        hot.set_cursor(at);
        at = slot.parent();
    }
}
