//! What does not live long enough, or is gone.

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
