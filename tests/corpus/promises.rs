//! Functions that return futures and streams of every make.

use super::{is_error, span};
use futures_util::future::{BoxFuture, FutureExt, LocalBoxFuture, TryFutureExt};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use traced::traced;
use traced_tests::{block_on, yield_now};

async fn number(x: u64) -> Result<u64, String> {
    yield_now().await;
    Ok(x)
}

#[traced]
fn combined(x: u64) -> impl Future<Output = Result<u64, String>> {
    number(x).and_then(|x| ready(Err(x.to_string())))
}

#[traced]
fn boxed_by_method(x: u64) -> impl Future<Output = Result<u64, String>> + Send + 'static {
    number(x).boxed()
}

#[traced]
fn variable(x: u64) -> impl Future<Output = Result<u64, String>> {
    let future = async move { number(x).await };
    future
}

#[traced]
fn early(x: u64) -> BoxFuture<'static, Result<u64, String>> {
    if x == 0 {
        return Box::pin(async { Err("zero".to_owned()) });
    }
    Box::pin(number(x))
}

#[traced]
fn early_and_hidden(x: u64) -> impl Future<Output = Result<u64, String>> {
    if x == 0 {
        let failed: BoxFuture<'static, _> = Box::pin(async { Err("zero".to_owned()) });
        return failed;
    }
    number(x).boxed()
}

#[traced]
fn borrowed<'a>(x: &'a u64, _y: &'a str) -> Pin<Box<dyn Future<Output = u64> + Send + 'a>> {
    Box::pin(async move {
        yield_now().await;
        *x
    })
}

#[traced]
fn with_a_part_before(x: &u64) -> LocalBoxFuture<'_, Result<u64, String>> {
    let y = *x + 1;
    Box::pin(async move {
        yield_now().await;
        Ok(*x + y)
    })
}

#[traced]
fn iterator() -> impl Iterator<Item = u64> {
    (0..3).filter(|x| x % 2 == 0)
}

#[traced]
fn stream(to: u64) -> impl Stream<Item = u64> {
    stream::iter(0..to)
}

#[traced]
fn boxed_stream(to: u64) -> BoxStream<'static, u64> {
    stream::iter(0..to).boxed()
}

#[traced]
fn pinned_stream(to: u64) -> Pin<Box<dyn Stream<Item = u64>>> {
    Box::pin(stream::iter(0..to))
}

#[traced]
fn named() -> Ready<u8> {
    ready(1)
}

#[traced]
fn unobserved() -> impl Future {
    ready(1)
}

#[traced]
fn in_a_result(fails: bool) -> Result<impl Future<Output = u8>, String> {
    if fails {
        return Err("no".into());
    }
    Ok(ready(1))
}

trait Service<Request> {
    type Response;
    type Future: Future<Output = Self::Response>;
    fn call(&mut self, request: Request) -> Self::Future;
}

#[derive(Clone)]
struct Echo;

impl Service<u64> for Echo {
    type Response = u64;
    type Future = Pin<Box<dyn Future<Output = u64> + Send>>;
    #[traced]
    fn call(&mut self, request: u64) -> Self::Future {
        Box::pin(async move { request })
    }
}

struct Layer<S>(S);

impl<S, R> Service<R> for Layer<S>
where
    S: Service<R> + Clone + Send + 'static,
    S::Future: Send,
    R: Send + 'static,
{
    type Response = S::Response;
    type Future = Pin<Box<dyn Future<Output = S::Response> + Send>>;
    #[traced]
    fn call(&mut self, request: R) -> Self::Future {
        let mut inner = self.0.clone();
        Box::pin(async move { inner.call(request).await })
    }
}

#[test]
fn futures_are_spans_and_errors_are_theirs() {
    is_error(&span("promises::combined", || drop(block_on(combined(1)))));
    span("promises::boxed_by_method", || assert_eq!(block_on(boxed_by_method(1)), Ok(1)));
    let it = span("promises::variable", || assert_eq!(block_on(variable(7)), Ok(7)));
    assert_eq!(it.attribute("x"), Some(&7.into()));
    is_error(&span("promises::early", || drop(block_on(early(0)))));
    span("promises::early", || assert_eq!(block_on(early(1)), Ok(1)));
    is_error(&span("promises::early_and_hidden", || drop(block_on(early_and_hidden(0)))));
    span("promises::early_and_hidden", || assert_eq!(block_on(early_and_hidden(1)), Ok(1)));
    span("promises::borrowed", || assert_eq!(block_on(borrowed(&1, "")), 1));
    span("promises::with_a_part_before", || {
        assert_eq!(block_on(with_a_part_before(&1)), Ok(3));
    });
    span("promises::iterator", || assert_eq!(iterator().count(), 2));
    span("promises::stream", || assert_eq!(block_on(stream(3).count()), 3));
    span("promises::boxed_stream", || assert_eq!(block_on(boxed_stream(3).count()), 3));
    span("promises::pinned_stream", || assert_eq!(block_on(pinned_stream(3).count()), 3));
    span("promises::named", || assert_eq!(block_on(named()), 1));
    span("promises::unobserved", || drop(block_on(unobserved())));
    span("promises::in_a_result", || assert_eq!(block_on(in_a_result(false).unwrap()), 1));
    is_error(&span("promises::in_a_result", || drop(in_a_result(true))));
    span("Echo::call", || assert_eq!(block_on(Echo.call(7)), 7));
    span("Layer::call", || assert_eq!(block_on(Layer(Echo).call(7)), 7));
}
