//! What comes back, and what a span says about it.

use super::{is_error, span};
use std::pin::pin;
use traced::data::Status;
use traced::traced;
use traced_tests::{block_on, poll_once, yield_now};

#[traced]
async fn coerced(fails: bool) -> Result<Box<dyn Fn() -> u32 + Send + Sync>, String> {
    yield_now().await;
    if fails {
        return Err("no".into());
    }
    Ok(Box::new(|| 7))
}

#[traced]
fn coerced_sync(fails: bool) -> Result<Box<dyn Fn() -> u32 + Send + Sync>, String> {
    if fails {
        return Err("no".into());
    }
    Ok(Box::new(|| 7))
}

#[traced]
fn coerced_at_the_end() -> Result<Box<dyn Fn() -> u32>, String> {
    Ok(Box::new(|| 7))
}

#[traced]
fn coerced_slice() -> Result<&'static [u8], String> {
    Ok(&[1, 2, 3])
}

#[traced]
fn never() -> ! {
    std::panic::resume_unwind(Box::new("x"))
}

#[traced]
async fn never_later() -> ! {
    loop {
        yield_now().await;
    }
}

#[traced]
fn option() -> Option<u32> {
    let number = "7".parse().ok()?;
    Some(number)
}

#[traced]
fn iterates(fails: bool) -> Result<impl Iterator<Item = u32>, String> {
    if fails {
        return Err("no".into());
    }
    Ok([1, 2].into_iter())
}

#[traced]
async fn iterates_later(fails: bool) -> Result<impl Iterator<Item = u32>, String> {
    let text = if fails { "x" } else { "1" };
    let number: u32 = text.parse().map_err(|_| text.to_owned())?;
    Ok([number, 2].into_iter())
}

#[traced]
fn gives_a_closure() -> impl Fn(u32) -> u32 {
    |x| x + 1
}

#[traced]
fn gives_a_closure_in_a_result() -> Result<impl Fn(u32) -> u32, String> {
    let one = "1".parse::<u32>().map_err(|e| e.to_string())?;
    Ok(move |x| x + one)
}

#[traced]
async fn gives_a_closure_later() -> impl Fn() -> u32 {
    || 7
}

#[traced]
fn iterator() -> impl Iterator<Item = u32> + Clone {
    (0..3).map(|x| x * 2)
}

#[traced]
fn unit_result(fails: bool) -> Result<(), std::fmt::Error> {
    if fails {
        Err(std::fmt::Error)?;
    }
    Ok(())
}

#[traced]
fn boxed_error(text: &str) -> Result<u8, Box<dyn std::error::Error + Send + Sync>> {
    if text.is_empty() {
        return Err("empty".into());
    }
    Ok(text.parse()?)
}

#[traced]
async fn boxed_error_later(text: &str) -> Result<u8, Box<dyn std::error::Error + Send + Sync>> {
    yield_now().await;
    if text.is_empty() {
        Err("empty")?;
    }
    Ok(text.parse()?)
}

#[traced]
fn inferred() -> Result<Vec<u64>, std::num::ParseIntError> {
    "1 2".split(' ').map(str::parse).collect()
}

#[traced]
fn default_of_result() -> Result<u64, String> {
    Ok(Default::default())
}

#[traced]
fn nested() -> Result<Result<u8, String>, String> {
    Ok(Err("inner".into()))
}

#[traced]
fn diverges_at_the_end(fails: bool) -> Result<u8, String> {
    if fails {
        return Err("no".into());
    }
    loop {
        break Ok(1);
    }
}

#[traced]
fn only_returns(number: u8) -> Result<u8, u8> {
    return Err(number);
}

#[traced]
fn recursion(n: u64) -> Result<u64, String> {
    Ok(if n == 0 { 0 } else { recursion(n - 1)? + 1 })
}

#[traced]
async fn recursion_later(n: u64) -> u64 {
    if n == 0 { 0 } else { Box::pin(recursion_later(n - 1)).await + 1 }
}

type Foo = ();
#[allow(unused)]
enum Bar {
    Foo,
}

#[traced]
fn shadowed_by_use() -> Foo {
    #[allow(unused_imports)]
    use Bar::*;
}

#[test]
fn errors_are_seen_and_values_come_back() {
    span("results::coerced", || assert_eq!(block_on(coerced(false)).unwrap()(), 7));
    is_error(&span("results::coerced", || drop(block_on(coerced(true)))));
    span("results::coerced_sync", || assert_eq!(coerced_sync(false).unwrap()(), 7));
    is_error(&span("results::coerced_sync", || drop(coerced_sync(true))));
    span("results::coerced_at_the_end", || assert_eq!(coerced_at_the_end().unwrap()(), 7));
    span("results::coerced_slice", || assert_eq!(coerced_slice().unwrap().len(), 3));
    span("results::option", || assert_eq!(option(), Some(7)));
    span("results::iterates", || assert_eq!(iterates(false).unwrap().count(), 2));
    is_error(&span("results::iterates", || drop(iterates(true))));
    span("results::iterates_later", || {
        assert_eq!(block_on(iterates_later(false)).unwrap().sum::<u32>(), 3);
    });
    is_error(&span("results::iterates_later", || drop(block_on(iterates_later(true)))));
    span("results::gives_a_closure", || assert_eq!(gives_a_closure()(1), 2));
    span("results::gives_a_closure_in_a_result", || {
        assert_eq!(gives_a_closure_in_a_result().unwrap()(1), 2);
    });
    span("results::gives_a_closure_later", || assert_eq!(block_on(gives_a_closure_later())(), 7));
    span("results::iterator", || assert_eq!(iterator().clone().count(), 3));
    is_error(&span("results::unit_result", || drop(unit_result(true))));
    is_error(&span("results::boxed_error", || drop(boxed_error(""))));
    is_error(&span("results::boxed_error_later", || drop(block_on(boxed_error_later("x")))));
    span("results::inferred", || assert_eq!(inferred(), Ok(vec![1, 2])));
    span("results::default_of_result", || assert_eq!(default_of_result(), Ok(0)));
    let it = span("results::nested", || drop(nested()));
    assert_eq!(it.status, Status::Unset);
    span("results::diverges_at_the_end", || assert_eq!(diverges_at_the_end(false), Ok(1)));
    is_error(&span("results::diverges_at_the_end", || drop(diverges_at_the_end(true))));
    is_error(&span("results::only_returns", || drop(only_returns(1))));
    span("results::recursion", || assert_eq!(recursion(3), Ok(3)));
    span("results::recursion_later", || assert_eq!(block_on(recursion_later(3)), 3));
    span("results::shadowed_by_use", shadowed_by_use);
}

#[test]
fn what_never_returns_ends_with_its_panic_or_with_its_future() {
    let it = span("results::never", || {
        let _ = std::panic::catch_unwind(|| never());
    });
    is_error(&it);
    span("results::never_later", || {
        assert!(poll_once(pin!(never_later())).is_pending());
    });
}
