#![allow(unused)]

use traced::traced;

#[traced]
struct Order;

#[traced]
mod orders {}

fn main() {}
