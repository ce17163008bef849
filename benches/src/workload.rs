//! What the contenders do, and what DESIGN.md section 9 allows `traced` to take for it.

use crate::contenders::{self, Contender, Contestant};
use crate::decision::Decision;
use crate::executor::block_on;
use std::hint::black_box;

/// One line of the comparison.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) shape: Shape,
    pub(crate) decision: Decision,
    pub(crate) contestants: &'static [&'static Contestant],
    pub(crate) budget: Budget,
}

/// The form of one trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A root and 100 leaves below it.
    Leaves,
    /// The same, with a number and a text recorded on each leaf.
    LeavesRecorded,
    /// A root and a complete binary tree of 1,023 spans below it.
    Tree,
    /// 100 async functions below a sync root, each of which yields once.
    AsyncYield,
    /// The same below an async root, through which the yields go to the executor.
    AsyncYieldInTask,
    /// The same, without a yield.
    AsyncReady,
    /// 100 leaves without a root, because nobody listens.
    Calls,
    /// The same, with a number and a text as arguments.
    CallsWithArguments,
    /// Nothing but the root.
    BareRoot,
}

/// What `traced` may take, where the design says so.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Budget {
    pub(crate) time_by_fastrace: Option<f64>,
    pub(crate) instructions_by_fastrace: Option<f64>,
    pub(crate) time_by_floor: Option<f64>,
    pub(crate) ns_above_nothing: Option<f64>,
}

impl Budget {
    const NONE: Self = Self {
        time_by_fastrace: None,
        instructions_by_fastrace: None,
        time_by_floor: None,
        ns_above_nothing: None,
    };

    const fn by_fastrace(time: f64, instructions: f64) -> Self {
        Self {
            time_by_fastrace: Some(time),
            instructions_by_fastrace: Some(instructions),
            ..Self::NONE
        }
    }
}

const LEAVES: u64 = 100;
/// Nine levels below the topmost: 2¹⁰ − 1 spans.
const TREE_DEPTH: u32 = 9;
const TREE: u64 = (1 << (TREE_DEPTH + 1)) - 1;
const TEXT: &str = "some string 42";

impl Shape {
    /// How many spans a trace of this shape has; how many calls, where nobody listens.
    pub(crate) const fn spans(self) -> u64 {
        match self {
            Self::Calls | Self::CallsWithArguments => LEAVES,
            Self::Tree => 1 + TREE,
            Self::BareRoot => 1,
            Self::Leaves
            | Self::LeavesRecorded
            | Self::AsyncYield
            | Self::AsyncYieldInTask
            | Self::AsyncReady => 1 + LEAVES,
        }
    }

    /// How many traces are one measurement: enough for the clock, few enough for every contender's queue.
    /// The least of those are the 10,240 messages that `fastrace` takes from a thread before it holds the
    /// rest back until the thread's next span; an async span is up to three.
    pub(crate) const fn traces(self) -> u64 {
        match self {
            Self::Tree => 10,
            Self::BareRoot => 1_000,
            Self::AsyncYield | Self::AsyncYieldInTask | Self::AsyncReady => 20,
            _ => 100,
        }
    }

    /// The work itself.
    pub(crate) fn run<C: Contender>(self, traces: u64) {
        for _ in 0..traces {
            match self {
                Self::Leaves => C::root(calls::<C>),
                Self::LeavesRecorded => C::root(calls_with_arguments::<C>),
                Self::Tree => C::root(|| {
                    black_box(C::tree(black_box(TREE_DEPTH)));
                }),
                Self::AsyncYield => {
                    C::root(|| numbers().for_each(|number| block_on(C::yielding(number))));
                }
                Self::AsyncYieldInTask => block_on(C::root_task(async {
                    for number in numbers() {
                        C::yielding(number).await;
                    }
                })),
                Self::AsyncReady => block_on(C::root_task(async {
                    for number in numbers() {
                        C::ready(number).await;
                    }
                })),
                Self::Calls => calls::<C>(),
                Self::CallsWithArguments => calls_with_arguments::<C>(),
                Self::BareRoot => C::root(|| ()),
            }
        }
    }
}

fn calls<C: Contender>() {
    numbers().for_each(C::leaf);
}

