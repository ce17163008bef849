//! Type parameters, constants, bounds.

use super::span;
use std::fmt::{Debug, Display};
use std::future::Future;
use traced::traced;
use traced_tests::{block_on, yield_now};

#[traced]
fn unbounded<T>(x: T) -> T {
    x
}

#[traced]
async fn unbounded_later<T>(x: T) -> T {
    yield_now().await;
    x
}

#[traced]
fn unbounded_result<T, E>(x: Result<T, E>) -> Result<T, E> {
    let x = x?;
    Ok(x)
}

#[traced]
fn constant<const N: usize, T: Copy>(x: [T; N]) -> Option<T> {
    x.first().copied()
}

#[traced]
fn by_impl(x: impl Display + Debug, y: &impl Debug) -> String {
    format!("{x}{y:?}")
}

#[traced]
async fn by_impl_later(x: impl Display + Send) -> String {
    yield_now().await;
    x.to_string()
}

#[traced]
async fn by_closure<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    f()
}

#[traced]
async fn by_async_closure<F, Fut>(f: F) -> u8
where
    F: Fn(u8) -> Fut,
    Fut: Future<Output = u8>,
{
    f(1).await + f(2).await
}

#[traced]
fn defaulted<T: Default>() -> T {
    T::default()
}

#[traced]
fn associated<I: Iterator<Item = u8>>(mut all: I) -> Option<I::Item> {
    all.next()
}

trait Family {
    type Member<'a>: Debug
    where
        Self: 'a;
    fn member<'a>(&'a self) -> Self::Member<'a>;
}

impl Family for String {
    type Member<'a> = &'a str;
    #[traced]
    fn member<'a>(&'a self) -> Self::Member<'a> {
        self
    }
}

#[traced]
fn with_family<F: Family>(family: &F) -> String
where
    for<'a> F::Member<'a>: Debug,
{
    format!("{:?}", family.member())
}

struct Stack<T, const N: usize>([Option<T>; N]);

impl<T: Clone, const N: usize> Stack<T, N> {
    #[traced]
    fn top(&self) -> Option<&T> {
        self.0.iter().rev().flatten().next()
    }
    #[traced]
    async fn top_later(&self) -> Result<T, String> {
        yield_now().await;
        self.top().cloned().ok_or_else(String::new)
    }
    #[traced]
    fn promised(&self) -> impl Future<Output = Option<T>> + '_ {
        let top = self.top();
        async move { top.cloned() }
    }
    #[traced]
    fn boxed<'a>(&'a self) -> std::pin::Pin<Box<dyn Future<Output = Option<T>> + 'a>> {
        Box::pin(async move { self.0.first()?.clone() })
    }
    #[traced]
    fn convert<U: From<T>>(self) -> Vec<U> {
        self.0.into_iter().flatten().map(U::from).collect()
    }
}

#[test]
fn generics_are_opaque_and_work() {
    let it = span("generics::unbounded", || assert_eq!(unbounded(7), 7));
    assert_eq!(it.attributes, []);
    span("generics::unbounded_later", || assert_eq!(block_on(unbounded_later("a")), "a"));
    span("generics::unbounded_result", || assert_eq!(unbounded_result::<u8, ()>(Ok(1)), Ok(1)));
    super::is_error(&span("generics::unbounded_result", || {
        let _ = unbounded_result::<u8, ()>(Err(()));
    }));
    span("generics::constant", || assert_eq!(constant([1, 2]), Some(1)));
    span("generics::by_impl", || assert_eq!(by_impl(1, &2), "12"));
    span("generics::by_impl_later", || assert_eq!(block_on(by_impl_later(1)), "1"));
    span("generics::by_closure", || assert_eq!(block_on(by_closure(|| 1)), 1));
    span("generics::by_async_closure", || {
        assert_eq!(block_on(by_async_closure(|x| async move { x })), 3);
    });
    span("generics::defaulted", || assert_eq!(defaulted::<u8>(), 0));
    span("generics::associated", || assert_eq!(associated([1].into_iter()), Some(1)));
    span("generics::with_family", || assert_eq!(with_family(&"a".to_owned()), "\"a\""));
    let stack = || Stack([Some(1_u8), None]);
    span("Stack::top", || assert_eq!(stack().top(), Some(&1)));
    span("Stack::top_later", || assert_eq!(block_on(stack().top_later()), Ok(1)));
    span("Stack::convert", || assert_eq!(stack().convert::<u64>(), [1]));
    let stack = stack();
    assert_eq!(block_on(stack.promised()), Some(1));
    span("Stack::boxed", || assert_eq!(block_on(stack.boxed()), Some(1)));
}
