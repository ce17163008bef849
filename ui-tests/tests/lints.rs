//! `#[traced]` adds no lint and hides none: clippy says the same with it and without.
//!
//! The same functions are checked twice, once with the feature `off`, where the attribute leaves nothing but
//! the item. What differs must be in [`EXCEPTIONS`], which the documentation lists with their reasons.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Of an `async fn` it underlines the attribute: the signature that it is about ends with our `impl Future`.
const EXCEPTIONS: &[&str] = &["unreachable_pub"];

/// Of those that nobody has on by default, the ones that generated code is prone to.
const RESTRICTION: &[&str] = &[
    "arithmetic_side_effects",
    "default_numeric_fallback",
    "else_if_without_else",
    "implicit_return",
    "let_underscore_must_use",
    "let_underscore_untyped",
    "let_unit_value",
    "map_err_ignore",
    "mem_forget",
    "missing_docs_in_private_items",
    "min_ident_chars",
    "needless_raw_strings",
    "option_if_let_else",
    "panic",
    "pattern_type_mismatch",
    "question_mark_used",
    "redundant_pub_crate",
    "ref_patterns",
    "semicolon_inside_block",
    "semicolon_outside_block",
    "shadow_reuse",
    "shadow_same",
    "shadow_unrelated",
    "single_call_fn",
    "str_to_string",
    "unused_result_ok",
    "unwrap_used",
    "used_underscore_binding",
    "used_underscore_items",
];

#[test]
#[ignore = "it builds the fixture four times, which takes minutes"]
fn compiler_and_clippy_say_the_same_with_and_without() {
    assert_same("check", &[]);
    let restriction = RESTRICTION.iter().map(|lint| format!("-Wclippy::{lint}"));
    let lints: Vec<_> = ["-Wclippy::all", "-Wclippy::pedantic"]
        .map(str::to_owned)
        .into_iter()
        .chain(restriction)
        .collect();
    assert_same("clippy", &lints);
}

#[track_caller]
fn assert_same(command: &str, lints: &[String]) {
    let with = self::lints(command, &[], lints);
    let without = self::lints(command, &["--features", "without"], lints);
    assert!(without.len() > 30, "the fixture has lints: {without:#?}");
    let added: Vec<_> = with.difference(&without).collect();
    let lost: Vec<_> = without.difference(&with).collect();
    assert!(added.is_empty() && lost.is_empty(), "added: {added:#?}\nlost: {lost:#?}");
}

/// What is said, as `lint at file:line:column`.
fn lints(command: &str, features: &[&str], lints: &[String]) -> BTreeSet<String> {
    const RUSTC: &str = "--cap-lints warn -Wunused -Wunused_qualifications -Wunreachable_pub -Wmissing_docs \
                         -Wsingle_use_lifetimes -Welided_lifetimes_in_paths -Wunused_lifetimes";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([command, "--quiet", "--offline", "--tests", "--message-format=json"])
        .args(["--manifest-path", "lints/Cargo.toml", "--target-dir"])
        .arg(root.join("../target/lints"))
        .args(features)
        .env("RUSTFLAGS", RUSTC)
        .current_dir(root);
    if !lints.is_empty() {
        cargo.arg("--").args(lints);
    }
    let output = cargo.output().expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    said.lines().filter_map(|line| lint(&serde_json::from_str(line).ok()?)).collect()
}

/// One message of the compiler.
fn lint(message: &Value) -> Option<String> {
    if message["target"]["name"] != "traced_lints" {
        return None;
    }
    let message = &message["message"];
    let code = message["code"]["code"].as_str().filter(|code| !EXCEPTIONS.contains(code))?;
    let span = message["spans"].as_array()?.iter().find(|span| span["is_primary"] == true)?;
    let (file, line, column) = (&span["file_name"], &span["line_start"], &span["column_start"]);
    Some(format!("{code} at {}:{line}:{column}", file.as_str()?))
}
