#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
struct Generic<T> {
    content: T,
}

fn main() {}
