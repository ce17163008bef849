//! What is told of values, and what is not: a type decides once, a place can only tell less.
//!
//! `cargo run -p traced-examples --example 04_private`

use traced::console::{Style, render};
use traced::memory::Memory;
use traced::sampling::AlwaysOn;
use traced::{Redact, SafeDebug, traced};

/// What of a card may be told, wherever it is recorded.
#[derive(Redact, SafeDebug)]
struct Card {
    #[redact(last = 4)]
    number: String,
    #[redact]
    cvv: String,
    #[public]
    brand: String,
    #[redact(len)]
    holder: String,
}

#[derive(Debug, Redact)]
#[public(message = "declined by {issuer} for {holder}")]
struct Declined {
    #[public]
    issuer: &'static str,
    #[redact]
    holder: String,
}

/// `order` is a number, `currency` is declared, `note` is text that nobody declared, `pin` sounds secret.
#[traced]
fn charge(
    order: u64,
    #[public] currency: &str,
    note: &str,
    pin: u32,
    card: &Card,
) -> Result<(), Declined> {
    traced::event!("asked the issuer", attempts = 2, card, text = note);
    if order == 0 || currency.is_empty() || pin == 0 || card.cvv.is_empty() {
        return Ok(());
    }
    Err(Declined { issuer: "first bank", holder: card.holder.clone() })
}

fn main() -> Result<(), traced::InstallError> {
    let spans = Memory::new();
    let tracing =
        traced::builder().sampler(AlwaysOn).exporter(spans.clone()).filter("info").install()?;
    let card = Card {
        number: "4242424242424242".into(),
        cvv: "123".into(),
        brand: "visa".into(),
        holder: "Jane Doe".into(),
    };
    println!("in a log: {card:?}\n");
    if let Err(declined) = charge(7, "EUR", "call me at 555-0100", 1234, &card) {
        println!("in the program: {} declines the card of {}\n", declined.issuer, declined.holder);
    }
    drop(tracing);
    println!("in the trace:\n{}", render(&spans.take(), &Style::detect()));
    Ok(())
}
