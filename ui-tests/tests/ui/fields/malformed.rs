#![allow(unused)]

use traced::traced;

#[traced(fields(a = 1, a = 2))]
fn twice() {}

#[traced(fields(%self.name()))]
fn no_key() {}

#[traced(fields)]
fn no_list() {}

#[traced(fields(= 3))]
fn no_name() {}

#[traced(fields(#[public] a = %1))]
fn public_and_sigil() {}

#[traced(fields(#[redact] a = 1))]
fn other_attribute() {}

#[traced(fields("" = 1))]
fn empty_key() {}

fn main() {}
