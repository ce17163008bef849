//! A span ends.

use super::about::{add_outcome, say};
use super::guard::{self, Open};
use super::{root, stack};
use crate::callsite::{self, Callsite};
use crate::clock;
use crate::hook::{self, Seen};
use crate::id::SpanRef;
use crate::recorder::recorder;
use crate::segment::chunk::state;
use crate::segment::fold;
use crate::segment::record::{HEADER, Kind, Slot, flag, site_of};
use crate::segment::thread::{Hot, hot};

#[inline(always)]
pub(super) fn exit(open: Open, is_panicking: impl FnOnce() -> bool) {
    hot(|hot| {
        if hot.top.get() == open.span && !is_panicking() {
            open.slot.set_end(clock::counter());
            hot.top.set(open.slot.outer());
            return;
        }
        exit_otherwise(open);
    });
}

#[cold]
#[inline(never)]
fn exit_otherwise(open: Open) {
    if let Some(recorder) = recorder() {
        recorder.close(open);
    }
}

/// Ends a span that is a root, or not the innermost one, or left by a panic.
pub(crate) fn close_anyhow(open: Open, end: u64) {
    hot(|hot| {
        let is_panicking = std::thread::panicking();
        if hot.top.get().with_flag(guard::OWNS) == open.span && !is_panicking {
            // A root, and nothing else to do about it.
            open.slot.set_end(end);
            return stack::end_chunk(hot);
        }
        if is_panicking {
            add_outcome(hot, open.span, flag::PANICKED | flag::ERROR);
        }
        close_cold(hot, open.span, end);
    });
}

/// Not simply the innermost span: it carries flags, belongs to another chunk, or others inside it were
/// forgotten or are closed later.
#[cold]
#[inline(never)]
pub(crate) fn close_cold(hot: &Hot, guarded: SpanRef, end: u64) {
    let span = guarded.name();
    if hot.top.get().chunk() == span.chunk() {
        return close_here(hot, guarded, end);
    }
    // The chunk is below the current one, which must not be ended in its place.
    let ends = guarded.has(guard::OWNS);
    let within = SpanRef(guarded.0 & !guard::OWNS);
    if !stack::with_displaced(hot, span, ends, &|hot| close_here(hot, within, end)) {
        // Of whatever trace is current, this is none of its business.
        root::send_alone(Kind::End, span, end, 0);
        if ends {
            stack::await_return(hot, guarded, end);
        }
    }
}

/// Closes a span of the current chunk.
pub(crate) fn close_here(hot: &Hot, guarded: SpanRef, end: u64) {
    let position = guarded.position();
    if let Some(slot) = Slot::new(hot.block.get(), position).filter(|_| position >= HEADER) {
        if slot.end() == 0 && matches!(slot.kind(), Some(Kind::Span | Kind::Carried)) {
            slot.set_end(end);
            if guarded.has(guard::WATCHED) {
                compare_with_threshold(hot, slot, hot.top.get().at(position));
                hook::detach(hot, guarded);
            }
        }
        leave(hot, position, slot.parent());
        if guarded.has(guard::SCOPED) {
            leave_scope(hot, slot.parent());
        }
    }
    if guarded.has(guard::OWNS) {
        stack::end_chunk(hot);
    } else if guarded.has(guard::CROWDED) && hot.cursor() > position {
        fold::fold(hot, position);
    }
}

/// Leaves the scope that was made for one span, and knows again what it remembers.
fn leave_scope(hot: &Hot, position: usize) {
    let Some(scope) = Slot::new(hot.block.get(), position) else { return };
    leave(hot, position, scope.parent());
    hot.seen.set(Seen::of_word(scope.end()));
}

/// Makes `parent` the innermost position, if `position` is on the way from the innermost one outwards.
/// Spans inside of it whose guards were forgotten, or are dropped later, are passed over.
pub(crate) fn leave(hot: &Hot, position: usize, parent: usize) {
    let top = hot.top.get();
    let mut at = top.position();
    while at > position {
        match Slot::new(hot.block.get(), at) {
            Some(slot) if at >= HEADER => at = slot.parent(),
            _ => return,
        }
    }
    if at == position {
        hot.top.set(top.at(parent));
    }
}

/// Adds the note that a span took too long.
fn compare_with_threshold(hot: &Hot, slot: Slot<'_>, span: SpanRef) {
    if slot.kind() != Some(Kind::Span) || !slot.has(flag::WATCHED) {
        return;
    }
    let site = callsite::find(site_of(slot.head()));
    let threshold = site.map_or(0, Callsite::slow_ns);
    if threshold == 0 || clock::elapsed_ns(slot.start(), slot.end()) < threshold {
        return;
    }
    slot.add_flags(flag::SLOW);
    hot.add_state(state::SLOW);
    say(hot, Kind::Slow, span, threshold, 0, 0, &[]);
}
