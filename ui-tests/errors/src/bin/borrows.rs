//! What does not live long enough, or is gone.

use std::pin::Pin;
use traced::traced;

#[traced]
fn moved(text: String) -> usize {
    drop(text);
    text.len()
}

#[traced]
fn immutable(items: Vec<u8>) -> usize {
    items.push(1);
    items.len()
}

#[traced]
fn twice(items: &mut Vec<u8>) -> u8 {
    let first = &items[0];
    items.clear();
    *first
}

#[traced]
fn dangling(order: u64) -> &'static u64 {
    let local = order;
    &local
}

#[traced]
fn dangling_text() -> Result<&'static str, ()> {
    let local = String::new();
    Ok(&local)
}

#[traced]
fn dangling_items() -> impl Iterator<Item = u8> {
    let local = vec![1];
    local.iter().copied()
}

#[traced]
fn dangling_closure(n: u8) -> Box<dyn Fn() -> u8> {
    let local = n;
    Box::new(|| local)
}

#[traced]
fn dangling_future() -> impl Future<Output = usize> {
    let local = String::new();
    async { local.len() }
}

#[traced]
fn dangling_result_of_future() -> impl Future<Output = Result<usize, ()>> {
    let local = String::new();
    async { Ok(local.len()) }
}

#[traced]
fn dangling_box() -> Pin<Box<dyn Future<Output = usize>>> {
    let local = String::new();
    Box::pin(async { local.len() })
}

#[traced]
async fn dangling_later() -> &'static str {
    let local = String::new();
    std::future::ready(()).await;
    &local
}

#[traced]
fn parameter(mut items: Vec<u8>) -> Option<&'static mut u8> {
    items.push(1);
    items.last_mut()
}

#[traced]
fn fallible(text: String) -> Result<usize, std::num::ParseIntError> {
    let n: usize = text.parse()?;
    drop(text);
    Ok(text.len() + n)
}

#[traced]
async fn later(text: String) -> usize {
    drop(text);
    std::future::ready(()).await;
    text.len()
}

#[traced]
fn shared(name: &String) -> &str {
    name.push('a');
    name
}

fn main() {}
