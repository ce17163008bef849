//! A section: a child span for a part of a traced function, which may last across `.await`.
//!
//! Outside of any trace it records nothing. A section never begins one: held across `.await` in a task that
//! nobody traces, it would stay current on a thread that has gone on to other work.

use crate::callsite::Callsite;
use crate::clock;
use crate::id::SpanRef;
use crate::recorder::recorder;
use crate::segment::record::{HEADER, Kind, Slot, flag};
use crate::segment::thread::{Hot, hot};
use crate::span::{close_cold, enter_with, name_of, root, send_end};
use crate::value::Value;

/// A part of a function that is timed until this is dropped.
///
/// Unlike the guard of a function it may be held across `.await`, and so move between threads: the future
/// around it remembers that it is inside.
#[must_use = "the section ends where this is dropped"]
#[derive(Debug)]
pub struct Section {
    span: SpanRef,
    /// What it hangs on, for a future that is polled elsewhere before the section ends.
    parent: SpanRef,
}

/// Opens a section.
#[inline]
pub fn section<'v, const N: usize>(
    site: &'static Callsite,
    values: impl FnOnce() -> [Value<'v>; N],
) -> Section {
    hot(|hot| {
        if !hot.is_recording() {
            return Section::none();
        }
        let parent = name_of(hot, hot.top.get());
        Section { span: enter_with(site, values).into_span(), parent }
    })
}

impl Section {
    /// A section that times nothing.
    #[inline]
    pub const fn none() -> Self {
        Self { span: SpanRef::NONE, parent: SpanRef::NONE }
    }
}

impl Drop for Section {
    #[inline]
    fn drop(&mut self) {
        if !self.span.is_none() {
            close(self.span, self.parent);
        }
    }
}

#[inline(never)]
fn close(span: SpanRef, parent: SpanRef) {
    if let Some(recorder) = recorder() {
        recorder.close_section(span, parent);
    }
}

/// Ends a section, wherever its thread or task is now.
pub(crate) fn close_anywhere(span: SpanRef, parent: SpanRef) {
    let end = clock::ticks();
    hot(|hot| {
        if hot.top.get().chunk() == span.chunk() || !hot.is_recording() {
            return close_cold(hot, span, end);
        }
        let Some(left) = around(hot, span.name(), parent) else {
            return close_cold(hot, span, end);
        };
        send_end(hot, span.name(), end, 0);
        hot.top.set(hot.top.get().at(left));
        if !stands_for(hot, left, parent) {
            root::push_scope(hot, parent, flag::POLLED);
        }
    });
}

/// Where a section that began in another chunk is left to: outside of the scope that stands for it; or, if
/// only scopes of other sections are left of its future, to the scope of what it hangs on.
fn around(hot: &Hot, span: SpanRef, parent: SpanRef) -> Option<usize> {
    let mut at = hot.top.get().position();
    let mut only_scopes = true;
    while at >= HEADER {
        let slot = Slot::new(hot.block.get(), at)?;
        if stands_for(hot, at, span) {
            return Some(slot.parent());
        }
        only_scopes &= slot.kind() == Some(Kind::Scope) && slot.has(flag::POLLED);
        if only_scopes && stands_for(hot, at, parent) {
            return Some(at);
        }
        at = slot.parent();
    }
    None
}

/// Whether a position is the scope of a future for this span. Scopes of contexts belong to who attached them.
fn stands_for(hot: &Hot, position: usize, span: SpanRef) -> bool {
    let slot = Slot::new(hot.block.get(), position).filter(|_| position >= HEADER);
    slot.is_some_and(|slot| {
        slot.kind() == Some(Kind::Scope) && slot.has(flag::POLLED) && slot.about() == span
    })
}
