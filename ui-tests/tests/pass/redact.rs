//! What must compile: redacted and skipped fields of types that implement nothing, generics without bounds, foreign
//! types.
#![deny(warnings)]
#![allow(dead_code)]

use std::marker::PhantomData;
use traced::{Redact, SafeDebug, traced};

struct Nothing;

#[derive(Redact, SafeDebug)]
struct Holds<'a, T, U: ?Sized, const N: usize> {
    #[redact]
    nothing: Nothing,
    #[skip]
    skipped: Nothing,
    #[redact]
    generic: T,
    #[skip]
    array: [T; N],
    #[redact]
    pointer: *const T,
    #[skip]
    marker: PhantomData<fn(Nothing) -> T>,
    #[redact]
    reference: &'a U,
    #[redact]
    function: fn(Nothing) -> Nothing,
}

#[derive(Redact)]
enum Empty {}

#[derive(Redact)]
struct Unsized(#[redact] u8, #[redact] [Nothing]);

#[derive(Redact)]
enum Same {
    #[public]
    Redact {
        #[public]
        out: u64,
        #[redact]
        r#type: Nothing,
    },
}

#[traced]
fn arguments<T, U: ?Sized>(
    nothing: Nothing,
    #[redact] redacted: Nothing,
    #[skip] skipped: Nothing,
    generic: T,
    reference: &U,
    #[redact] other: T,
    closure: impl Fn(Nothing) -> Nothing,
    dynamic: &dyn Fn(Nothing),
    text: &str,
    slice: &[Nothing],
    foreign: std::time::Instant,
) {
    let _ = (&nothing, &redacted, &skipped, &generic, reference, &other, &closure, dynamic, text);
    let _ = (slice, foreign);
}

#[traced]
fn error<T>(error: T) -> Result<(), T> {
    Err(error)
}

#[traced]
fn borrowed<'a>(text: &'a str) -> Result<(), std::str::Split<'a, char>> {
    Err(text.split(','))
}

fn main() {
    let _ = error(Nothing);
    let _ = borrowed("");
}
