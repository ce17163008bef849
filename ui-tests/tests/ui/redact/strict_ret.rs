#![allow(unused)]

use traced::traced;

#[traced(strict, ret = display)]
fn displayed() -> String {
    String::new()
}

fn main() {}
