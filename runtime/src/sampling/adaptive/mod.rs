//! The sampler for a service that nobody configured: what a person needs, within a fixed budget.
//!
//! **At the start** of a trace that begins here, the part that its kind of traffic may have is compared with the
//! trace's randomness. What is sampled then says so to everybody that it calls, and goes out with its
//! threshold as its weight. A trace that comes from elsewhere follows what its caller decided. All are recorded.
//!
//! **At the end**, what was sampled is kept, unless less than was thought has room: then the threshold is
//! raised, and the weight with it. What was not sampled is kept if it belongs to a [`Class`] that has
//! something left of its share: errors, what is slow, rare, or forced. It is marked as partial and has no weight,
//! so that the weights of all that is kept still add up to the number of traces.
//!
//! Nothing but a trace's randomness decides, never the order of arrival, so that services agree: the fuller a
//! bucket is, the lower the threshold, and the threshold a trace meets does not depend on its own randomness. Below
//! half of a bucket the part that is let in is halved with every 32nd of it. This is what answers a burst at
//! once; [`rates`] answers within a tenth of a second, and fairly.

mod bucket;
mod budget;
mod class;
mod counts;
mod keys;
mod rates;
#[cfg(all(test, not(loom)))]
mod tests;

pub(crate) use bucket::Bucket;
pub use budget::{Budget, BudgetError};
pub use class::Class;
pub use counts::Sampled;

use super::{End, Head, Parent, Randomness, Route, Sampler, Start, Threshold, Verdict};
use crate::callsite::About;
use crate::clock;
use crate::sync::{AtomicU64, Relaxed};
use bucket::Empty;
use counts::{Counts, Fate};
use keys::{Keys, Slot};
use rates::{Ticks, adapt, kept_after};
use std::fmt;

/// Keeps errors, what is slow, rare or forced, and a fair share of the rest, within a [`Budget`].
///
/// This is what decides where nothing else is configured.
///
/// ```
/// use traced::sampling::Adaptive;
///
/// let sampler = Adaptive::new().base_rate(0.1).max_traces_per_sec(1000);
/// # let _ = sampler;
/// ```
pub struct Adaptive {
    budget: Budget,
    base_rate: f64,
    keys: Box<Keys>,
    ticks: Ticks,
    all: Share,
    classes: [Share; Class::ALL.len()],
    spending: Spending,
    counts: Counts,
    created: u64,
}

/// A part of both budgets.
#[derive(Debug)]
struct Share {
    traces: Bucket,
    bytes: Bucket,
}

/// What went out since the last look, and on average.
#[derive(Debug, Default)]
struct Spending {
    traces: AtomicU64,
    bytes: AtomicU64,
    class_traces: AtomicU64,
    class_bytes: AtomicU64,
    /// Averages: of classes in a second, and of the bytes of one trace; each an `f64`.
    class_traces_rate: AtomicU64,
    class_bytes_rate: AtomicU64,
    bytes_of_trace: AtomicU64,
}

/// What is asked about a segment that ends.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "answers to yes-or-no questions")]
struct Facts {
    kind: u64,
    randomness: Randomness,
    is_sampled: bool,
    threshold: Option<Threshold>,
    /// Whether the head's decision came from another root.
    is_joined: bool,
    is_finished: bool,
    duration_ns: u64,
    bytes: u64,
    is_failed: bool,
    has_error: bool,
    has_slow: bool,
    has_rare: bool,
    is_forced: bool,
}

impl fmt::Debug for Adaptive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adaptive").field("budget", &self.budget).finish_non_exhaustive()
    }
}

impl Default for Adaptive {
    fn default() -> Self {
        Self::new()
    }
}

impl Adaptive {
    /// One with the default [`Budget`].
    pub fn new() -> Self {
        Self::within(Budget::default())
    }

    /// One with this budget.
    pub fn within(budget: Budget) -> Self {
        Self {
            budget,
            base_rate: 1.0,
            keys: Keys::new(),
            ticks: Ticks::new(0),
            all: Share::of(budget, 1.0),
            classes: Class::ALL.map(|class| Share::of(budget, class.ceiling())),
            spending: Spending::default(),
            counts: Counts::default(),
            created: clock::ticks(),
        }
    }

    /// Samples at most this part of the traces that begin here and have nothing remarkable. Without it: all, as far
    /// as the budget goes.
    #[must_use]
    pub fn base_rate(mut self, part: f64) -> Self {
        self.base_rate = if part.is_nan() { 0.0 } else { part.clamp(0.0, 1.0) };
        self
    }

    /// With room for so many traces a second.
    #[must_use]
    pub fn max_traces_per_sec(self, traces: u32) -> Self {
        let budget = Budget { traces_per_second: traces.max(1).into(), ..self.budget };
        Self { base_rate: self.base_rate, ..Self::within(budget) }
    }

    /// With room for so many bytes a second, before they are compressed.
    #[must_use]
    pub fn max_bytes_per_sec(self, bytes: u32) -> Self {
        let budget = Budget { bytes_per_second: bytes.max(1).into(), ..self.budget };
        Self { base_rate: self.base_rate, ..Self::within(budget) }
    }

