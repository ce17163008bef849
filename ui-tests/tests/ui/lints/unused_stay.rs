#![deny(warnings)]

use traced::traced;

#[traced]
fn unused_argument(a: u64) {}

#[traced]
fn unused_in_closure(a: u64) -> Option<u64> {
    None
}

#[traced]
async fn unused_in_future(a: u64, #[skip] mut b: String) {}

#[traced]
fn unused_binding((a, b): (u64, u64)) -> u64 {
    a
}

#[traced]
fn dead() {}

#[traced]
#[must_use]
fn must_use() -> u64 {
    1
}

fn main() {
    unused_argument(1);
    let _ = unused_in_closure(1);
    unused_in_future(1, String::new());
    unused_binding((1, 1));
    must_use();
}
