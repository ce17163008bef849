#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
struct Person {
    #[redact(len)]
    #[public]
    email: String,
}

fn main() {}
