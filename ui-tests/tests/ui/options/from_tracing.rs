#![allow(unused)]

use traced::traced;

#[traced(skip_all level = "info")]
fn without_commas() {}

#[traced(follows_from = causes, name = NAME)]
fn other_words(causes: &[u64]) {}

#[traced(fields(a = 1 b = 2), err(level = tracing::Level::WARN))]
fn without_commas_in_fields() -> Result<u8, String> {
    Ok(1)
}

fn main() {}
