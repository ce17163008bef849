#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
struct Undecided {
    text: String,
}

fn main() {}
