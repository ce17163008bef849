#![allow(unused)]

use traced::traced;

#[traced(redact(a, hash(a)))]
fn twice(a: &str) {}

#[traced(public(a), redact(a))]
fn conflict(a: &str) {}

#[traced(redact(len(b)))]
fn no_such_argument(a: &str) {}

#[traced(redact(last(a, 5)))]
fn too_much(a: &str) {}

#[traced(redact(lenn(a)))]
fn misspelled(a: &str) {}

#[traced(public(display(a)))]
fn no_reason(a: &str) {}

#[traced(rename(b = "x"))]
fn renamed(a: &str) {}

#[traced]
fn on_an_argument(#[public(rest)] a: &str, #[expected] b: &str) {}

fn before_values(text: &str) {
    traced::event!("it", #[redact(len)] text = %text);
    traced::event!("it", #[skip] text = text);
    traced::event!("it", #[inline] text = text);
}

fn main() {}
