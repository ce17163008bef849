#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
enum Method {
    Cash,
    #[public]
    Card(String),
    #[redact(len)]
    Iban(#[redact] String),
}

#[derive(Redact)]
union Both {
    number: u64,
    bytes: [u8; 8],
}

fn main() {}
