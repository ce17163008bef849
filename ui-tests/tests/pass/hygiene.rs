#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

struct Ok;
struct Err;
struct Some;
struct None;
struct Option;
struct Result;
struct Box;
struct Future;
struct String;
mod std {}
mod core {}
mod traced {}
const SITE: u8 = 1;

#[::traced::traced]
fn opaque(_a: u64, _b: Option) -> Result {
    Result
}

#[::traced::traced]
fn result(span: u8, result: u8, __traced: u8, _guard: u8, error_type: u8, value_0: u8) -> ::core::result::Result<u8, u8> {
    ::core::result::Result::Ok(span + result + __traced + _guard + error_type + value_0 + SITE)
}

#[::traced::traced(fields(x = %argument_0.to_string()))]
fn pattern((a, b): (u8, u8), argument_0: u8, value_0: u8) -> u8 {
    a + b + argument_0 + value_0
}

#[::traced::traced]
async fn later(a: u64, result: u8) -> ::core::result::Result<u64, u8> {
    if a == 0 { ::core::result::Result::Err(result) } else { ::core::result::Result::Ok(a) }
}

fn main() {
    let _ = opaque(1, Option);
    let _ = result(1, 1, 1, 1, 1, 1);
    pattern((1, 1), 1, 1);
    drop(later(1, 1));
}
