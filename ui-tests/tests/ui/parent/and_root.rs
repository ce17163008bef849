#![allow(unused)]

use traced::traced;

#[traced(root, parent = traced::current())]
fn both() {}

#[traced(root = true)]
fn value() {}

fn main() {}
