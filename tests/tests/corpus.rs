//! The corpus of functions, in edition 2024; `edition-2021` has it in the other one.

#[path = "../corpus/mod.rs"]
mod corpus;
