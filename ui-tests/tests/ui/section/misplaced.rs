#![allow(unused)]

use traced::traced;

fn h() -> u8 {
    1
}

#[traced]
fn places(pair: (u8, u8)) -> u8 {
    let sum = [#[section("operand")] 1 + h()];
    let closure = || {
        #[section("closure")]
        h();
    };
    let future = async {
        #[section("future")]
        h();
    };
    let list = vec![#[section("macro")] h()];
    match pair {
        #[section("arm")]
        (0, _) => 1,
        _ => 2,
    }
}

#[traced]
fn options() {
    #[section]
    h();
    #[section()]
    h();
    #[section("bad", slow = "soon")]
    h();
    #[section("query", sql = format!("select {}", 1))]
    h();
    #[section("query", sql = %h())]
    h();
}

const NAME: String = String::new();

#[traced]
fn types() {
    #[section("query", sql = NAME)]
    h();
}

fn main() {}
