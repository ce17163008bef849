//! Which traces are worth keeping.
//!
//! A [`Sampler`] is asked twice: at the local root's start, whether the trace is sampled and whether it is
//! recorded at all ([`Sampler::start`]), and at the root's end, whether what was recorded is kept
//! ([`Sampler::end`]). The standard samplers of OpenTelemetry answer at the start: [`AlwaysOn`],
//! [`AlwaysOff`], [`TraceIdRatio`], [`ParentBased`].
//!
//! What is kept says how many traces it stands for, by the [`Threshold`] that its [`Randomness`] reached. What
//! is kept for another reason, although the start decided against it, stands for itself alone and is marked
//! as partial: other services may not have kept their part.

mod adaptive;
mod always;
mod consistent;
mod decision;
mod end;
pub(crate) mod left_out;
mod parent_based;
pub(crate) mod place;
mod ratio;
mod route;
mod rules;
mod size;
mod threshold;

pub(crate) use adaptive::Bucket;
pub use adaptive::{Adaptive, Budget, BudgetError, Class, Sampled};
pub use always::{AlwaysOff, AlwaysOn};
pub(crate) use consistent::trace_state;
pub(crate) use decision::{Decision, head, judge, judge_whole, note_more};
pub use end::End;
pub use parent_based::ParentBased;
pub use ratio::TraceIdRatio;
pub use route::Route;
#[cfg(feature = "init")]
pub(crate) use rules::Rule;
pub use rules::Rules;
pub(crate) use size::bytes_of;
#[allow(unused_imports, reason = "who encodes records is a feature")]
pub(crate) use size::note_sent;
pub use threshold::{Randomness, Threshold};

use crate::callsite::{About, Callsite};
use crate::context::{Remote, remote};
use crate::id::TraceId;
use crate::propagation::TraceState;
use std::borrow::Cow;
use std::fmt::Debug;

/// Decides which traces are recorded, and which of those are kept.
pub trait Sampler: Debug + Send + Sync + 'static {
    /// A local root begins.
    fn start(&self, root: &Start) -> Head;

    /// Whether [`Sampler::start`] looks at [`Start::route`]. Who says no saves that it is looked for.
    fn asks_for_routes(&self) -> bool {
        true
    }

    /// Of traces that begin here, those whose [`Randomness`] is below this number are neither sampled nor recorded, whatever
    /// else is known of their root: so [`Sampler::start`] may not be asked about them. Zero, unless it is as simple as that.
    fn leaves_out_below(&self) -> u64 {
        0
    }

    /// It ends. What [`Sampler::start`] called sampled is kept, unless this says otherwise.
    fn end(&self, root: &End) -> Verdict {
        if root.is_sampled() { Verdict::Keep } else { Verdict::Drop }
    }

    /// It ends, and somebody asked to [keep](crate::keep!) it. It is kept, unless this says otherwise.
    fn end_forced(&self, _: &End) -> Verdict {
        Verdict::Keep
    }

    /// More of a segment that it kept goes out, about so many bytes: what tasks added after the root's end, or a
    /// further part of a trace that is sent in parts.
    fn sent_more(&self, _: u64) {}

    /// What became of the segments that this sampler judged, if it counts them.
    fn sampled(&self) -> Option<Sampled> {
        None
    }
}

/// A local root that begins.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Start {
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// What every service decides by: of the trace id, unless whoever began the trace said otherwise.
    pub randomness: Randomness,
    /// What it continues, if anything.
    pub parent: Option<Parent>,
    /// The place it begins at.
    pub place: &'static About,
    /// What the systems say that the trace came through; goes out with every request.
    pub trace_state: TraceState,
    /// The route of the request that it answers, if it is known by now.
    pub route: Option<Route>,
    /// The place again, which knows its name.
    site: Option<&'static Callsite>,
}

/// What a local root continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parent {
    /// Whether it came from another process.
    pub is_remote: bool,
    /// Whether it says that the trace is sampled.
    pub is_sampled: bool,
    /// The threshold that it was sampled by. A sampled parent without one has an unknown weight, never one.
    pub threshold: Option<Threshold>,
}

