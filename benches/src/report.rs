//! The results, for people and for programs.

use crate::contenders::{FASTRACE, FLOOR, NOTHING, TRACED};
use crate::future_size::{self, FutureSize};
use crate::harness::{Outcome, Score};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fmt::{self, Display};

pub(crate) struct Report {
    pub(crate) results: Vec<Outcome>,
    pub(crate) future_sizes: [FutureSize; 4],
}

/// What was reached of one budget.
struct Check {
    what: &'static str,
    reached: f64,
    budget: f64,
}

impl Check {
    fn is_met(&self) -> bool {
        self.reached <= self.budget
    }
}

/// The budgets of a workload that were measured.
fn checks(outcome: &Outcome) -> Vec<Check> {
    let budget = &outcome.workload.budget;
    let checks = [
        ("time by fastrace", time_ratio(outcome, FASTRACE), budget.time_by_fastrace),
        (
            "instructions by fastrace",
            instruction_ratio(outcome, FASTRACE),
            budget.instructions_by_fastrace,
        ),
        ("time by floor", time_ratio(outcome, FLOOR), budget.time_by_floor),
        ("ns above nothing", ns_above_nothing(outcome), budget.ns_above_nothing),
        ("allocations", traced(outcome).map(|score| score.allocations), allocations(outcome)),
    ];
    let measured = checks.into_iter().filter_map(|(what, reached, budget)| {
        Some(Check { what, reached: reached?, budget: budget? })
    });
    measured.collect()
}

/// None per span in steady state; what a root or a task allocates once is spread over its spans.
fn allocations(outcome: &Outcome) -> Option<f64> {
    (outcome.workload.shape.spans() > 1).then_some(0.05)
}

fn traced(outcome: &Outcome) -> Option<&Score> {
    outcome.score(TRACED)
}

fn time_ratio(outcome: &Outcome, to: &str) -> Option<f64> {
    Some(traced(outcome)?.ns / outcome.score(to)?.ns)
}

fn instruction_ratio(outcome: &Outcome, to: &str) -> Option<f64> {
    Some(traced(outcome)?.instructions? / outcome.score(to)?.instructions?)
}

fn ns_above_nothing(outcome: &Outcome) -> Option<f64> {
    Some(traced(outcome)?.ns - outcome.score(NOTHING)?.ns)
}

impl Report {
    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        self.write_table(&mut table).expect("writing to a string does not fail");
        table
    }

    fn write_table(&self, table: &mut String) -> fmt::Result {
        for outcome in &self.results {
            write_outcome(table, outcome)?;
        }
        self.write_future_sizes(table)?;
        let missed: Vec<_> = self.missed().collect();
        if missed.is_empty() {
            return writeln!(table, "every budget that was measured is met");
        }
        writeln!(table, "missed: {}", missed.join(", "))
    }

    fn write_future_sizes(&self, table: &mut String) -> fmt::Result {
        let [bare, ..] = &self.future_sizes;
        writeln!(
            table,
            "future size: a 256-byte argument through {} async fns",
            future_size::DEPTH
        )?;
        writeln!(table, "  {:<14}{:>10}{:>12}", "", "bytes", "per level")?;
        for size in &self.future_sizes {
            writeln!(table, "  {:<14}{:>10}{:>12}", size.name, size.bytes, size.header(bare))?;
        }
        writeln!(table, "  {}\n", self.future_check())
    }

    fn future_check(&self) -> Check {
        let [bare, ours, ..] = &self.future_sizes;
        Check {
            what: "bytes per level",
            reached: bytes(ours.header(bare)),
            budget: bytes(future_size::BUDGET_PER_LEVEL),
        }
    }

    fn missed(&self) -> impl Iterator<Item = String> {
        let of_workloads = self.results.iter().flat_map(|outcome| {
            let missed = checks(outcome).into_iter().filter(|check| !check.is_met());
            missed.map(|check| format!("{} ({})", outcome.workload.name, check.what))
        });
        let lost = self.results.iter().flat_map(|outcome| {
            let losers = outcome.scores.iter().filter(|score| score.lost != 0);
            losers.map(|score| {
                format!("{} ({} lost spans)", outcome.workload.name, score.contestant.name)
            })
        });
        let futures = (!self.future_check().is_met()).then(|| "future size".to_owned());
        of_workloads.chain(lost).chain(futures)
    }

    pub(crate) fn json(&self) -> Value {
        let [bare, ..] = &self.future_sizes;
        json!({
            "workloads": self.results.iter().map(outcome_json).collect::<Vec<_>>(),
            "future_sizes": self.future_sizes.iter().map(|size| json!({
                "contender": size.name,
                "bytes": size.bytes,
                "bytes_per_level": size.header(bare),
            })).collect::<Vec<_>>(),
            "missed": self.missed().collect::<Vec<_>>(),
        })
    }
}

fn write_outcome(table: &mut String, outcome: &Outcome) -> fmt::Result {
    writeln!(table, "{}: {}", outcome.workload.name, outcome.workload.about)?;
    writeln!(
        table,
        "  {:<14}{:>10}{:>12}{:>10}{:>10}{:>10}{:>12}{:>8}",
        "per span", "ns", "by fastrace", "instr", "by f.", "alloc", "all-cpu ns", "lost"
    )?;
    let fastrace = outcome.score(FASTRACE);
    for score in &outcome.scores {
        writeln!(
            table,
            "  {:<14}{:>10.2}{:>12}{:>10}{:>10}{:>10.2}{:>12.1}{:>8}",
            score.contestant.name,
            score.ns,
            Cell(fastrace.map(|peer| score.ns / peer.ns), 3),
            Cell(score.instructions, 0),
            Cell(fastrace.and_then(|peer| Some(score.instructions? / peer.instructions?)), 3),
            score.allocations,
            score.cpu_ns,
            score.lost,
        )?;
    }
    for check in checks(outcome) {
        writeln!(table, "  {check}")?;
    }
    writeln!(table)
}

impl Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_met() { "met" } else { "MISSED" };
        let Self { what, reached, budget } = self;
        write!(f, "{verdict:>7}  {what}: {reached:.3} of {budget}")
    }
}

/// A number with so many digits, or a dash.
struct Cell(Option<f64>, usize);

impl Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self(Some(number), digits) => f.pad(&format!("{number:.digits$}")),
            Self(None, _) => f.pad("–"),
        }
    }
}

fn outcome_json(outcome: &Outcome) -> Value {
    let fastrace = outcome.score(FASTRACE);
    json!({
        "name": outcome.workload.name,
        "about": outcome.workload.about,
        "scores": outcome.scores.iter().map(|score| json!({
            "contender": score.contestant.name,
            "ns_per_span": score.ns,
            "ns_by_fastrace": fastrace.map(|peer| score.ns / peer.ns),
            "instructions_per_span": score.instructions,
            "instructions_by_fastrace":
                fastrace.and_then(|peer| Some(score.instructions? / peer.instructions?)),
            "allocations_per_span": score.allocations,
            "cpu_ns_per_span_of_all_threads": score.cpu_ns,
            "lost_spans": score.lost,
        })).collect::<Vec<_>>(),
        "budgets": checks(outcome).iter().map(|check| json!({
            "what": check.what,
            "reached": check.reached,
            "budget": check.budget,
            "is_met": check.is_met(),
        })).collect::<Vec<_>>(),
    })
}

#[allow(clippy::cast_precision_loss, reason = "far below 2⁵³")]
fn bytes(count: usize) -> f64 {
    count as f64
}
