#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
struct Undecided {
    foreign: std::time::Instant,
}

fn main() {}
