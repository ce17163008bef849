use super::{Decision, Randomness, Route, Threshold, size};
use crate::callsite::{About, Callsite, find};
use crate::clock;
use crate::id::TraceId;
use crate::segment::block::Block;
use crate::segment::chunk::state;
use crate::segment::record::{HEADER, Header, RECORD, Slot, flag, site_of};
use std::fmt::{self, Debug};
use std::time::Duration;

/// A local root that ends, or a part of one that has run for very long.
#[derive(Clone)]
pub struct End {
    pub(super) block: Block,
    pub(super) bits: u32,
    /// How many words of it are written.
    pub(super) words: usize,
    /// About how many bytes of other chunks, and of other libraries, wait for the verdict.
    pub(super) waiting: u64,
    pub(super) randomness: Option<Randomness>,
}

impl End {
    fn root(&self) -> Option<Slot<'_>> {
        Slot::new(self.block, HEADER)
    }

    /// The trace it belongs to.
    pub fn trace_id(&self) -> TraceId {
        Header::of_block(self.block).map_or(TraceId::INVALID, |header| header.trace)
    }

    /// Whether it was sampled at the start.
    pub fn is_sampled(&self) -> bool {
        Header::is_sampled(self.block)
    }

    /// What every service decides by.
    pub fn randomness(&self) -> Randomness {
        self.randomness.unwrap_or_else(|| Randomness::of_trace(self.trace_id()))
    }

    /// The threshold by which it was sampled at the start, if that is known.
    pub fn threshold(&self) -> Option<Threshold> {
        Decision::of_block(self.block).threshold()
    }

    /// The place it began at.
    pub fn place(&self) -> Option<&'static About> {
        find(site_of(self.root()?.head())).map(Callsite::about)
    }

    /// The route of the request that it answers, if its root began with one.
    pub fn route(&self) -> Option<Route> {
        let (place, root) = (self.place()?, self.root()?);
        Route::of_record(place, self.block.get(HEADER + RECORD..HEADER + root.length())?)
    }

    /// Whether it continues a span of another process.
    pub fn is_joined(&self) -> bool {
        Header::of_block(self.block).is_some_and(|header| header.parent_is_remote)
    }

    /// About how many bytes it will be when it is sent, before they are compressed.
    pub fn bytes(&self) -> u64 {
        size::bytes_of(self.words) + self.waiting
    }

    /// How long it took; so far, if it has not ended.
    pub fn duration(&self) -> Duration {
        let Some(root) = self.root() else { return Duration::ZERO };
        let until = if root.end() == 0 { clock::ticks() } else { root.end() };
        Duration::from_nanos(clock::elapsed_ns(root.start(), until))
    }

    /// Whether it has ended; otherwise it is judged in parts.
    pub fn is_finished(&self) -> bool {
        self.root().is_some_and(|root| root.end() != 0)
    }

    /// Whether the root itself failed.
    pub fn is_failed(&self) -> bool {
        self.root().is_some_and(|root| root.has(flag::ERROR) && !root.has(flag::OK))
    }

    /// Whether any span of it failed, the root included.
    pub fn has_error(&self) -> bool {
        self.bits & state::ERROR != 0
    }

    /// Whether something in it had not happened for ten minutes.
    pub fn has_rare(&self) -> bool {
        self.bits & state::RARE != 0
    }

    /// Whether somebody asked to [keep](crate::keep!) it.
    pub fn is_forced(&self) -> bool {
        self.bits & state::KEEP != 0
    }

    /// Whether any span of it took longer than its place allows.
    pub fn has_slow(&self) -> bool {
        self.bits & state::SLOW != 0
    }
}

impl Debug for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("End")
            .field("trace_id", &self.trace_id())
            .field("is_sampled", &self.is_sampled())
            .field("is_finished", &self.is_finished())
            .field("is_failed", &self.is_failed())
            .field("has_error", &self.has_error())
            .field("has_slow", &self.has_slow())
            .finish_non_exhaustive()
    }
}
