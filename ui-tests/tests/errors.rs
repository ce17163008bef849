//! Mistakes in a body are told as they are without `#[traced]`: the same errors, at the same tokens.
//!
//! The same programs are checked twice, once with the feature `off`, where the attribute leaves nothing but the item.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

#[test]
fn names_that_are_not_there() {
    assert_same("names", 4);
}

#[test]
fn types_that_do_not_fit() {
    assert_same("types", 21);
}

#[test]
fn values_that_are_borrowed_or_gone() {
    assert_same("borrows", 15);
}

#[track_caller]
fn assert_same(program: &str, at_least: usize) {
    let with = errors(program, &[]);
    let without = errors(program, &["--features", "without"]);
    assert!(without.len() >= at_least, "the program has errors: {without:#?}");
    let added: Vec<_> = with.difference(&without).collect();
    let lost: Vec<_> = without.difference(&with).collect();
    assert!(added.is_empty() && lost.is_empty(), "added: {added:#?}\nlost: {lost:#?}");
}

/// What is wrong, as `code at line:column-line:column: message`.
fn errors(program: &str, features: &[&str]) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--message-format=json", "--bin", program])
        .args(["--manifest-path", "errors/Cargo.toml", "--target-dir"])
        .arg(root.join("../target/errors"))
        .args(features)
        .current_dir(root)
        .output()
        .expect("cargo runs");
    assert!(!output.status.success(), "there are mistakes");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors: BTreeSet<_> =
        said.lines().filter_map(|line| error(&serde_json::from_str(line).ok()?)).collect();
    assert!(!errors.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    errors
}

/// One error of the compiler.
fn error(message: &Value) -> Option<String> {
    let message = &message["message"];
    if message["level"] != "error" {
        return None;
    }
    let span = message["spans"].as_array()?.iter().find(|span| span["is_primary"] == true)?;
    let [line, column, end_line, end_column] =
        ["line_start", "column_start", "line_end", "column_end"].map(|key| &span[key]);
    let (code, text) = (&message["code"]["code"], message["message"].as_str()?);
    // Parameters are bound anew inside of the span, so that they drop there.
    let text = text.replace("referencing function parameter", "referencing local variable");
    // The body stands in a closure, or what has a `?` behind it does.
    let text = text.replace("in a closure that returns", "in a function that returns");
    Some(format!("{code} at {line}:{column}-{end_line}:{end_column}: {text}"))
}
