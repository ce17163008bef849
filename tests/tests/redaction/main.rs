//! What policies let out, and what they do not.

mod arguments;
mod derive;
mod nested;
