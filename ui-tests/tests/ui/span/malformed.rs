#![allow(unused)]

fn place() {
    let _span = traced::span!(name());
}

fn main() {}