    /// How much may go out.
    pub fn budget(&self) -> Budget {
        self.budget
    }

    fn now_ns(&self) -> u64 {
        clock::elapsed_ns(self.created, clock::ticks())
    }

    fn start_at(
        &self,
        now: u64,
        kind: u64,
        randomness: Randomness,
        parent: Option<Parent>,
    ) -> Head {
        if let Some(parent) = parent {
            return if parent.is_sampled {
                Head { threshold: parent.threshold, ..Head::SAMPLED }
            } else {
                Head::UNTIL_END
            };
        }
        self.look(now);
        let at = self.keys.find(kind);
        self.keys.count(at);
        let threshold = Threshold::EVERYTHING.thinned(self.chance(now, at));
        if threshold.admits(randomness) { Head::SAMPLED.at(threshold) } else { Head::UNTIL_END }
    }

    fn end_at(&self, now: u64, segment: &Facts) -> Verdict {
        self.look(now);
        let slot = self.keys.find(segment.kind);
        let classes = segment.classes(self.keys.slot(slot));
        let first = classes.into_iter().flatten().next().unwrap_or(Class::Baseline);
        let mut fate = Fate::Chance;
        if segment.is_sampled {
            let threshold = self.raised(now, slot, segment);
            if threshold.admits(segment.randomness) {
                if self.all.take(now, segment.bytes).is_ok() {
                    self.spending.note(segment.bytes);
                    self.counts.add(first, Fate::Kept);
                    return Verdict::KeepAt(threshold);
                }
                fate = Fate::Budget;
            }
        }
        for class in classes.into_iter().flatten() {
            match self.keep_for(now, class, segment) {
                Fate::Kept => {
                    self.counts.add(class, Fate::Kept);
                    return Verdict::KeepPartial;
                }
                Fate::Budget => fate = Fate::Budget,
                Fate::Chance => {}
            }
        }
        self.counts.add(first, fate);
        Verdict::Drop
    }

    /// The threshold that a sampled segment must reach now: that of its start, or a higher one.
    fn raised(&self, now: u64, at: usize, segment: &Facts) -> Threshold {
        let mut threshold = segment.threshold.unwrap_or(Threshold::EVERYTHING);
        if segment.is_joined {
            // Nobody here decided how many of these there are.
            let slot = self.keys.slot(at);
            slot.note_joined();
            self.keys.count(at);
            threshold = threshold.thinned(slot.part().unwrap_or(1.0));
        }
        let part = let_in(self.all.level(now), QUARTER_FULL, STEEP);
        threshold.max(Threshold::EVERYTHING.thinned(part))
    }

    fn keep_for(&self, now: u64, class: Class, segment: &Facts) -> Fate {
        let share = &self.classes[class as usize];
        let threshold = Threshold::EVERYTHING.thinned(let_in(share.level(now), HALF_FULL, GENTLE));
        if !threshold.admits(segment.randomness) {
            return Fate::Chance;
        }
        if share.take(now, segment.bytes).is_err() {
            return Fate::Budget;
        }
        if self.all.take(now, segment.bytes).is_err() {
            share.give_back(segment.bytes);
            return Fate::Budget;
        }
        self.spending.note_for_class(segment.bytes);
        Fate::Kept
    }

    /// Which part of a kind's traces is sampled now.
    fn chance(&self, now: u64, at: usize) -> f64 {
        self.part_of(self.keys.slot(at)) * let_in(self.all.level(now), HALF_FULL, GENTLE)
    }

    fn part_of(&self, slot: &Slot) -> f64 {
        slot.part().unwrap_or(self.base_rate)
    }

    /// Adapts to the traffic, if it is time to.
    #[inline]
    fn look(&self, now: u64) {
        if let Some(since) = self.ticks.due(now) {
            self.adapt(now, since);
        }
    }

    #[cold]
    fn adapt(&self, now: u64, since: f64) {
        let target = self.spending.target(self.budget, self.all.level(now), since);
        adapt(&self.keys, now, since, target, self.base_rate);
    }
}

/// Below these levels less than everything is let in. What begins is held back first, so that what was called
/// sampled is kept, and the lowest quarter is left to the classes.
const HALF_FULL: f64 = 0.5;
const QUARTER_FULL: f64 = 0.25;
/// How often the part that is let in is halved in a whole bucket.
const GENTLE: f64 = 32.0;
const STEEP: f64 = 64.0;

/// Which part is let in by a bucket that is so full.
#[inline]
fn let_in(level: f64, from: f64, halvings: f64) -> f64 {
    if level >= from { 1.0 } else { (halvings * (level - from)).exp2() }
}

impl Share {
    fn of(budget: Budget, part: f64) -> Self {
        Self {
            traces: Bucket::per_second(budget.traces_per_second * part),
            bytes: Bucket::per_second(budget.bytes_per_second * part),
        }
    }

    fn level(&self, now: u64) -> f64 {
        self.traces.level(now).min(self.bytes.level(now))
    }

