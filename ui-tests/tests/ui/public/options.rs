#![allow(unused)]

use traced::traced;

#[traced]
fn pay(#[public(each)] a: u64, #[skip(b)] b: u64) {}

fn main() {}
