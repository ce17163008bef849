//! `traced` under another path: re-exported by a crate that wraps it, or renamed.

use traced::test::capture;

extern crate traced as renamed;

/// What a company's own crate would be.
#[allow(unreachable_pub, reason = "in a crate it would be reached")]
mod company {
    pub mod observability {
        pub use ::traced::{Redact, event, record, section, traced};
        // What generated code names.
        pub use ::traced::__private;
    }
    pub use ::traced as kit;
}

use company::{kit, observability};

#[observability::traced(crate = crate::facade::company::observability, ret)]
fn wrapped(order: u64, #[public] currency: &str) -> Result<u64, String> {
    let _section =
        observability::section!(crate = crate::facade::company::observability; "part", n = order);
    observability::event!(crate = crate::facade::company::observability; "seen", n = order);
    observability::record!(crate = crate::facade::company::observability; more = order + 1);
    if currency.is_empty() { Err("none".to_owned()) } else { Ok(order) }
}

#[kit::traced(crate = crate::facade::kit)]
async fn later(order: u64) -> Result<(), std::fmt::Error> {
    #[section("step", n = order)]
    let n = order;
    if n == 0 { Err(std::fmt::Error) } else { Ok(()) }
}

#[renamed::traced(crate = renamed)]
impl Orders {
    fn place(&self, order: u64) -> u64 {
        order + 1
    }
}

struct Orders;

#[derive(observability::Redact)]
#[traced(crate = crate::facade::company::observability)]
struct Card {
    #[public]
    brand: String,
    #[redact]
    #[allow(dead_code, reason = "a marker does not mention it")]
    number: String,
}

#[kit::traced(crate = kit)]
fn pay(card: &Card) {
    let _ = card;
}

#[test]
fn expansions_name_nothing_else() {
    let spans = capture(|| {
        wrapped(7, "EUR").unwrap();
        wrapped(7, "").unwrap_err();
        traced_tests::block_on(later(0)).unwrap_err();
        Orders.place(1);
        pay(&Card { brand: "visa".to_owned(), number: "4111".to_owned() });
    });
    let first = &spans[0];
    assert_eq!(first.name, "facade::wrapped");
    assert_eq!(first.attribute("order"), Some(&7.into()));
    assert_eq!(first.attribute("currency"), Some(&"EUR".into()));
    assert_eq!(first.attribute("return"), Some(&7.into()));
    assert!(spans.named("step").attribute("n").is_some());
    assert!(matches!(spans.named("facade::later").status, traced::data::Status::Error(_)));
    assert_eq!(spans.named("Orders::place").attribute("order"), Some(&1.into()));
    let pay = spans.named("facade::pay");
    assert_eq!(pay.attribute("card.brand"), Some(&"visa".into()));
    assert_eq!(pay.attribute("card.number"), Some(&"[redacted]".into()));
}
