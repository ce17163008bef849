#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
struct Person {
    #[redact(class = CLASS)]
    email: String,
}

const CLASS: &str = "pii.email";

fn main() {}
