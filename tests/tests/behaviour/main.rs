//! What the runtime promises, a room for each promise.
//!
//! - `sync`: trees of plain functions. `values`: what is recorded on them. `notes`: what is said later.
//! - `futures`, `streams`, `sections`: spans that outlast a call.
//! - `context`: where a span hangs. `guards`: guards that are used in unusual ways.
//! - `sampling`: what is kept. `bounds`: what happens when it is too much. `parts`: what happens when it
//!   takes too long.
//! - `capture`: the tool that all of these use.

#![allow(missing_docs)]

mod bounds;
mod capture;
mod compression;
mod context;
mod futures;
mod guards;
mod notes;
mod parts;
mod places;
mod sampling;
mod sections;
mod streams;
mod sync;
mod values;
