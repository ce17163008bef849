#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
union Both {
    number: u64,
    bytes: [u8; 8],
}

fn main() {}
