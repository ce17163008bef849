#![allow(unused)]

fn place(order: u64) {
    traced::record!();
    traced::record!(@parent, order);
}

fn main() {}
