#![allow(unused)]

use traced::traced;

struct Card;

#[traced]
fn pay(#[public] card: &Card) {}

fn event(card: &Card) {
    traced::event!("paid", #[public] card = card);
}

fn main() {}
