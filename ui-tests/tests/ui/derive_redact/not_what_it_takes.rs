#![allow(unused)]

use traced::{Public, Redact, SafeDebug};

#[derive(Redact)]
struct Masks {
    #[redact(len)]
    truth: bool,
    #[redact(last = 4)]
    number: u64,
    #[redact(hash)]
    float: f64,
    #[public]
    not_a_leaf: Other,
}

struct Other;

#[derive(SafeDebug)]
struct WithoutPolicy;

#[derive(Public)]
struct Two(u64, u64);

#[derive(Public)]
struct OfSomethingElse(Other);

fn main() {}
