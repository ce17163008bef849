//! Redaction allocates nothing: not for a mask, not for a type that is walked, nor for what an expression makes.

#![allow(
    missing_docs,
    unsafe_code,
    dead_code,
    unused_variables,
    clippy::too_many_arguments,
    reason = "a counting allocator; what is recorded is the test"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use traced::memory::Memory;
use traced::sampling::AlwaysOn;
use traced::{Redact, traced};

struct Counting;

thread_local! {
    /// Of this thread: the collector has its own.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: what the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: what the caller promises; the pointer came from the same allocator.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: what the caller promises; the pointer came from the same allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Redact)]
struct Card<'a> {
    #[redact(last = 4)]
    number: &'a str,
    #[redact]
    cvv: &'a str,
    #[redact(hash, class = "pii.holder")]
    holder: &'a str,
    address: Address<'a>,
}

#[derive(Redact)]
struct Address<'a> {
    #[public]
    city: &'a str,
    #[public(each)]
    lines: [Line<'a>; 2],
}

#[derive(Redact)]
struct Line<'a>(#[redact(len)] &'a str);

#[derive(Redact)]
enum Failed<'a> {
    #[public(message = "{brand} declined {number}, {line}")]
    Declined {
        #[public]
        brand: &'a str,
        #[redact]
        number: &'a str,
        line: Line<'a>,
        source: Cause,
    },
}

#[derive(Redact)]
#[public(message = "no answer")]
struct Cause;

struct Service<'a>(Card<'a>);

impl<'a> Service<'a> {
    fn card(&self) -> &Card<'a> {
        &self.0
    }

    #[traced(fields(card = self.card(), again = self.card(), line = Line(text)))]
    fn call(
        &self,
        #[redact] marked: &str,
        #[redact(len)] length: &str,
        #[redact(last = 4)] end: &str,
        #[redact(hash)] hash: &str,
        #[redact(hash, class = "pii.email")] classed: &str,
        text: &str,
        card: &Card<'_>,
        number: u64,
    ) -> Result<(), Failed<'a>> {
        let text = self.0.number;
        traced::event!(
            "event",
            card = self.card(),
            #[redact(last = 4)]
            text
        );
        traced::record!(
            late = self.card(),
            #[redact]
            text
        );
        Err(Failed::Declined { brand: "visa", number: text, line: Line(text), source: Cause })
    }
}

#[traced]
fn root(#[skip] service: &Service<'_>) -> u64 {
    let text = "jane.doe@example.org";
    let call = || service.call(text, text, text, text, text, text, service.card(), 7).is_err();
    // What a thread keeps is made once.
    assert!(call());
    let before = ALLOCATIONS.get();
    for _ in 0..10 {
        assert!(call());
    }
    ALLOCATIONS.get() - before
}

#[test]
fn redaction_allocates_nothing() {
    traced::redact::set_key(&[7; 32]).unwrap();
    let memory = Memory::new();
    let builder = traced::builder().sampler(AlwaysOn).exporter(memory.clone());
    let _installed = builder.install().unwrap();
    let text = "4242424242424242";
    let lines = [Line(text), Line(text)];
    let address = Address { city: "Bern", lines };
    let service = Service(Card { number: text, cvv: text, holder: text, address });
    root(&service);
    assert_eq!(root(&service), 0);
    assert!(traced::flush());
    let spans = memory.take();
    assert_eq!(spans.len(), 2 * 12);
    let failed = spans
        .iter()
        .find(|span| span.attribute("error.message").is_some() || !span.events.is_empty());
    assert!(failed.is_some_and(|span| span.attribute("card.address.lines.1") == Some(&16.into())));
}
