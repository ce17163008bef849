//! What policies let out, and what they do not.

mod derive;
mod nested;
