#![allow(unused)]

use traced::traced;

#[traced(polls)]
fn place() -> u8 {
    1
}

fn main() {}
