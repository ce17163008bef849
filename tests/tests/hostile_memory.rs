//! However much a caller sends, what reading its headers takes is bounded: counted by an allocator, in a process of its own.

#![allow(
    missing_docs,
    unsafe_code,
    reason = "`GlobalAlloc` is an unsafe trait; every call is handed on to `System`"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use traced::propagation::{Format, Propagators};

thread_local! {
    /// What this thread holds, and the most that it did.
    static HELD: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

fn note(taken: usize, given: usize) {
    // A constant initializer without a destructor: this neither allocates nor fails.
    HELD.with(|cell| {
        let (held, most) = cell.get();
        let held = (held + taken).saturating_sub(given);
        cell.set((held, most.max(held)));
    });
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every method forwards its arguments unchanged to `System`, which keeps the contract of the trait,
// and touches no memory of the block besides. `realloc` is the trait's own, which goes by these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: what the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(0, layout.size());
        // SAFETY: what the caller promises; the pointer came from the same allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The most memory that this work held at a time, beside what was held before.
fn most_of<R>(work: impl FnOnce() -> R) -> usize {
    let (held, _) = HELD.get();
    HELD.set((held, held));
    drop(work());
    HELD.get().1 - held
}

const TRACEPARENT: (&str, &str) =
    ("traceparent", "00-12345678901234567890123456789012-1234567890123456-01");
const NAMES: [&str; 14] = [
    "traceparent",
    "tracestate",
    "baggage",
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-flags",
    "uber-trace-id",
    "x-datadog-trace-id",
    "x-datadog-parent-id",
    "x-datadog-sampling-priority",
    "x-datadog-tags",
];
/// What is read of a list at the most, 32 KiB, and half of that again while it grows.
const BOUND: usize = 48 << 10;

#[test]
fn whatever_is_sent_is_read_in_bounded_memory() {
    let all = Propagators::new(Format::ALL);
    let well_meant =
        most_of(|| all.extract(&[TRACEPARENT, ("tracestate", "a=1"), ("baggage", "b=2")]));
    assert!(well_meant > 0 && well_meant < 4096, "{well_meant}");
    let pieces = ["a=1,", "a", "0", "%41", "=,;", " ", "-1:", "é"];
    for name in NAMES {
        for piece in pieces {
            // One endless header, endlessly many, and many long ones.
            let endless = piece.repeat((1 << 20) / piece.len());
            let one = [TRACEPARENT, (name, &*endless)];
            let many: Vec<_> =
                [TRACEPARENT].into_iter().chain((0..20_000).map(|_| (name, piece))).collect();
            let long: Vec<_> = [TRACEPARENT]
                .into_iter()
                .chain((0..100).map(|n| (name, &endless[..1000 * n / piece.len() * piece.len()])))
                .collect();
            let most = [
                most_of(|| all.extract(&one)),
                most_of(|| all.extract(&many)),
                most_of(|| all.extract(&long)),
            ];
            assert!(most.iter().all(|most| *most <= BOUND), "{name}, {piece:?}: {most:?} bytes");
        }
    }
}
