#![allow(unused)]

use traced::traced;

#[traced(name = "a", name = "b")]
fn named() {}

#[traced("a", name = "b")]
fn named_bare() {}

#[traced(root, root)]
fn rooted() {}

fn main() {}
