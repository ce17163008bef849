#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
struct Person {
    #[redact]
    #[redact]
    email: String,
}

fn main() {}
