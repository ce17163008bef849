#![allow(unused)]

use traced::traced;

struct Order;

#[traced(parent = order)]
fn place(order: Order) {}

fn main() {}
