#![allow(unused)]

use traced::traced;

struct Order;

#[traced(links = order.0)]
fn place(order: (u64,)) {}

fn main() {}