impl Start {
    /// A root of this trace that continues something, or nothing.
    pub(crate) fn of(trace_id: TraceId, remote: Option<&Remote>, place: &'static About) -> Self {
        let Some(remote) = remote else { return Self::new(trace_id, place) };
        let trace_state = remote.trace_state.clone();
        let member = consistent::Member::of_list(trace_state.as_str()).unwrap_or_default();
        let randomness = member.randomness().unwrap_or(Randomness::of_trace(trace_id));
        // A caller may have left the decision to us, or be no span at all.
        let has_decided = remote.is_span() && !remote.has(remote::UNDECIDED);
        let is_sampled = remote.has(remote::SAMPLED);
        let threshold = member.threshold(is_sampled, randomness);
        let is_remote = !remote.has(remote::IN_PROCESS);
        let parent = has_decided.then_some(Parent { is_remote, is_sampled, threshold });
        Self { trace_id, randomness, parent, place, trace_state, route: None, site: None }
    }

    /// For tests of your own samplers.
    pub fn new(trace_id: TraceId, place: &'static About) -> Self {
        let randomness = Randomness::of_trace(trace_id);
        Self {
            trace_id,
            randomness,
            parent: None,
            place,
            trace_state: TraceState::EMPTY,
            route: None,
            site: None,
        }
    }

    /// The same at this place.
    #[inline]
    pub(crate) fn at(self, site: &'static Callsite) -> Self {
        Self { site: Some(site), ..self }
    }

    /// What the spans of its place are called.
    pub(crate) fn place_name(&self) -> Cow<'static, str> {
        self.site.map_or_else(|| self.place.name.now(), |site| site.name().into())
    }

    /// The same, continuing something.
    #[must_use]
    pub fn with_parent(mut self, is_remote: bool, is_sampled: bool) -> Self {
        self.parent = Some(Parent { is_remote, is_sampled, threshold: None });
        self
    }

    /// The same with a parent that was sampled by this threshold.
    #[must_use]
    pub fn with_parent_threshold(mut self, is_remote: bool, threshold: Threshold) -> Self {
        self.parent = Some(Parent { is_remote, is_sampled: true, threshold: Some(threshold) });
        self
    }

    /// The same for a request of this route.
    #[must_use]
    pub fn with_route(mut self, route: Route) -> Self {
        self.route = Some(route);
        self
    }

    /// The same with a randomness that is not that of its id.
    #[must_use]
    pub fn with_randomness(mut self, randomness: Randomness) -> Self {
        self.randomness = randomness;
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
    /// The threshold that a sampled trace reached, from which follows how many it stands for. Goes out too.
    pub threshold: Option<Threshold>,
}

impl Head {
    /// Sampled, and so recorded; nobody knows how many traces it stands for.
    pub const SAMPLED: Self = Self { sampled: true, recorded: true, threshold: None };
    /// Neither: nothing of the trace is written down.
    pub const OFF: Self = Self { sampled: false, recorded: false, threshold: None };
    /// Not sampled, but recorded: the end decides.
    pub const UNTIL_END: Self = Self { sampled: false, recorded: true, threshold: None };

    /// What is sampled is recorded.
    pub(crate) const fn is_recorded(self) -> bool {
        self.recorded || self.sampled
    }

    /// The same, because the trace reached this threshold.
    #[must_use]
    pub const fn at(self, threshold: Threshold) -> Self {
        Self { threshold: Some(threshold), ..self }
    }
}

/// What is decided at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The trace goes out, with the weight that the start gave it. One that was not sampled at the start is
    /// marked as partial.
    Keep,
    /// It goes out because its randomness also reached this threshold, and so stands for more. If nobody knew
    /// how many it stood for, nobody does now.
    KeepAt(Threshold),
    /// It goes out for another reason than its randomness: marked as partial, without weight.
    KeepPartial,
    /// It is forgotten.
    Drop,
}
