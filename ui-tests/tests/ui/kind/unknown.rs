#![allow(unused)]

use traced::traced;

#[traced(kind = sever)]
fn near() {}

#[traced(kind = "batch")]
fn far() {}

#[traced(kind = 3)]
fn number() {}

fn main() {}
