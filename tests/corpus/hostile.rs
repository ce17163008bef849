//! User items with the names of the standard library, and no prelude at all.

#![allow(non_camel_case_types, clippy::upper_case_acronyms, clippy::enum_variant_names)]

use super::{is_error, span};
use traced_tests::block_on;

#[no_implicit_prelude]
mod without_prelude {
    use ::traced::traced;

    #[traced]
    pub(super) fn plain(number: u64, #[public] text: &str) -> usize {
        let _ = number;
        text.len()
    }

    #[traced(ret, err = debug, fields(a = 1, b = %text, later), slow = "1s", level = "debug")]
    pub(super) fn fails(text: &str) -> ::core::result::Result<u8, u8> {
        #[section("inside", length = text.len())]
        let number = text.parse::<u8>().map_err(|_| 7)?;
        ::core::result::Result::Ok(number)
    }

    #[traced(ret, err(expected = |e| *e == 8), polls)]
    pub(super) async fn later(number: u64) -> ::core::result::Result<u64, u64> {
        ::traced_tests::yield_now().await;
        ::core::result::Result::Err(number)
    }

    #[traced(root)]
    pub(super) fn promised() -> impl ::core::future::Future<Output = u8> {
        async { 1 }
    }

    #[traced]
    pub(super) fn boxed(
        early: bool,
    ) -> ::core::pin::Pin<::std::boxed::Box<dyn ::core::future::Future<Output = u8>>> {
        if early {
            return ::std::boxed::Box::pin(async { 2 });
        }
        ::std::boxed::Box::pin(async { 1 })
    }

    pub(super) struct Type;

    #[traced]
    impl Type {
        pub(super) fn method(self, n: u64) -> u64 {
            n + 1
        }
    }

    pub(super) fn inline(n: u64) {
        ::traced::event!("event", n, text = "x");
        ::traced::record!(n = n);
        let _section = ::traced::section!("section", n);
        ::traced::span!("span", n).in_scope(|| ());
    }
}

mod taken {
    pub struct Ok;
    pub struct Err;
    pub struct Some;
    pub struct None;
    pub struct Option;
    pub struct Result;
    pub struct Box;
    pub struct String;
    pub trait Send {}
    pub trait Fn {}
    pub trait FnOnce {}
    pub trait Future {}
    pub trait Clone {}
    pub trait Drop {}
    pub mod std {}
    pub mod core {}
    pub mod alloc {}
    pub mod traced {}
    #[allow(unused_macros)]
    macro_rules! module_path {
        () => {
            compile_error!("not this one")
        };
    }
    #[allow(unused_macros)]
    macro_rules! line {
        () => {
            compile_error!("not this one")
        };
    }
    #[allow(unused_imports)]
    pub(crate) use {line, module_path};
    pub const SITE: u8 = 1;

    #[::traced::traced(ret, public(text))]
    pub fn plain(number: u64, text: &str, _other: Option) -> usize {
        let _ = number;
        text.len()
    }

    #[::traced::traced(err(map = |_| "bad number"))]
    pub fn fails(text: &str) -> ::core::result::Result<u8, ::std::num::ParseIntError> {
        let number = text.parse::<u8>()?;
        ::core::result::Result::Ok(number + SITE)
    }

    #[::traced::traced]
    pub async fn later(number: u64) -> ::core::result::Result<u64, u64> {
        ::core::result::Result::Err(number)
    }

    #[::traced::traced]
    pub fn result() -> Result {
        Result
    }
}

mod numbers {
    pub struct u64;
    pub struct f32(pub ::std::string::String);
    #[derive(Clone)]
    pub struct bool;
    pub struct str;
    #[derive(::traced::Redact)]
    pub struct i8 {
        #[public]
        pub size: ::core::primitive::u8,
    }

    #[::traced::traced]
    pub fn taken(a: u64, b: &f32, mut c: bool, d: &str, real: ::core::primitive::u64) -> usize {
        c.clone_from(&bool);
        let _ = (a, c, d, real);
        b.0.len()
    }

    #[::traced::traced(ret)]
    pub async fn taken_later(a: u64, b: &i8, real: i16) -> Result<u64, i16> {
        ::traced_tests::yield_now().await;
        let _ = b.size;
        if real > 0 { Ok(a) } else { Err(real) }
    }
}

#[test]
fn types_with_the_names_of_numbers_are_what_they_are() {
    use numbers::{bool, f32, i8, str, taken, taken_later, u64};
    let it =
        span("numbers::taken", || assert_eq!(taken(u64, &f32("secret".into()), bool, &str, 7), 6));
    assert_eq!(it.attributes.len(), 1, "{it:?}");
    assert_eq!(it.attribute("real"), Some(&7.into()));
    let it = span("numbers::taken_later", || drop(block_on(taken_later(u64, &i8 { size: 3 }, 7))));
    assert_eq!(it.attribute("b.size"), Some(&3.into()));
    assert_eq!(it.attributes.len(), 2, "{it:?}");
    is_error(&span("numbers::taken_later", || {
        drop(block_on(taken_later(u64, &i8 { size: 3 }, 0)));
    }));
}

/// Labels that a macro might have chosen.
mod labels {
    use std::num::ParseIntError;
    use traced::traced;

    #[traced]
    #[track_caller]
    pub(super) fn body(text: &str) -> Result<u32, ParseIntError> {
        let number = '_body: {
            if text.is_empty() {
                break '_body 7;
            }
            text.parse::<u32>()?
        };
        Ok(number)
    }
}

#[test]
fn nothing_is_taken_from_the_surroundings() {
    span("labels::body", || assert_eq!(labels::body(""), Ok(7)));
    is_error(&span("labels::body", || drop(labels::body("x"))));
    let it = span("without_prelude::plain", || {
        assert_eq!(without_prelude::plain(7, "abc"), 3);
    });
    assert_eq!(it.attribute("text"), Some(&"abc".into()));
    is_error(&span("without_prelude::fails", || drop(without_prelude::fails("x"))));
    is_error(&span("without_prelude::later", || drop(block_on(without_prelude::later(7)))));
    span("without_prelude::promised", || drop(block_on(without_prelude::promised())));
    span("without_prelude::boxed", || drop(block_on(without_prelude::boxed(true))));
    span("Type::method", || assert_eq!(without_prelude::Type.method(1), 2));
    traced::test::capture(|| without_prelude::inline(1));
    let it = span("taken::plain", || {
        assert_eq!(taken::plain(7, "abc", taken::Option), 3);
    });
    assert_eq!(it.attribute("return"), Some(&3.into()));
    is_error(&span("taken::fails", || drop(taken::fails("x"))));
    is_error(&span("taken::later", || drop(block_on(taken::later(7)))));
    span("taken::result", || drop(taken::result()));
}
