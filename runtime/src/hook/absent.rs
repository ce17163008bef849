//! No other library is there.

#![allow(clippy::unused_self, reason = "the other one needs it")]

use super::Look;
use crate::callsite::Callsite;
use crate::context::Remote;
use crate::id::SpanRef;
use crate::propagation::Baggage;
use crate::segment::shared::Shared;
use crate::segment::thread::Hot;

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Seen;

impl Seen {
    pub(crate) const NOTHING: Self = Self;

    pub(crate) fn to_word(self) -> u64 {
        0
    }

    pub(crate) fn of_word(_: u64) -> Self {
        Self
    }
}

/// There is none.
#[derive(Debug)]
pub(crate) enum Shown {}

impl Shown {
    pub(crate) fn clear(&mut self) {
        match *self {}
    }
}

#[derive(Default)]
pub(crate) struct Kept(());

impl Kept {
    pub(crate) fn forget(&mut self) {}
}

#[derive(Debug)]
pub(crate) struct Entered;

impl Entered {
    pub(crate) const NOTHING: Self = Self;

    #[inline(always)]
    pub(crate) fn leave(&mut self) {}
}

#[inline(always)]
pub(crate) fn is_installed() -> bool {
    false
}

#[inline(always)]
pub(crate) fn now() -> Seen {
    Seen
}

#[inline(always)]
pub(crate) fn has_moved(_: &Hot) -> bool {
    false
}

#[inline(always)]
pub(crate) fn wants_a_look(_: &Hot) -> bool {
    false
}

#[inline(always)]
pub(crate) fn look(_: &Hot) -> Look {
    Look::Ours
}

#[inline(always)]
pub(crate) fn show(_: &Hot) {}

#[inline(always)]
pub(crate) fn show_remote(_: &Hot, _: Option<&Remote>) {}

#[inline(always)]
pub(crate) fn hide(_: u32) {}

#[inline(always)]
pub(crate) fn enter_poll(
    _: impl FnOnce(&Hot) -> Option<&'static Callsite>,
    _: SpanRef,
    _: bool,
) -> Entered {
    Entered
}

#[inline(always)]
pub(crate) fn enter_lent() -> Entered {
    Entered
}

#[inline(always)]
pub(crate) fn forget_shown(_: &Hot, _: &Shared) {}

#[inline(always)]
pub(crate) fn attach(_: &Hot, _: &'static Callsite, _: SpanRef) {}

#[inline(always)]
pub(crate) fn detach(_: &Hot, _: SpanRef) {}

pub(crate) fn take_part() {}

/// Whether libraries that ask for the global provider of OpenTelemetry get ours.
#[cfg(feature = "init")]
pub(crate) fn takes_part() -> Option<bool> {
    None
}

#[inline(always)]
pub(crate) fn baggage() -> Option<Baggage> {
    None
}

#[inline(always)]
pub(crate) fn suppress() -> Entered {
    Entered
}
