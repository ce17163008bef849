#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
enum Method {
    #[skip]
    Cash(String),
    #[public]
    Card(String),
    #[redact(len)]
    Iban(#[redact] String),
}

fn main() {}
