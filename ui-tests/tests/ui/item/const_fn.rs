#![allow(unused)]

use traced::traced;

#[traced]
const fn double(n: u64) -> u64 {
    n * 2
}

fn main() {}
