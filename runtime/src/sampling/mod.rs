//! Which traces are worth keeping.
//!
//! A [`Sampler`] is asked twice: at the local root's start, whether the trace is sampled and whether it is
//! recorded at all ([`Sampler::start`]), and at the root's end, whether what was recorded is kept
//! ([`Sampler::end`]). The standard samplers of OpenTelemetry answer at the start: [`AlwaysOn`],
//! [`AlwaysOff`], [`TraceIdRatio`], [`ParentBased`].

mod always;
mod parent_based;
mod ratio;

pub use always::{AlwaysOff, AlwaysOn};
pub use parent_based::ParentBased;
pub use ratio::TraceIdRatio;

use crate::callsite::{About, Callsite, find};
use crate::clock;
use crate::id::TraceId;
use crate::pipeline::install;
use crate::segment::block::Block;
use crate::segment::chunk::state;
use crate::segment::record::{HEADER, Header, Slot, flag, site_of};
use crate::segment::shared::Route;
use crate::segment::thread::hot;
use std::fmt::{self, Debug};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Decides which traces are recorded, and which of those are kept.
pub trait Sampler: Debug + Send + Sync + 'static {
    /// A local root begins.
    fn start(&self, root: &Start) -> Head;

    /// It ends. What [`Sampler::start`] called sampled is kept, unless this says otherwise.
    fn end(&self, root: &End) -> Verdict {
        followed(root)
    }
}

/// A local root that begins.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Start {
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// What it continues, if anything.
    pub parent: Option<Parent>,
    /// The place it begins at.
    pub place: &'static About,
}

/// What a local root continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parent {
    /// Whether it came from another process.
    pub is_remote: bool,
    /// Whether it says that the trace is sampled.
    pub is_sampled: bool,
}

impl Start {
    /// For tests of your own samplers.
    pub fn new(trace_id: TraceId, place: &'static About) -> Self {
        Self { trace_id, parent: None, place }
    }

    /// The same, continuing something.
    #[must_use]
    pub fn with_parent(mut self, is_remote: bool, is_sampled: bool) -> Self {
        self.parent = Some(Parent { is_remote, is_sampled });
        self
    }
}

/// What is decided at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whether the trace is sampled; goes out with every request and is not changed later.
    pub sampled: bool,
    /// Whether it is recorded, so that the end can still keep it.
    pub recorded: bool,
}

impl Head {
    /// Sampled, and so recorded.
    pub const SAMPLED: Self = Self { sampled: true, recorded: true };
    /// Neither: nothing of the trace is written down.
    pub const OFF: Self = Self { sampled: false, recorded: false };
    /// Not sampled, but recorded: the end decides.
    pub const UNTIL_END: Self = Self { sampled: false, recorded: true };
}

/// A local root that ends, or a part of one that has run for very long.
///
/// A trace that somebody asked to [keep](crate::keep!) is kept without asking.
#[derive(Clone)]
pub struct End {
    block: Block,
    bits: u32,
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

    /// The place it began at.
    pub fn place(&self) -> Option<&'static About> {
        find(site_of(self.root()?.head())).map(Callsite::about)
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

/// What is decided at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The trace goes out.
    Keep,
    /// It is forgotten.
    Drop,
}

/// What was sampled at the start is kept.
fn followed(end: &End) -> Verdict {
    if end.is_sampled() { Verdict::Keep } else { Verdict::Drop }
}

/// Asks the sampler of a route about a root that begins; nobody listens where there is none.
pub(crate) fn head(start: &Start, route: &Route) -> Option<Head> {
    match route {
        Route::Capture(capture) => Some(guarded_head(capture.sampler(), start)),
        Route::Process => install::sampler().map(|sampler| guarded_head(sampler, start)),
    }
}

/// A sampler that panics has decided nothing: the trace is not recorded.
fn guarded_head(sampler: &dyn Sampler, start: &Start) -> Head {
    let ask = || catch_unwind(AssertUnwindSafe(|| sampler.start(start)));
    hot(|hot| hot.undisturbed(ask)).unwrap_or(Head::OFF)
}

/// Asks the sampler of a route about the root that stands in this block.
pub(crate) fn judge(block: Block, bits: u32, route: &Route) -> Option<Verdict> {
    if bits & state::KEEP != 0 {
        return Some(Verdict::Keep);
    }
    let end = End { block, bits };
    let sampler = match route {
        Route::Capture(capture) => capture.sampler(),
        Route::Process => install::sampler()?,
    };
    // A sampler that panics has decided nothing: what it called sampled stays so.
    let ask = || catch_unwind(AssertUnwindSafe(|| sampler.end(&end)));
    Some(hot(|hot| hot.undisturbed(ask)).unwrap_or(followed(&end)))
}
