//! Redaction allocates nothing: not for a mask, not for a type that is walked, nor for what an expression makes.

#![allow(
    dead_code,
    unused_variables,
    clippy::too_many_arguments,
    reason = "what is recorded is the test"
)]

use crate::counting::allocations_of;
use traced::memory::Memory;
use traced::sampling::AlwaysOn;
use traced::{Redact, traced};

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
    allocations_of(|| (0..10).for_each(|_| assert!(call())))
}

#[test]
fn redaction_allocates_nothing() {
    traced::redact::set_key(&[7; 32]).unwrap();
    let memory = Memory::new();
    let builder = traced_tests::builder().sampler(AlwaysOn).exporter(memory.clone());
    // The collector does not take a page away in the middle.
    let builder = builder.interval(std::time::Duration::from_secs(1_000_000));
    let _installed = builder.install().unwrap();
    let text = "4242424242424242";
    let lines = [Line(text), Line(text)];
    let address = Address { city: "Bern", lines };
    let service = Service(Card { number: text, cvv: text, holder: text, address });
    root(&service);
    assert_eq!(root(&service), 0);
    assert!(traced_tests::flush());
    let spans = memory.take();
    assert_eq!(spans.len(), 2 * 12);
    let failed = spans
        .iter()
        .find(|span| span.attribute("error.message").is_some() || !span.events.is_empty());
    assert!(failed.is_some_and(|span| span.attribute("card.address.lines.1") == Some(&16.into())));
}
