#![allow(unused)]

use std::collections::HashMap;
use traced::Redact;

#[derive(Redact)]
struct Undecided {
    raw_keys: HashMap<String, Decided>,
}

#[derive(Redact, PartialEq, Eq, Hash)]
struct Decided(#[redact] String);

fn main() {}
