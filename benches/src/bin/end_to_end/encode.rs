//! From our records to bytes: bodies of about a mebibyte, as the pipeline sends them.

use std::hint::black_box;
use std::time::Instant;
use traced::data::{Limits, Resource};
use traced::otlp::proof::{Reused, record};

const TRACES: usize = 45;
const LEAVES: u64 = 100;
const ROUNDS: usize = 600;

#[traced::traced(skip_all)]
fn root(work: impl FnOnce()) {
    work();
}

#[traced::traced(skip_all)]
#[inline(never)]
fn plain(number: u64) {
    black_box(number);
}

#[traced::traced]
#[inline(never)]
fn recorded(number: u64, #[public] text: &str) {
    black_box((number, text));
}

#[traced::traced(skip_all)]
#[inline(never)]
fn with_event(number: u64) {
    traced::event!("validated", checks = 3);
    black_box(number);
}

#[traced::traced(skip_all)]
#[inline(never)]
fn recorded_late(number: u64) {
    traced::record!(late = number);
}

/// What is done a hundred times in each trace.
type Leaf = fn(u64);

pub(crate) fn measure() {
    let leaves: [(&str, Leaf); 4] = [
        ("plain", plain),
        ("u64 and &str", |number| recorded(number, "a text of usual length")),
        ("with an event", with_event),
        ("recorded late", recorded_late),
    ];
    for (name, leaf) in leaves {
        let recording = record(|| {
            for _ in 0..TRACES {
                root(|| (0..LEAVES).for_each(leaf));
            }
        });
        #[allow(clippy::cast_precision_loss)]
        let spans = recording.spans().len() as f64;
        for code in [true, false] {
            let mut encoder = Reused::new(Limits::default(), code, Resource::new());
            let (mut least, mut bytes) = (f64::INFINITY, 0);
            for _ in 0..ROUNDS {
                let begun = Instant::now();
                bytes = black_box(recording.encode(&mut encoder)).len();
                least = least.min(begun.elapsed().as_secs_f64() * 1e9);
            }
            let what = if code { "" } else { ", no code.*" };
            #[allow(clippy::cast_precision_loss)]
            let bytes = bytes as f64 / spans;
            println!("  {:26} {:8.1} {bytes:8.1}", format!("{name}{what}"), least / spans);
        }
    }
}
