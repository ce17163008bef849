#![allow(unused)]

use traced::traced;

#[traced(nmae = "order")]
fn place(#[public] order: u64) -> u64 {
    order
}

fn caller() -> u64 {
    place(7)
}

fn main() {}
