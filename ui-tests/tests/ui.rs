//! The folders of `ui` are named like the options; `pass` holds what must compile.
//!
//! `TRYBUILD=overwrite` writes the messages; read them before they are committed.

#[test]
fn messages_read_as_they_should() {
    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}

#[test]
fn what_should_compile_does() {
    trybuild::TestCases::new().pass("tests/pass/*.rs");
}
