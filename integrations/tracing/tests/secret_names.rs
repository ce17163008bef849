//! The names under which numbers are left out are those of `#[traced]`.

#![allow(missing_docs)]

#[test]
fn the_list_is_that_of_the_macros() {
    let here = include_str!("../src/secret_names.rs");
    let there = include_str!("../../../macros/src/redact/secret_names.rs");
    assert!(here == there, "copy macros/src/redact/secret_names.rs to integrations/tracing/src");
}
