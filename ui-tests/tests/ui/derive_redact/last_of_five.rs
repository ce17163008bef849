#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
struct Card {
    #[redact(last = 5)]
    number: String,
}

fn main() {}
