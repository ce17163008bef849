#![allow(unused)]

fn place() {
    let _section = traced::section!(slow = "50ms");
    let _section = traced::section!("load", slow = "50");
}

fn main() {}