fn calls_with_arguments<C: Contender>() {
    numbers().for_each(|number| C::leaf_recorded(number, black_box(TEXT)));
}

fn numbers() -> impl Iterator<Item = u64> {
    (0..LEAVES).map(black_box)
}

impl Workload {
    /// Whether it is measured before anybody listens.
    pub(crate) fn is_off(&self) -> bool {
        matches!(self.shape, Shape::Calls | Shape::CallsWithArguments)
    }

    /// How many of the spans of a trace must be accounted for afterwards: all, or none.
    pub(crate) fn spans_to_account_for(&self) -> u64 {
        let is_recorded = !self.is_off() && self.decision != Decision::OffAtStart;
        if is_recorded { self.shape.spans() } else { 0 }
    }

    pub(crate) fn contestant(&self, name: &str) -> Option<&'static Contestant> {
        self.contestants.iter().find(|contestant| contestant.name == name).copied()
    }
}

pub(crate) fn named(name: &str) -> Option<&'static Workload> {
    ALL.iter().find(|workload| workload.name == name)
}

pub(crate) static ALL: &[Workload] = &[
    Workload {
        name: "leaves",
        about: "a root and 100 leaf spans",
        shape: Shape::Leaves,
        decision: Decision::Keep,
        contestants: contenders::WITH_FLOOR,
        budget: Budget::by_fastrace(0.55, 0.25),
    },
    Workload {
        name: "leaves-recorded",
        about: "the same, `u64` and `&str` recorded",
        shape: Shape::LeavesRecorded,
        decision: Decision::Keep,
        contestants: contenders::ALL,
        budget: Budget::by_fastrace(0.22, 0.12),
    },
    Workload {
        name: "tree",
        about: "a root and a tree of 1,023 spans",
        shape: Shape::Tree,
        decision: Decision::Keep,
        contestants: contenders::WITH_FLOOR,
        budget: Budget::by_fastrace(0.68, 0.35),
    },
    Workload {
        name: "async-yield",
        about: "100 async fns with one yield, in a sync root",
        shape: Shape::AsyncYield,
        decision: Decision::Keep,
        contestants: contenders::ALL,
        budget: Budget::by_fastrace(0.25, 0.20),
    },
    Workload {
        name: "async-task",
        about: "100 async fns that yield to the executor through an async root",
        shape: Shape::AsyncYieldInTask,
        decision: Decision::Keep,
        contestants: contenders::ALL,
        budget: Budget::NONE,
    },
    Workload {
        name: "async-ready",
        about: "100 async fns that are ready at once, in an async root",
        shape: Shape::AsyncReady,
        decision: Decision::Keep,
        contestants: contenders::ALL,
        budget: Budget::NONE,
    },
    Workload {
        name: "unsampled",
        about: "100 leaf spans of a trace that is not sampled, no decision at its end",
        shape: Shape::Leaves,
        decision: Decision::OffAtStart,
        contestants: contenders::ALL,
        budget: Budget { time_by_fastrace: Some(0.4), ..Budget::NONE },
    },
    Workload {
        name: "off",
        about: "100 calls, nobody listens",
        shape: Shape::Calls,
        decision: Decision::Keep,
        contestants: contenders::ANNOTATED,
        budget: Budget { time_by_fastrace: Some(0.2), ns_above_nothing: Some(1.0), ..Budget::NONE },
    },
    Workload {
        name: "off-arguments",
        about: "the same, with two arguments",
        shape: Shape::CallsWithArguments,
        decision: Decision::Keep,
        contestants: contenders::ANNOTATED,
        budget: Budget { ns_above_nothing: Some(1.0), ..Budget::NONE },
    },
    Workload {
        name: "dropped",
        about: "a root and 100 leaf spans, dropped at the tail",
        shape: Shape::Leaves,
        decision: Decision::DropAtEnd,
        contestants: contenders::THAT_DROP,
        budget: Budget { time_by_floor: Some(1.1), ..Budget::NONE },
    },
    Workload {
        name: "bare-root",
        about: "a root alone",
        shape: Shape::BareRoot,
        decision: Decision::Keep,
        contestants: contenders::WITH_FLOOR,
        budget: Budget::NONE,
    },
];
