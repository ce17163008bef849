#![allow(unused)]

use traced::traced;

#[traced(public(order), skip(order))]
fn lists(order: u64) {}

#[traced(skip(order))]
fn marker_and_list(#[public] order: u64) {}

#[traced]
fn markers(#[public] #[redact] order: u64) {}

fn main() {}
