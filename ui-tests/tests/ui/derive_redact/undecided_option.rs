#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
struct Undecided {
    optional: Option<String>,
}

fn main() {}
