#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
enum Method {
    Cash,
    #[public]
    Card,
}

fn main() {}
