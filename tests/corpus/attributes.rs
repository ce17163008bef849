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
    // A `return` could be seen only from a closure, which would be the caller.
    span("attributes::located_early", || assert_eq!(located_early(false), Ok(line!())));
    span("attributes::located_early", || drop(located_early(true)));
}
