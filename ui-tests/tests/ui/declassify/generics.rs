#![allow(unused)]

use std::fmt::{Debug, Display};
use traced::traced;

#[traced(fields(%value, shown = ?other))]
fn sigils<T: Display>(value: T, other: &impl Debug) {}

#[traced]
fn public<T: Display>(#[public] value: T) {}

fn main() {}
