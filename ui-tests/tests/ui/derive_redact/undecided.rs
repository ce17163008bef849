#![allow(unused)]

use std::collections::HashMap;
use traced::Redact;

struct Foreign;

#[derive(Redact)]
struct Undecided {
    text: String,
    number: u64,
    optional: Option<String>,
    foreign: Foreign,
    raw_keys: HashMap<String, Decided>,
}

#[derive(Redact, PartialEq, Eq, Hash)]
struct Decided(#[redact] String);

#[derive(Redact)]
struct Generic<T> {
    content: T,
}

fn main() {}
