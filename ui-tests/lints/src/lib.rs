//! The corpus, and functions that are full of lints.
//!
//! `tests/lints.rs` runs clippy over it twice and compares.

#![allow(unfulfilled_lint_expectations)]

#[path = "../../../tests/corpus/attributes.rs"]
mod attributes;
#[path = "../../../tests/corpus/borrows.rs"]
mod borrows;
#[path = "../../../tests/corpus/drops.rs"]
mod drops;
#[path = "../../../tests/corpus/generics.rs"]
mod generics;
#[path = "../../../tests/corpus/hostile.rs"]
mod hostile;
#[path = "../../../tests/corpus/macros.rs"]
mod macros;
#[path = "../../../tests/corpus/other_macros.rs"]
mod other_macros;
#[path = "../../../tests/corpus/patterns.rs"]
mod patterns;
#[path = "../../../tests/corpus/plain.rs"]
mod plain;
#[path = "../../../tests/corpus/promises.rs"]
mod promises;
#[path = "../../../tests/corpus/receivers.rs"]
mod receivers;
#[path = "../../../tests/corpus/results.rs"]
mod results;

mod untidy;

use traced::data::Span;

fn span(_name: &str, work: impl FnOnce()) -> Span {
    traced::test::capture(work)[0].clone()
}

fn is_error(_span: &Span) {}
