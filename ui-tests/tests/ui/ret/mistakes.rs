#![allow(unused)]

use traced::traced;

#[traced(ret = json)]
fn unknown() -> u8 {
    1
}

#[traced(ret(level = "info"))]
fn level() -> u8 {
    1
}

#[traced(ret)]
fn nothing() {}

#[traced(ret)]
fn never() -> ! {
    panic!()
}

fn main() {}
