//! The corpus of functions, in edition 2021.

#[path = "../../corpus/mod.rs"]
mod corpus;
