//! What policies let out, and what they do not.

#![allow(dead_code, reason = "what is redacted is not read")]

mod arguments;
mod derive;
mod errors;
mod nested;
