#![allow(unused)]

use traced::traced;

#[traced(name = format!("order {}", 7))]
fn formatted() {}

#[traced(name)]
fn missing() {}

#[traced("")]
fn empty() {}

fn main() {}
