//! From a call to a collector: recorded, encoded, and sent by HTTP to a sink on this machine.
//!
//! `cargo run --release -p traced-benches --bin end_to_end -- [--rounds N] [steady] [burst] [encode]`
//!
//! Each contender runs in processes of its own, and the sink in this one, so that its time is not counted.
//!
//! - steady: 100 waves of 10 traces of 101 spans, each wave flushed, so that everybody delivers everything;
//!   processor time of the whole process per span.
//! - burst: a million spans from one thread as fast as they can be made, and then the usual end of a program;
//!   how many were lost, and the most memory that the process held; without attributes, and with two on each.
//! - encode: nanoseconds from our records to the bytes of a body of the usual size.

mod contenders;
mod encode;
mod sink;

use contenders::CONTENDERS;
use sink::Sink;
use std::process::Command;

/// What a contender is asked to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    Steady,
    Burst,
    /// The same with two attributes on each.
    FullBurst,
}

impl Task {
    const ALL: [Self; 3] = [Self::Steady, Self::Burst, Self::FullBurst];

    const fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Burst => "burst",
            Self::FullBurst => "full-burst",
        }
    }

    fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|task| task.name() == name).expect("a task")
    }
}

/// What a contender says of itself at its end.
struct Outcome {
    cpu_ns: u64,
    peak_kib: u64,
    spans: u64,
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [contend, name, task, endpoint] if contend == "contend" => {
            contenders::run(name, Task::named(task), endpoint);
        }
        [flag, rounds, parts @ ..] if flag == "--rounds" => {
            contest(rounds.parse().expect("a number of rounds"), parts);
        }
        parts => contest(5, parts),
    }
}

const PARTS: [&str; 3] = ["steady", "burst", "encode"];

/// Measures the parts that are named, or all.
fn contest(rounds: u32, parts: &[String]) {
    if parts.iter().any(|part| !PARTS.contains(&&**part)) {
        eprintln!("usage: end_to_end [--rounds N] [steady] [burst] [encode]");
        std::process::exit(2);
    }
    let is_wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    let sink = Sink::start();
    if is_wanted("steady") {
        steady(rounds, &sink);
    }
    if is_wanted("burst") {
        burst(&sink);
    }
    if is_wanted("encode") {
        println!("\nencode                        ns per span, bytes per span");
        encode::measure();
    }
}

fn steady(rounds: u32, sink: &Sink) {
    let mut least = vec![f64::INFINITY; CONTENDERS.len()];
    for _ in 0..rounds {
        for (least, (name, _)) in least.iter_mut().zip(CONTENDERS) {
            let before = sink.spans();
            let outcome = contend(name, Task::Steady, sink);
            assert_eq!(sink.spans() - before, outcome.spans, "{name} delivers all");
            #[allow(clippy::cast_precision_loss)]
            let each = outcome.cpu_ns as f64 / outcome.spans as f64;
            *least = least.min(each);
        }
    }
    println!("steady                        ns of processor time per span, delivered");
    for (least, (name, _)) in least.iter().zip(CONTENDERS) {
        println!("  {name:26} {least:8.0}");
    }
    for (index, (name, _)) in CONTENDERS.iter().enumerate().skip(contenders::OURS) {
        println!("  ours / {name:19} {:8.3}", least[0] / least[index]);
    }
}

fn burst(sink: &Sink) {
    for (task, what) in [(Task::Burst, "without"), (Task::FullBurst, "with two")] {
        println!("\nburst of a million spans {what} attributes      lost       peak RSS");
        for (name, _) in CONTENDERS {
            let before = sink.spans();
            let outcome = contend(name, task, sink);
            let lost = outcome.spans - (sink.spans() - before);
            #[allow(clippy::cast_precision_loss)]
            let share = 100.0 * lost as f64 / outcome.spans as f64;
            println!("  {name:42} {share:7.2} %  {:8} MiB", outcome.peak_kib / 1024);
        }
    }
}

/// Runs one contender in a process of its own.
fn contend(name: &str, task: Task, sink: &Sink) -> Outcome {
    let this = std::env::current_exe().expect("a path");
    let mut child = Command::new(this);
    child.args(["contend", name, task.name(), &sink.endpoint()]);
    let output = child.output().expect("a process");
    let said = String::from_utf8_lossy(&output.stdout);
    let mut numbers = said.split_whitespace().map(|word| word.parse().expect("a number"));
    let mut next =
        || numbers.next().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    Outcome { cpu_ns: next(), peak_kib: next(), spans: next() }
}
