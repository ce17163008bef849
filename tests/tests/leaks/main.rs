//! Two runs that differ in nothing but what is redacted export identical bytes; and what is told of a secret gives
//! none of it away, in no encoding.
//!
//! - `program`, `secret`, `payloads`: a program with secrets everywhere, and secrets. `output`: what is exported of it.
//! - `same`: identical bytes. `canaries`, `search`: every place and every action, searched for every encoding.
//! - `of_others`: what other crates let out, or were made to.

#![allow(
    missing_docs,
    dead_code,
    unused_variables,
    clippy::needless_pass_by_value,
    reason = "what is recorded is the test"
)]

mod canaries;
mod of_others;
mod output;
mod payloads;
mod program;
mod same;
mod search;
mod secret;
