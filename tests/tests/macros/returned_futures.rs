//! Functions that return futures and streams: the span lasts as long as those do, however they were built.

use super::failed;
use futures_util::future::{BoxFuture, FutureExt, LocalBoxFuture, TryFutureExt};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use std::future::{Future, ready};
use std::pin::Pin;
use traced::test::{Spans, capture};
use traced::traced;
use traced_tests::{assert_tree, block_on, leaf, yield_now};

/// One span, which lasts as long as the future: a leaf called in the future hangs on it.
#[track_caller]
fn lasts(name: &str, make: impl FnOnce() -> Pin<Box<dyn Future<Output = ()>>>) -> Spans {
    let spans = capture(|| {
        let future = make();
        let _elsewhere = traced::span!("caller").enter();
        block_on(future);
    });
    assert_tree(&spans, &format!("caller({name}(leaf))"));
    spans
}

macro_rules! lasts {
    ($name:literal, $future:expr) => {
        lasts($name, || {
            let future = $future;
            Box::pin(async move {
                let _ = future.await;
            })
        })
    };
}

async fn work(number: u64) -> Result<u64, String> {
    yield_now().await;
    leaf();
    Ok(number)
}

#[test]
fn impl_future() {
    #[traced]
    fn plain(number: u64) -> impl Future<Output = Result<u64, String>> {
        work(number)
    }
    #[traced]
    fn combined(number: u64) -> impl Future<Output = Result<u64, String>> + Send {
        work(number).and_then(|n| ready(Ok(n + 1))).map_err(|e| e + "!")
    }
    #[traced]
    fn variable(number: u64) -> impl Future<Output = Result<u64, String>> {
        let future = work(number);
        future
    }
    #[traced]
    fn inferred() -> impl Future<Output = Result<u64, String>> {
        async move {
            let number = work(1).await?;
            let more = "1".parse().map_err(|_| String::new())?;
            let _: u64 = more;
            Ok(number)
        }
    }
    #[traced]
    fn parsed() -> impl Future<Output = u64> {
        async {
            leaf();
            "1".parse().unwrap()
        }
    }
    #[traced]
    fn early(number: u64) -> impl Future<Output = Result<u64, String>> {
        if number == 0 {
            return work(0).boxed();
        }
        work(number).boxed()
    }
    #[traced]
    fn boxed(early: bool) -> impl Future<Output = u8> + Unpin {
        if early {
            return Box::pin(async { 1_u8 }) as Pin<Box<dyn Future<Output = u8>>>;
        }
        Box::pin(async {
            leaf();
            2
        })
    }
    let spans = lasts!("impl_future::plain", plain(7));
    assert_eq!(spans.named("impl_future::plain").attribute("number"), Some(&7.into()));
    lasts!("impl_future::combined", combined(7));
    lasts!("impl_future::variable", variable(7));
    lasts!("impl_future::inferred", inferred());
    lasts!("impl_future::parsed", parsed());
    lasts!("impl_future::early", early(0));
    lasts!("impl_future::early", early(1));
    lasts!("impl_future::boxed", boxed(false));
}

#[test]
fn boxed_futures_by_type_and_by_syntax() {
    type Answer<'a> = Pin<Box<dyn Future<Output = Result<u64, String>> + Send + 'a>>;
    #[traced]
    fn shown(number: u64) -> Pin<Box<dyn Future<Output = Result<u64, String>> + Send>> {
        Box::pin(async move { work(number).await })
    }
    #[traced]
    fn aliased(number: &u64) -> BoxFuture<'_, Result<u64, String>> {
        let copy = *number;
        work(copy).boxed()
    }
    #[traced]
    fn own_alias(number: &u64) -> Answer<'_> {
        if *number == 0 {
            return Box::pin(work(1));
        }
        Box::pin(async move { work(*number).await })
    }
    #[traced]
    fn local(number: u64) -> LocalBoxFuture<'static, u64> {
        let cell = std::rc::Rc::new(number);
        Box::pin(async move {
            leaf();
            *cell
        })
    }
    lasts!("boxed_futures_by_type_and_by_syntax::shown", shown(7));
    lasts!("boxed_futures_by_type_and_by_syntax::aliased", aliased(&7).await_in_a_box());
    lasts!("boxed_futures_by_type_and_by_syntax::own_alias", own_alias(&7).await_in_a_box());
    lasts!("boxed_futures_by_type_and_by_syntax::own_alias", own_alias(&0).await_in_a_box());
    lasts!("boxed_futures_by_type_and_by_syntax::local", local(7));
}

