//! What else stands on functions.

use super::span;
use std::panic::Location;
use traced::traced;
use traced_tests::block_on;

#[traced]
#[inline]
#[must_use]
fn inlined() -> u8 {
    1
}

#[traced]
#[cold]
#[inline(never)]
fn cold() -> Result<u8, u8> {
    Ok(1)
}

#[traced]
#[deprecated = "shape"]
fn deprecated() {}

#[traced]
#[doc(hidden)]
/// Documented.
#[allow(clippy::needless_return)]
fn documented() -> u8 {
    return 1;
}

#[traced]
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "sse2"))]
unsafe fn for_a_feature(x: u8) -> u8 {
    x
}

#[traced]
#[unsafe(no_mangle)]
extern "C" fn traced_corpus_exported(x: u8) -> u8 {
    x
}

#[traced]
unsafe extern "C" fn foreign(x: *const u8) -> u8 {
    unsafe { *x }
}

#[traced]
async unsafe fn later(x: *const u8) -> u8 {
    unsafe { *x }
}

#[traced]
fn inner_attribute() -> u8 {
    #![allow(unused_variables)]
    let x = 1;
    2
}

#[traced]
async fn inner_attribute_of_async() -> u8 {
    #![allow(unused_variables)]
    let x = 1;
    2
}

#[traced]
#[track_caller]
fn located() -> u32 {
    Location::caller().line()
}

#[traced]
#[track_caller]
fn located_result(fails: bool) -> Result<u32, String> {
    if fails { Err(String::new()) } else { Ok(Location::caller().line()) }
}

#[traced]
#[track_caller]
fn located_early(fails: bool) -> Result<u32, String> {
    if fails {
        return Err(String::new());
    }
    Ok(Location::caller().line())
}

/// An error that remembers who made it.
#[derive(Debug, PartialEq)]
struct Located(u32);

impl From<std::num::ParseIntError> for Located {
    #[track_caller]
    fn from(_: std::num::ParseIntError) -> Self {
        Self(Location::caller().line())
    }
}

#[traced]
#[track_caller]
fn located_question(text: &str) -> Result<u32, Located> {
    let twice = |text: &str| -> Result<u32, Located> {
        if text.is_empty() {
            return Ok(0);
        }
        Ok(text.parse::<u32>()? * 2)
    };
    let mut sum = 0;
    for part in text.split(' ') {
        if part == "end" {
            return Ok(sum + twice("")?);
        }
        sum += part.parse::<u32>()?;
    }
    Ok(Location::caller().line())
}

#[traced(ret)]
#[track_caller]
fn located_option(text: Option<&str>) -> Option<usize> {
    let Some(text) = text else { return None };
    text.get(1..)?;
    return Some(text.len());
}

/// What is parsed is known by what is done with it alone.
#[traced]
#[track_caller]
fn located_inferred(
    text: &str,
) -> Result<impl Iterator<Item = u32> + use<>, std::num::ParseIntError> {
    let number = text.parse()?;
    Ok([number].into_iter())
}

struct Here<T>(T);

impl<T: Clone> Here<T> {
    #[traced]
    #[track_caller]
    fn early(&self, fails: bool) -> Result<(T, u32), String> {
        if fails {
            Err("failed")?;
        }
        Ok((self.0.clone(), Location::caller().line()))
    }

    #[traced]
    #[track_caller]
    fn into_early(self, fails: bool) -> Result<(T, u32), String> {
        if fails {
            return Err("failed".to_owned());
        }
        Ok((self.0, Location::caller().line()))
    }
}

macro_rules! hidden {
    ($value:expr) => {
        return $value
    };
}

#[traced]
#[track_caller]
fn located_hidden(fails: bool) -> Result<u32, u32> {
    if fails {
        hidden!(Err(Location::caller().line()));
    }
    Ok(Location::caller().line())
}

#[test]
fn attributes_do_what_they_did() {
    span("attributes::inlined", || assert_eq!(inlined(), 1));
    span("attributes::cold", || assert_eq!(cold(), Ok(1)));
    #[allow(deprecated)]
    span("attributes::deprecated", deprecated);
    span("attributes::documented", || assert_eq!(documented(), 1));
    span("attributes::for_a_feature", || assert_eq!(unsafe { for_a_feature(1) }, 1));
    span("attributes::traced_corpus_exported", || assert_eq!(traced_corpus_exported(1), 1));
    span("attributes::foreign", || assert_eq!(unsafe { foreign(&7) }, 7));
    span("attributes::later", || assert_eq!(block_on(unsafe { later(&7) }), 7));
    span("attributes::inner_attribute", || assert_eq!(inner_attribute(), 2));
    span("attributes::inner_attribute_of_async", || {
        assert_eq!(block_on(inner_attribute_of_async()), 2);
    });
}

#[test]
fn the_location_of_the_caller_is_the_callers() {
    span("attributes::located", || assert_eq!(located(), line!()));
    span("attributes::located_result", || assert_eq!(located_result(false), Ok(line!())));
    super::is_error(&span("attributes::located_result", || drop(located_result(true))));
    span("attributes::located_early", || assert_eq!(located_early(false), Ok(line!())));
    super::is_error(&span("attributes::located_early", || drop(located_early(true))));
}

#[test]
fn what_leaves_early_is_seen_without_moving_the_caller() {
    let name = "attributes::located_question";
    span(name, || assert_eq!(located_question("1 2"), Ok(line!())));
    span(name, || assert_eq!(located_question("1 2 end 3"), Ok(3)));
    super::is_error(&span(name, || assert_eq!(located_question("1 x"), Err(Located(line!())))));
    let name = "attributes::located_option";
    let it = span(name, || assert_eq!(located_option(Some("abc")), Some(3)));
    assert_eq!(it.attribute("return"), Some(&3.into()));
    for early in [None, Some("")] {
        let it = span(name, || assert_eq!(located_option(early), None));
        assert_eq!(it.attribute("return"), None);
    }
    let name = "attributes::located_inferred";
    span(name, || assert_eq!(located_inferred("7").unwrap().collect::<Vec<_>>(), [7]));
    super::is_error(&span(name, || assert!(located_inferred("x").is_err())));
    span("Here::early", || assert_eq!(Here(1).early(false), Ok((1, line!()))));
    super::is_error(&span("Here::early", || drop(Here(1).early(true))));
    span("Here::into_early", || assert_eq!(Here(1).into_early(false), Ok((1, line!()))));
    super::is_error(&span("Here::into_early", || drop(Here(1).into_early(true))));
    // What a macro hides stays hidden, and nothing moves.
    span("attributes::located_hidden", || assert_eq!(located_hidden(false), Ok(line!())));
    span("attributes::located_hidden", || assert_eq!(located_hidden(true), Err(line!())));
}
