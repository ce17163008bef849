#![allow(unused)]

use traced::traced;

#[traced(limit = "100")]
fn no_period() {}

#[traced(limit = "100/d")]
fn unknown_period() {}

#[traced(limit = 100)]
fn no_text() {}

fn main() {}
