#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
struct Person {
    #[public(rename = concat!("e", "mail"))]
    email: String,
}

fn main() {}