/// For what borrows a constant.
trait AwaitInABox: Future + Sized {
    fn await_in_a_box(self) -> Self {
        self
    }
}
impl<F: Future> AwaitInABox for F {}

#[test]
fn errors_of_boxed_futures_are_seen() {
    #[traced]
    fn by_type() -> BoxFuture<'static, std::io::Result<u8>> {
        ready(Err(std::io::ErrorKind::Other.into())).boxed()
    }
    #[traced]
    fn by_syntax() -> BoxFuture<'static, std::io::Result<u8>> {
        Box::pin(async { Err(std::io::ErrorKind::Other.into()) })
    }
    #[traced]
    fn by_trait() -> impl Future<Output = std::io::Result<u8>> {
        ready(Err(std::io::ErrorKind::Other.into()))
    }
    let spans = capture(|| {
        block_on(by_type()).unwrap_err();
        block_on(by_syntax()).unwrap_err();
        block_on(by_trait()).unwrap_err();
    });
    assert_eq!(spans.len(), 3);
    assert!(spans.iter().all(|span| failed(span)), "{spans}");
}

#[test]
fn an_associated_future_type_is_known_by_what_it_is() {
    trait Service {
        type Future;
        fn call(&self, request: u64) -> Self::Future;
    }
    struct Shop;
    impl Service for Shop {
        type Future = Pin<Box<dyn Future<Output = u64> + Send + Sync>>;
        #[traced]
        fn call(&self, request: u64) -> Self::Future {
            Box::pin(async move {
                leaf();
                request
            })
        }
    }
    let spans = capture(|| {
        block_on(Shop.call(7));
    });
    assert_tree(&spans, "Shop::call(leaf)");
    assert_eq!(spans[0].attribute("request"), Some(&7.into()));
}

#[test]
fn streams() {
    #[traced]
    fn by_trait(to: u64) -> impl Stream<Item = u64> {
        stream::iter(0..to).inspect(|_| leaf())
    }
    #[traced]
    fn by_box(to: u64) -> Pin<Box<dyn Stream<Item = u64> + Send>> {
        Box::pin(stream::iter(0..to).inspect(|_| leaf()))
    }
    #[traced]
    fn by_alias<'a>(items: &'a [u64]) -> BoxStream<'a, u64> {
        stream::iter(items.iter().copied()).inspect(|_| leaf()).boxed()
    }
    let spans = capture(|| {
        assert_eq!(block_on(by_trait(1).count()), 1);
        assert_eq!(block_on(by_box(1).count()), 1);
        assert_eq!(block_on(by_alias(&[4]).count()), 1);
    });
    let names = ["by_trait", "by_box", "by_alias"];
    let tree = names.map(|name| format!("streams::{name}(leaf)")).join(" ");
    assert_tree(&spans, &tree);
}

#[test]
fn values_that_are_no_futures_end_with_the_call() {
    #[derive(Debug, PartialEq)]
    struct Receipt(u64);
    #[traced]
    fn named(number: u64) -> Receipt {
        leaf();
        Receipt(number)
    }
    #[traced]
    fn generic<T: Default>() -> T {
        leaf();
        T::default()
    }
    #[traced]
    fn iterates(to: u32) -> impl Iterator<Item = u32> {
        leaf();
        0..to
    }
    // A span around it would not be `Clone`.
    #[traced]
    fn shared() -> impl Future<Output = u8> + Clone {
        leaf();
        ready(1)
    }
    let spans = capture(|| {
        assert_eq!(named(7), Receipt(7));
        assert_eq!(generic::<u8>(), 0);
        assert_eq!(iterates(3).count(), 3);
        assert_eq!(block_on(shared().clone()), 1);
    });
    let names = ["named", "generic", "iterates", "shared"];
    let tree = names
        .map(|name| format!("values_that_are_no_futures_end_with_the_call::{name}(leaf)"))
        .join(" ");
    assert_tree(&spans, &tree);
    assert_eq!(spans[0].attribute("number"), Some(&7.into()));
}

#[test]
fn a_future_that_is_never_polled_has_no_span() {
    #[traced]
    fn promised() -> BoxFuture<'static, ()> {
        ready(()).boxed()
    }
    assert_eq!(capture(|| drop(promised())).len(), 0);
}
