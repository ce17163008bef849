#![allow(unused)]

use traced::traced;

#[traced(level = "debgu")]
fn near() {}

#[traced(level = Level::VERBOSE)]
fn far() {}

#[traced(level = 7)]
fn number() {}

fn main() {}
