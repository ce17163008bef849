#![allow(unused)]

use traced::traced;

#[traced(skip_all(order))]
fn place(order: u64) {}

fn main() {}
