//! One workload, all its contenders, many rounds.

use crate::allocations;
use crate::contenders::Contestant;
use crate::workload::{Shape, Workload};
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// What was measured of one workload.
pub(crate) struct Outcome {
    pub(crate) workload: &'static Workload,
    pub(crate) scores: Vec<Score>,
}

/// What was measured of one contender.
pub(crate) struct Score {
    pub(crate) contestant: &'static Contestant,
    /// Nanoseconds per span on the calling thread; the fastest round.
    pub(crate) ns: f64,
    /// Processor time per span of all threads until it was exported, in nanoseconds; the cheapest burst.
    pub(crate) cpu_ns: f64,
    /// Allocations per span on the calling thread, in steady state.
    pub(crate) allocations: f64,
    /// Instructions per span on the calling thread, if they were counted.
    pub(crate) instructions: Option<f64>,
    /// Spans that were neither exported nor counted as dropped, of all rounds. Negative: too many.
    pub(crate) lost: i64,
}

impl Outcome {
    pub(crate) fn score(&self, name: &str) -> Option<&Score> {
        self.scores.iter().find(|score| score.contestant.name == name)
    }
}

/// Rounds that fill queues, tables and caches, and do not count.
const WARM_UP: u32 = 3;

pub(crate) fn measure(workload: &'static Workload, rounds: u32) -> Outcome {
    eprintln!("measuring {}: {} …", workload.name, workload.about);
    workload.decision.make_present();
    let mut scores: Vec<_> = workload.contestants.iter().map(|one| Score::new(one)).collect();
    for round in 0..WARM_UP + rounds {
        let one = |score: &mut Score| {
            let ns = score.burst(workload);
            if round >= WARM_UP {
                score.ns = score.ns.min(ns);
            }
        };
        // There and back, so that nobody always works in the caches of the same neighbour.
        if round % 2 == 0 {
            scores.iter_mut().for_each(one);
        } else {
            scores.iter_mut().rev().for_each(one);
        }
    }
    for score in &mut scores {
        score.measure_at_leisure(workload);
    }
    Outcome { workload, scores }
}

impl Score {
    fn new(contestant: &'static Contestant) -> Self {
        Self {
            contestant,
            ns: f64::INFINITY,
            cpu_ns: f64::INFINITY,
            allocations: f64::INFINITY,
            instructions: None,
            lost: 0,
        }
    }

    /// One measurement of time, in nanoseconds per span.
    fn burst(&mut self, workload: &Workload) -> f64 {
        let (shape, contestant) = (workload.shape, self.contestant);
        let before = (contestant.accounted)();
        let begin = Instant::now();
        work(contestant, shape, shape.traces());
        let took = begin.elapsed();
        self.lost += settle(workload, contestant, before);
        ns_per_span(took, shape)
    }

    /// What needs no neighbours to compare with. The least of several bursts is the steady state: a table
    /// that grows once more is not.
    fn measure_at_leisure(&mut self, workload: &Workload) {
        const BURSTS: u32 = 10;

        let (shape, contestant) = (workload.shape, self.contestant);
        for _ in 0..BURSTS {
            let before = (contestant.accounted)();
            let cpu_before = cpu_time_at_rest();
            let count = allocations::count(|| work(contestant, shape, shape.traces()));
            self.lost += settle(workload, contestant, before);
            let cpu = cpu_time_at_rest().saturating_sub(cpu_before);
            self.cpu_ns = self.cpu_ns.min(ns_per_span(cpu, shape));
            let spans = shape.traces() * shape.spans();
            self.allocations = self.allocations.min(per_span(count, spans));
        }
    }
}

/// Waits until all spans of one burst are accounted for; returns how many are not after a second.
fn settle(workload: &Workload, contestant: &Contestant, before: Option<u64>) -> i64 {
    const PAUSE: Duration = Duration::from_millis(1);
    const PAUSES: u32 = 1_000;

    let expected = workload.shape.traces() * workload.spans_to_account_for();
    let missing = || {
        (contestant.flush)();
        let arrived = (contestant.accounted)()?.cast_signed() - before?.cast_signed();
        Some(expected.cast_signed() - arrived)
    };
    // A flush that finds the collector at work may come back before it is done.
    for _ in 0..PAUSES {
        match missing() {
            Some(1..) => std::thread::sleep(PAUSE),
            settled => return settled.unwrap_or(0),
        }
    }
    missing().unwrap_or(0)
}

/// What is timed, and what callgrind counts the instructions of.
#[inline(never)]
pub(crate) fn work(contestant: &Contestant, shape: Shape, traces: u64) {
    (contestant.run)(shape, traces);
}

#[allow(clippy::cast_precision_loss, reason = "far below 2⁵³")]
pub(crate) fn per_span(count: u64, spans: u64) -> f64 {
    count as f64 / spans as f64
}

fn ns_per_span(time: Duration, shape: Shape) -> f64 {
    let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    per_span(ns, shape.traces() * shape.spans())
}

/// The processor time of all threads of this process. The kernel adds what another thread used when that
/// thread stops, so it is given a moment to do so.
fn cpu_time_at_rest() -> Duration {
    std::thread::sleep(Duration::from_millis(2));
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
