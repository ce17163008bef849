#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
struct Undecided {
    number: u64,
}

fn main() {}
