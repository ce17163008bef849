//! `traced` and its peers, side by side: the same work in the same rounds.
//!
//! `cargo run --release -p traced-benches -- [--rounds N] [--only WORKLOAD] [--no-callgrind] [--json]`
//!
//! - [`contenders`]: who takes part; one file each, all of the same shape.
//! - [`workload`]: what they do, and the budgets of DESIGN.md section 9.
//! - [`harness`]: nanoseconds, processor time and allocations per span, and whether every span arrived.
//! - [`callgrind`]: instructions per span.
//! - [`future_size`]: how much a future grows.
//! - [`report`]: all of it as a table or as JSON.

mod allocations;
mod callgrind;
mod contenders;
mod decision;
mod executor;
mod future_size;
mod harness;
mod options;
mod report;
mod workload;

use options::{Command, Options};
use report::Report;
use workload::Workload;

fn main() {
    match options::parse(std::env::args().skip(1)) {
        Ok(Command::Compare(options)) => compare(&options),
        Ok(Command::CountInstructions { workload, contender }) => {
            callgrind::be_counted(workload, contender);
        }
        Err(problem) => {
            eprintln!("{problem}\n\n{}", options::USAGE);
            std::process::exit(2);
        }
    }
}

fn compare(options: &Options) {
    // What is measured without a listener must come before anybody installs one.
    let (off, on): (Vec<_>, Vec<_>) = options.workloads().partition(|workload| workload.is_off());
    let mut results = measure(&off, options);
    let _installed = contenders::install();
    results.extend(measure(&on, options));
    if options.callgrind {
        callgrind::count(&mut results);
    }
    let report = Report { results, future_sizes: future_size::all() };
    if options.json {
        println!("{:#}", report.json());
    } else {
        print!("{}", report.table());
    }
}

fn measure(workloads: &[&'static Workload], options: &Options) -> Vec<harness::Outcome> {
    workloads.iter().map(|workload| harness::measure(workload, options.rounds)).collect()
}
