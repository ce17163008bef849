//! What a redacted argument costs over the same span without arguments, and what it allocates.
//!
//! `cargo run --release -p traced --features hash --example redaction_cost`

#![allow(
    unsafe_code,
    missing_docs,
    unused_variables,
    reason = "a counting allocator; arguments are for the span"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;
use traced::memory::Memory;
use traced::sampling::{AlwaysOff, AlwaysOn};
use traced::{Redact, traced};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        // SAFETY: what the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: what the caller promises; the pointer came from the same allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Redact)]
struct Card {
    #[redact(last = 4)]
    number: String,
    #[redact]
    #[allow(dead_code, reason = "that is the point")]
    cvv: String,
    #[public]
    brand: &'static str,
    #[redact(len)]
    holder: String,
}

#[traced]
fn bare() {}
#[traced]
fn number(order: u64) {}
#[traced]
fn left_out(text: &str) {}
#[traced]
fn public(#[public] text: &str) {}
#[traced]
fn marker(#[redact] text: &str) {}
#[traced]
fn length(#[redact(len)] text: &str) {}
#[traced]
fn last(#[redact(last = 4)] text: &str) {}
#[traced]
fn hash(#[redact(hash)] text: &str) {}
#[traced]
fn hash_of_class(#[redact(hash, class = "pii.email")] text: &str) {}
#[traced]
fn walk(card: &Card) {}

const SPANS: u32 = 200;
const ROOTS: u32 = 400;

#[traced]
fn root(work: &dyn Fn()) {
    for _ in 0..SPANS {
        work();
    }
}

/// Nanoseconds and allocations of a span, the least of many roots.
fn measure(work: &dyn Fn()) -> (f64, f64) {
    let (mut least, mut allocations) = (f64::MAX, u64::MAX);
    for _ in 0..ROOTS {
        let before = ALLOCATIONS.load(Relaxed);
        let begun = Instant::now();
        root(work);
        let took = begun.elapsed().as_nanos();
        #[allow(clippy::cast_precision_loss, reason = "few nanoseconds")]
        let took = took as f64 / f64::from(SPANS);
        least = least.min(took);
        allocations = allocations.min(ALLOCATIONS.load(Relaxed) - before);
    }
    #[allow(clippy::cast_precision_loss, reason = "few")]
    let allocations = allocations as f64 / f64::from(SPANS);
    (least, allocations)
}

fn table(card: &Card) {
    let text = black_box("jane.doe@example.org");
    let cases: [(&str, &dyn Fn()); 10] = [
        ("no argument", &bare),
        ("number", &|| number(black_box(7))),
        ("text left out", &|| left_out(text)),
        ("public text of 20 bytes", &|| public(text)),
        ("marker", &|| marker(text)),
        ("len", &|| length(text)),
        ("last = 4", &|| last(text)),
        ("hash", &|| hash(text)),
        ("hash of a class", &|| hash_of_class(text)),
        ("a type of four fields", &|| walk(card)),
    ];
    let (least, _) = measure(&bare);
    println!("{:26} {:>9} {:>10} {:>12}", "argument", "ns a span", "over bare", "allocations");
    for (name, work) in cases {
        let (took, allocations) = measure(work);
        println!("{name:26} {took:>9.1} {:>10.1} {allocations:>12.3}", took - least);
    }
}

fn main() -> Result<(), traced::InstallError> {
    let card = Card {
        number: "4242424242424242".into(),
        cvv: "123".into(),
        brand: "visa",
        holder: "Jane Doe".into(),
    };
    println!("off:");
    table(&card);
    traced::redact::set_key(&[7; 32]).expect("a key");
    let recorded = std::env::args().nth(1).as_deref() != Some("unsampled");
    let builder = traced::builder().exporter(Memory::new());
    let builder = if recorded { builder.sampler(AlwaysOn) } else { builder.sampler(AlwaysOff) };
    let _tracing = builder.install()?;
    println!("\n{}:", if recorded { "recorded" } else { "unsampled" });
    table(&card);
    Ok(())
}
