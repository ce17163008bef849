//! Other attribute macros, above and below.

use super::{is_error, span};
use traced::traced;
use traced_tests::{block_on, yield_now};

#[traced]
#[test]
fn above_test() {
    assert_eq!(1 + 1, 2);
}

#[test]
#[traced]
fn below_test() {
    assert_eq!(1 + 1, 2);
}

#[traced]
#[tokio::test]
async fn above_tokio_test() {
    yield_now().await;
}

#[tokio::test]
#[traced]
async fn below_tokio_test() -> Result<(), String> {
    yield_now().await;
    Ok(())
}

#[traced]
#[tokio::main(flavor = "current_thread")]
async fn above_main() {
    yield_now().await;
}

#[tokio::main(flavor = "current_thread")]
#[traced]
async fn below_main() -> Result<u8, String> {
    yield_now().await;
    Err("no".into())
}

#[async_trait::async_trait]
trait Loads: Sync {
    async fn load(&self, key: u64) -> Result<u64, String>;
    #[traced]
    async fn twice(&self, key: u64) -> Result<u64, String> {
        Ok(self.load(key).await? * 2)
    }
    async fn pattern(&self, (a, b): (u64, u64), mut c: Vec<u8>) -> u64;
}

struct Loader;

#[async_trait::async_trait]
impl Loads for Loader {
    #[traced]
    async fn load(&self, key: u64) -> Result<u64, String> {
        yield_now().await;
        if key == 0 {
            return Err("zero".into());
        }
        Ok(key)
    }
    #[traced]
    async fn pattern(&self, (a, b): (u64, u64), mut c: Vec<u8>) -> u64 {
        c.clear();
        a + b
    }
}

#[async_trait::async_trait(?Send)]
trait Local {
    async fn local(&self, text: &str) -> usize;
}

#[async_trait::async_trait(?Send)]
impl Local for Loader {
    #[traced(public(text), ret)]
    async fn local(&self, text: &str) -> usize {
        let rc = std::rc::Rc::new(text.len());
        yield_now().await;
        *rc
    }
}

#[test]
fn tests_are_functions_too() {
    span("other_macros::above_test", above_test);
    span("other_macros::below_test", below_test);
    span("other_macros::above_tokio_test", above_tokio_test);
    span("other_macros::below_tokio_test", || drop(below_tokio_test()));
}

#[test]
fn tokio_above_and_below() {
    span("other_macros::above_main", above_main);
    is_error(&span("other_macros::below_main", || drop(below_main())));
}

#[test]
fn async_trait_on_the_block() {
    let it = span("Loader::load", || assert_eq!(block_on(Loader.load(7)), Ok(7)));
    assert_eq!(it.attribute("key"), Some(&7.into()));
    is_error(&span("Loader::load", || drop(block_on(Loader.load(0)))));
    span("Loads::twice", || assert_eq!(block_on(Loader.twice(7)), Ok(14)));
    span("Loader::pattern", || assert_eq!(block_on(Loader.pattern((1, 2), vec![])), 3));
    let it = span("Loader::local", || assert_eq!(block_on(Loader.local("abc")), 3));
    assert_eq!(it.attribute("return"), Some(&3.into()));
    assert_eq!(it.attribute("text"), Some(&"abc".into()));
}
