#![allow(unused)]

use traced::traced;

#[traced(root skip_all)]
fn place() {}

#[traced(7)]
fn number() {}

fn main() {}
