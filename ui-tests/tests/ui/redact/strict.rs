#![allow(unused)]

use traced::traced;

struct Foreign;

#[traced(strict)]
fn text(text: String, reference: &str, number: u64, foreign: &Foreign) {}

#[traced(strict)]
fn generic<T>(value: T) {}

fn main() {}
