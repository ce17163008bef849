//! What goes in and out by reference.

use super::{is_error, span};
use std::cell::{Cell, Ref, RefCell};
use std::future::Future;
use traced::traced;
use traced_tests::{block_on, yield_now};

#[traced]
async fn assigns_its_argument(mut a: &str) -> usize {
    let l = String::from("abc");
    yield_now().await;
    a = if a.is_empty() { &l } else { a };
    a.len()
}

#[traced]
#[allow(unused_assignments, unused_variables)]
async fn assigns_a_local(mut a: &str) {
    let l = String::new();
    a = &l;
}

#[traced(ret = display)]
fn same(x: &mut String) -> &mut String {
    x.push('!');
    x
}

#[traced(ret = display)]
fn part(x: &mut String) -> &str {
    if x.is_empty() {
        return "";
    }
    &x[..1]
}

#[traced]
fn found(v: &mut Vec<u32>) -> Result<&mut u32, String> {
    let first = v.first_mut().ok_or("empty")?;
    Ok(first)
}

#[traced]
fn deep<'a>(cell: &'a RefCell<Option<u8>>) -> Result<Option<Ref<'a, u8>>, String> {
    let inner = cell.try_borrow().map_err(|e| e.to_string())?;
    Ok(Ref::filter_map(inner, Option::as_ref).ok())
}

#[traced]
fn two<'a, 'b: 'a>(a: &'a str, b: &'b str) -> impl Iterator<Item = char> + use<'a, 'b> {
    a.chars().chain(b.chars())
}

#[traced]
fn outlives<'a>(a: &'a str, _b: &str) -> Box<dyn Fn() -> &'a str + 'a> {
    Box::new(move || a)
}

#[traced]
async fn hidden(a: &mut Vec<&str>, b: std::borrow::Cow<'_, str>) -> usize {
    yield_now().await;
    a.clear();
    b.len()
}

#[traced]
async fn one_of_two(a: &str, _b: &str) -> Option<usize> {
    yield_now().await;
    Some(a.len())
}

#[traced]
fn shared(g: &dyn Fn(u32) -> u32) -> u32 {
    g(1)
}

#[traced]
fn higher_ranked<F>(f: F) -> usize
where
    F: for<'x> Fn(&'x str) -> &'x str,
{
    f("abc").len()
}

#[traced]
async fn stays_send(x: Cell<u32>) -> u32 {
    yield_now().await;
    x.get()
}

#[traced]
fn dyn_and_lifetime(x: Box<dyn std::fmt::Debug + '_>) -> String {
    format!("{x:?}")
}

#[traced]
fn static_text() -> &'static str {
    "abc"
}

#[traced]
fn tail_temporary(x: &RefCell<Vec<u8>>) -> usize {
    x.borrow().len()
}

#[traced]
fn tail_temporary_of_result(x: &RefCell<Vec<u8>>) -> Result<u8, ()> {
    x.borrow().first().copied().ok_or(())
}

#[traced]
async fn tail_temporary_of_async(x: &RefCell<Vec<u8>>) -> usize {
    x.borrow().len()
}

#[traced]
fn tail_temporary_of_a_local() -> usize {
    let x = RefCell::new(vec![1]);
    let length = x.borrow().len();
    length
}

fn is_send<T: Send>(future: T) -> T {
    future
}

fn captures_only<'a>(future: impl Future<Output = usize> + 'a) -> impl Future<Output = usize> + 'a {
    future
}

#[test]
fn what_is_borrowed_comes_back() {
    span("borrows::assigns_its_argument", || assert_eq!(block_on(assigns_its_argument("")), 3));
    span("borrows::assigns_a_local", || block_on(assigns_a_local("")));
    let it = span("borrows::same", || same(&mut "a".into()).push('b'));
    assert_eq!(it.attribute("return"), Some(&"a!".into()));
    let it = span("borrows::part", || assert_eq!(part(&mut "xyz".into()), "x"));
    assert_eq!(it.attribute("return"), Some(&"x".into()));
    span("borrows::found", || *found(&mut vec![1]).unwrap() += 1);
    is_error(&span("borrows::found", || drop(found(&mut vec![]))));
    let cell = RefCell::new(Some(7));
    span("borrows::deep", || assert_eq!(deep(&cell).unwrap().as_deref(), Some(&7)));
    let _taken = cell.borrow_mut();
    is_error(&span("borrows::deep", || drop(deep(&cell))));
    span("borrows::two", || assert_eq!(two("a", "b").count(), 2));
    span("borrows::outlives", || assert_eq!(outlives("a", "b")(), "a"));
    span("borrows::shared", || assert_eq!(shared(&|x| x + 1), 2));
    span("borrows::higher_ranked", || assert_eq!(higher_ranked(|x| &x[1..]), 2));
    span("borrows::dyn_and_lifetime", || assert_eq!(dyn_and_lifetime(Box::new(1)), "1"));
    span("borrows::static_text", || assert_eq!(static_text(), "abc"));
}

#[test]
fn temporaries_of_the_last_expression_live_as_without() {
    let x = RefCell::new(vec![7]);
    span("borrows::tail_temporary", || assert_eq!(tail_temporary(&x), 1));
    span("borrows::tail_temporary_of_result", || {
        assert_eq!(tail_temporary_of_result(&x), Ok(7));
    });
    span("borrows::tail_temporary_of_async", || {
        assert_eq!(block_on(tail_temporary_of_async(&x)), 1);
    });
    span("borrows::tail_temporary_of_a_local", || assert_eq!(tail_temporary_of_a_local(), 1));
}

#[test]
fn futures_capture_and_are_what_they_were() {
    span("borrows::hidden", || {
        assert_eq!(block_on(is_send(hidden(&mut vec!["a"], "abc".into()))), 3);
    });
    let it = span("borrows::stays_send", || {
        assert_eq!(block_on(is_send(stays_send(Cell::new(7)))), 7);
    });
    assert_eq!(it.attributes, [], "a cell is no number");
    let text = String::from("abc");
    span("borrows::one_of_two", || {
        assert_eq!(block_on(is_send(one_of_two(&text, ""))), Some(3));
    });
    span("borrows::assigns_its_argument", || {
        assert_eq!(block_on(captures_only(assigns_its_argument(&text))), 3);
    });
}
