#![allow(unused)]

use traced::traced;

#[traced(skip(oder))]
fn near(order: u64) {}

#[traced(skip(customer))]
fn far(order: u64) {}

#[traced(skip)]
fn no_list(order: u64) {}

#[traced(skip(self))]
fn no_self(order: u64) {}

fn main() {}
