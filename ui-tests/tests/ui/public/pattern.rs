#![allow(unused)]

use traced::traced;

#[traced]
fn marked(#[public] (a, b): (u64, u64)) {}

#[traced(public(a))]
fn listed((a, b): (u64, u64)) {}

fn main() {}
