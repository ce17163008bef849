#![allow(unused)]

use traced::traced;

struct Card;

#[traced(fields(card = %card, again = ?card))]
fn pay(card: &Card) {}

fn main() {}
