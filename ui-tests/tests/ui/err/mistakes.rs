#![allow(unused)]

use traced::traced;

#[traced(err = dsiplay)]
fn misspelt() -> Result<u8, String> {
    Ok(1)
}

#[traced(err = 5)]
fn no_form() -> Result<u8, String> {
    Ok(1)
}

#[traced(err(level = "info"))]
fn level() -> Result<u8, String> {
    Ok(1)
}

#[traced(err(map))]
fn map_of_nothing() -> Result<u8, String> {
    Ok(1)
}

#[traced(err(expected = 5))]
fn expected_is_a_function() -> Result<u8, String> {
    Ok(1)
}

#[traced(err(off))]
fn off() -> Result<u8, String> {
    Ok(1)
}

#[traced(err)]
fn nothing() {}

fn main() {}
