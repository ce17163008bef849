//! A program as it is shipped: one line in `main`, and whoever runs it says the rest.
//!
//! `cargo run -p traced-examples --example 03_configured`
//!
//! Try it with some variables; `docs/configuration.md` lists them all:
//!
//! - `OTEL_TRACES_EXPORTER=console`: traces on standard error. On a terminal that is the default.
//! - `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318`: traces to a collector.
//! - `TRACED=debug,03_configured::reserve=off`: other places record.
//! - `TRACED=[slow>1ms]`: what takes longer is slow.
//! - `OTEL_BSP_SCHEDULE_DELAY=soon`: a mistake is told in one line.

use std::thread::sleep;
use std::time::Duration;
use traced::traced;

#[traced]
fn checkout(order: u64) {
    reserve(order);
    audit(order);
}

#[traced]
fn reserve(order: u64) {
    sleep(Duration::from_millis(2 + order % 2));
}

// Nobody sees this but who asks for it.
#[traced(level = "debug")]
fn audit(order: u64) {
    assert!(order > 0);
}

fn main() {
    // Sends what is left when `main` ends.
    let _traced = traced::init!();
    checkout(7);
    // While it runs, a filter can be replaced.
    if let Err(mistake) = traced::filter("debug") {
        eprintln!("{mistake}");
    }
    checkout(8);
    if std::env::args().any(|argument| argument == "--doctor") {
        println!("{}", traced::doctor());
    }
}
