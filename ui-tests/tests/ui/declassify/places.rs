#![allow(unused)]

use std::fmt;
use traced::{Redact, traced};

#[derive(Redact, Debug)]
struct Card(#[redact] String);

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Card {}

#[traced]
fn public(#[public] card: &Card) {}

#[traced]
fn vouched(#[public(display, reason = "I know better")] card: &Card) {}

fn whole(card: &Card) -> String {
    card.0.clone()
}

#[traced]
fn made(#[public(with = whole, reason = "I know better")] card: &Card) {}

#[traced]
fn masked(#[redact(with = whole)] card: &Card) {}

#[traced(fields(%card, shown = ?card))]
fn sigils(card: &Card) {}

#[traced(err = display)]
fn err() -> Result<(), Card> {
    Ok(())
}

#[traced(ret = debug)]
fn ret() -> Card {
    Card(String::new())
}

fn events(card: Card) {
    traced::event!("paid", %card);
    traced::record!(card = ?card);
    traced::event!("made", card = %Card(String::new()));
}

#[derive(Redact)]
struct Outer {
    #[public]
    card: Card,
    #[public(debug, reason = "I know better")]
    other: Card,
    #[public(with = whole, reason = "I know better")]
    made: Card,
    #[redact(with = whole)]
    masked: Card,
}

fn main() {}
