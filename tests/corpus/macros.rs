//! Functions that macros write, and macros in functions.

use super::{is_error, span};
use traced::traced;
use traced_tests::{block_on, yield_now};

macro_rules! fails {
    () => {
        return Err("failed".to_owned())
    };
}

macro_rules! tries {
    ($value:expr) => {
        $value?
    };
}

macro_rules! awaits {
    ($value:expr) => {
        $value.await
    };
}

#[traced]
fn hidden_return(fail: bool) -> Result<u8, String> {
    if fail {
        fails!();
    }
    Ok(1)
}

#[traced]
fn hidden_question(text: &str) -> Result<u8, std::num::ParseIntError> {
    Ok(tries!(text.parse::<u8>()))
}

#[traced]
async fn hidden_await() -> Result<u8, String> {
    awaits!(yield_now());
    fails!()
}

macro_rules! function {
    ($(#[$attribute:meta])* $vis:vis fn $name:ident($($argument:ident: $ty:ty),*) -> $out:ty $body:block) => {
        #[traced]
        $(#[$attribute])*
        $vis fn $name($($argument: $ty),*) -> $out $body
    };
}

macro_rules! function_later {
    ($name:ident, $out:ty, $value:expr) => {
        #[traced]
        async fn $name(number: u64) -> $out {
            let value = $value;
            yield_now().await;
            value(number)
        }
    };
}

macro_rules! method {
    ($type:ident, $name:ident, $body:block) => {
        impl $type {
            #[traced(ret)]
            fn $name(&self) -> u64 $body
        }
    };
}

macro_rules! with_section {
    ($name:ident, $value:expr) => {
        #[traced]
        fn $name() -> u64 {
            #[section("inside")]
            let value = $value;
            value
        }
    };
}

function! {
    /// With a fragment of each kind.
    #[inline]
    pub fn written(number: u64, text: &str) -> Result<u64, String> {
        let length = u64::try_from(text.len()).map_err(|e| e.to_string())?;
        if length == 0 {
            return Err("empty".into());
        }
        Ok(number + length)
    }
}
function_later!(written_later, Result<u64, String>, Ok);
struct Type;
method!(Type, generated, { 7 });
with_section!(sectioned, 3);

#[test]
fn what_macros_hide_is_seen() {
    is_error(&span("macros::hidden_return", || drop(hidden_return(true))));
    span("macros::hidden_return", || assert_eq!(hidden_return(false), Ok(1)));
    is_error(&span("macros::hidden_question", || drop(hidden_question("x"))));
    is_error(&span("macros::hidden_await", || drop(block_on(hidden_await()))));
}

#[test]
fn what_macros_write_is_traced() {
    let it = span("macros::written", || assert_eq!(written(1, "ab"), Ok(3)));
    assert_eq!(it.attribute("number"), Some(&1.into()));
    is_error(&span("macros::written", || drop(written(1, ""))));
    span("macros::written_later", || assert_eq!(block_on(written_later(1)), Ok(1)));
    let it = span("Type::generated", || assert_eq!(Type.generated(), 7));
    assert_eq!(it.attribute("return"), Some(&7.into()));
    span("macros::sectioned", || assert_eq!(sectioned(), 3));
}
