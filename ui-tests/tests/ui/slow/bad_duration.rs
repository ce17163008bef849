#![allow(unused)]

use traced::traced;

#[traced(slow = "100")]
fn no_unit() {}

#[traced(slow = "2m")]
fn unknown_unit() {}

#[traced(slow = "1.5s")]
fn fraction() {}

#[traced(slow = "soon")]
fn no_number() {}

#[traced(slow = "0ms")]
fn zero() {}

#[traced(slow = 100)]
fn no_string() {}

#[traced(slow = "99999999999s")]
fn too_long() {}

#[traced(slow)]
fn missing() {}

fn main() {}
