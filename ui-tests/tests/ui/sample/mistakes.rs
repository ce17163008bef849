#![allow(unused)]

use traced::traced;

const RATE: f64 = 0.1;

#[traced(sample = 1.5)]
fn too_much() {}

#[traced(sample = "10%")]
fn text() {}

#[traced(sample = RATE)]
fn constant() {}

fn main() {}
