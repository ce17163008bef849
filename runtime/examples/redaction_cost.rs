//! What a redacted argument costs over the same span without arguments, and what it allocates.
//!
//! `cargo run --release -p traced --features hash --example redaction_cost`
//!
//! With the name of a row and a number, that row runs so often, after `off` without tracing: two runs under
//! `valgrind --tool=callgrind` differ by its instructions.

#![allow(
    unsafe_code,
    missing_docs,
    unused_variables,
    dead_code,
    reason = "a counting allocator; arguments are for the span, and with feature `off` there is none"
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
#[traced]
fn number_and_text(order: u64, #[public] currency: &str) {}
#[traced]
fn number_and_marker(order: u64, #[redact] token: &str) {}
#[traced(fields(card = of_a_card(card)))]
fn made(#[skip] card: &Card) {}
#[traced]
fn fails(#[skip] card: &Card) -> Result<(), Declined<'_>> {
    Err(Declined {
        brand: card.brand,
        number: &card.number,
        holder: Holder(&card.holder),
        source: Io,
    })
}

fn of_a_card(card: &Card) -> &Card {
    card
}

#[derive(Redact)]
struct Holder<'a>(#[redact(last = 4)] &'a str);

#[derive(Redact)]
#[public(message = "{brand} declined {number} of {holder}")]
struct Declined<'a> {
    #[public]
    brand: &'static str,
    #[redact]
    #[allow(dead_code, reason = "that is the point")]
    number: &'a str,
    holder: Holder<'a>,
    source: Io,
}

#[derive(Redact)]
#[public(message = "input and output")]
struct Io;

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

type Case<'c> = (&'static str, &'c dyn Fn());

fn with_cases(card: &Card, each: impl FnOnce(&[Case<'_>])) {
    let text = black_box("jane.doe@example.org");
    each(&[
        ("no argument", &bare),
        ("number", &|| number(black_box(7))),
        ("text left out", &|| left_out(text)),
        ("public text of 20 bytes", &|| public(text)),
        ("marker", &|| marker(text)),
        ("len", &|| length(text)),
        ("number and text", &|| number_and_text(black_box(7), &text[..3])),
        ("number and marker", &|| number_and_marker(black_box(7), text)),
        ("last = 4", &|| last(text)),
        ("hash", &|| hash(text)),
        ("hash of a class", &|| hash_of_class(text)),
        ("a type of four fields", &|| walk(card)),
        ("the same from an expression", &|| made(card)),
        ("an error with a policy", &|| drop(black_box(fails(card)))),
    ]);
}

fn table(cases: &[Case<'_>]) {
    let (least, _) = measure(&bare);
    println!("{:28} {:>9} {:>10} {:>12}", "argument", "ns a span", "over bare", "allocations");
    for (name, work) in cases {
        let (took, allocations) = measure(work);
        println!("{name:28} {took:>9.1} {:>10.1} {allocations:>12.3}", took - least);
    }
}

fn install(sampled: bool) -> Result<traced::Installed, traced::InstallError> {
    traced::redact::set_key(&[7; 32]).expect("a key");
    let builder = traced::builder().exporter(Memory::new());
    if sampled { builder.sampler(AlwaysOn) } else { builder.sampler(AlwaysOff) }.install()
}

/// One row, so often, in roots of 200.
fn repeat(cases: &[Case<'_>], row: &str, times: u32) {
    let (_, work) = cases.iter().find(|(name, _)| *name == row).expect("the name of a row");
    (0..times.div_ceil(SPANS)).for_each(|_| root(work));
}

fn main() -> Result<(), traced::InstallError> {
    let card = Card {
        number: "4242424242424242".into(),
        cvv: "123".into(),
        brand: "visa",
        holder: "Jane Doe of Bern".into(),
    };
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let times = |number: &str| number.parse().expect("how often");
    match words[..] {
        ["off", row, number] => with_cases(&card, |cases| repeat(cases, row, times(number))),
        [row, number] => {
            let _tracing = install(true)?;
            with_cases(&card, |cases| repeat(cases, row, times(number)));
        }
        _ => {
            println!("off:");
            with_cases(&card, table);
            let sampled = words.first() != Some(&"unsampled");
            let _tracing = install(sampled)?;
            println!("\n{}:", if sampled { "recorded" } else { "unsampled" });
            with_cases(&card, table);
        }
    }
    Ok(())
}
