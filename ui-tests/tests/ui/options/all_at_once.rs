#![allow(unused)]

use traced::traced;

#[traced(nmae = "order", skip(b), slow = "100", kind = sever)]
fn place(a: u64, #[public] #[skip] c: u64) {}

fn main() {}