    #[allow(clippy::cast_precision_loss, reason = "a segment is no larger than its chunks")]
    fn take(&self, now: u64, bytes: u64) -> Result<(), Empty> {
        self.traces.take(now, 1.0)?;
        self.bytes.take(now, bytes as f64).inspect_err(|_| self.traces.give_back(1.0))
    }

    #[allow(clippy::cast_precision_loss, reason = "a segment is no larger than its chunks")]
    fn give_back(&self, bytes: u64) {
        self.traces.give_back(1.0);
        self.bytes.give_back(bytes as f64);
    }
}

impl Spending {
    fn note(&self, bytes: u64) {
        self.traces.fetch_add(1, Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
    }

    fn note_for_class(&self, bytes: u64) {
        self.class_traces.fetch_add(1, Relaxed);
        self.class_bytes.fetch_add(bytes, Relaxed);
    }

    /// How many traces a second the baseline may have: what the classes leave of both budgets, a little less
    /// while there is nothing in reserve.
    #[allow(clippy::cast_precision_loss, reason = "what went out in a moment")]
    fn target(&self, budget: Budget, level: f64, since: f64) -> f64 {
        let kept = kept_after(since);
        let averaged = |average: &AtomicU64, now: f64, kept: f64| {
            let value = f64::from_bits(average.load(Relaxed)) * kept + now * (1.0 - kept);
            average.store(value.to_bits(), Relaxed);
            value
        };
        let taken = |count: &AtomicU64| count.swap(0, Relaxed) as f64;
        let class_traces =
            averaged(&self.class_traces_rate, taken(&self.class_traces) / since, kept);
        let class_bytes = averaged(&self.class_bytes_rate, taken(&self.class_bytes) / since, kept);
        let (traces, bytes) = (taken(&self.traces), taken(&self.bytes));
        let known = f64::from_bits(self.bytes_of_trace.load(Relaxed));
        let bytes_of_trace = match (traces > 0.0, known > 0.0) {
            (false, _) => known,
            (true, false) => averaged(&self.bytes_of_trace, bytes / traces, 0.0),
            // Few traces in a tenth of a second say less than many.
            (true, true) => {
                averaged(&self.bytes_of_trace, bytes / traces, 1.0 / (1.0 + traces / 20.0))
            }
        };
        let part = 0.75 + 0.2 * (level / 0.75).min(1.0);
        let left = |all: f64, classes: f64| (all * part - classes).max(all * 0.05);
        let by_traces = left(budget.traces_per_second, class_traces);
        let by_bytes = left(budget.bytes_per_second, class_bytes) / bytes_of_trace.max(1.0);
        by_traces.min(by_bytes)
    }
}

impl Facts {
    /// What it belongs to, what is asked for first first.
    fn classes(&self, slot: &Slot) -> [Option<Class>; 5] {
        let is_slow = self.is_finished && slot.is_slow(self.duration_ns);
        [
            self.is_forced.then_some(Class::Forced),
            self.is_failed.then_some(Class::Error),
            (self.has_slow || is_slow).then_some(Class::Slow),
            // A kind of traffic that nobody has looked at yet is new, or was forgotten.
            (self.has_rare || slot.part().is_none()).then_some(Class::Rare),
            (self.has_error && !self.is_failed).then_some(Class::Handled),
        ]
    }
}

/// The number of a kind of traffic. What is joined is another kind than what begins here.
fn kind_of(place: &'static About, route: Option<&Route>, is_joined: bool) -> u64 {
    let place = std::ptr::from_ref(place).addr() as u64;
    place ^ route.map_or(0, Route::hash) ^ u64::from(is_joined) << 63
}

impl Sampler for Adaptive {
    fn start(&self, root: &Start) -> Head {
        let kind = kind_of(root.place, root.route.as_ref(), false);
        self.start_at(self.now_ns(), kind, root.randomness, root.parent)
    }

    fn end(&self, root: &End) -> Verdict {
        let is_joined = root.is_joined();
        let facts = Facts {
            kind: root.place().map_or(0, |place| kind_of(place, root.route().as_ref(), is_joined)),
            randomness: root.randomness(),
            is_sampled: root.is_sampled(),
            threshold: root.threshold(),
            is_joined,
            is_finished: root.is_finished(),
            duration_ns: u64::try_from(root.duration().as_nanos()).unwrap_or(u64::MAX),
            bytes: root.bytes(),
            is_failed: root.is_failed(),
            has_error: root.has_error(),
            has_slow: root.has_slow(),
            has_rare: root.has_rare(),
            is_forced: root.is_forced(),
        };
        self.end_at(self.now_ns(), &facts)
    }

    fn end_forced(&self, root: &End) -> Verdict {
        self.end(root)
    }

    #[allow(clippy::cast_precision_loss, reason = "no more than a process holds")]
    fn sent_more(&self, bytes: u64) {
        self.all.bytes.owe(self.now_ns(), bytes as f64);
        self.spending.bytes.fetch_add(bytes, Relaxed);
    }

    fn sampled(&self) -> Option<Sampled> {
        Some(self.counts.read())
    }
}
