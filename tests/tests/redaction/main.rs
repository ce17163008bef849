//! What policies let out, and what they do not.

#![allow(dead_code, clippy::zero_sized_map_values, reason = "what is redacted is not read")]

mod arguments;
mod derive;
mod errors;
mod nested;
