//! What does not fit.

#![allow(unused_must_use)]

use traced::traced;

#[traced]
fn tail(order: u64) -> u64 {
    let text = String::from("a");
    text
}

#[traced]
fn early(order: u64) -> Result<u64, String> {
    if order == 0 {
        return Ok("none");
    }
    let n: u64 = "1".parse()?;
    Ok(n)
}

#[traced]
fn missing_tail(order: u64) -> Result<u64, String> {
    order.checked_add(1);
}

#[traced]
fn nothing_expected(text: &str) {
    let n: u8 = text;
    text.no_such_method();
}

#[traced]
fn arguments((a, b): (u64, u64), mut c: Vec<u8>) -> usize {
    c.push("a");
    take(a, b, c)
}

fn take(_: u64, _: u64) -> usize {
    0
}

#[traced]
async fn later(text: &str) -> Result<u64, String> {
    std::future::ready(()).await;
    let n: u64 = text.parse()?;
    Ok(text)
}

#[traced]
async fn later_early(order: u64) -> Option<u64> {
    if order == 0 {
        return Err(());
    }
    order
}

#[traced]
#[track_caller]
fn located_conversion(text: &str) -> Result<u64, String> {
    let n: u64 = text.parse()?;
    Ok(n)
}

#[traced]
#[track_caller]
fn located_value(order: u64) -> Result<u64, String> {
    let n: u64 = order?;
    Ok(n)
}

#[traced]
#[track_caller]
fn located_option(order: Option<u64>) -> Result<u64, String> {
    Ok(order? + 1)
}

#[traced]
#[track_caller]
fn located_return(text: &str) -> Option<u8> {
    let first = text.chars().next()?;
    if first == 'a' {
        return Err(());
    }
    None
}

#[traced]
fn option(order: Option<u64>) -> Result<u64, String> {
    Ok(order? + 1)
}

struct Orders;

#[traced]
impl Orders {
    fn place(&self, order: u64) -> String {
        self.nothing();
        order
    }

    async fn find(&mut self) -> u8 {
        self.field
    }
}

#[traced]
fn question() -> u64 {
    let n: u64 = "1".parse()?;
    n
}

fn main() {}
