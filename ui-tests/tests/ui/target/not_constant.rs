#![allow(unused)]

use traced::traced;

#[traced(target = target())]
fn called() {}

fn main() {}
