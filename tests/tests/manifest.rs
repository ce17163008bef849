//! What this program may record, as a list; each test sees all of it.

#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    dead_code,
    unused_variables,
    clippy::needless_pass_by_value,
    clippy::unused_async,
    reason = "what is listed is the test"
)]

use std::path::{Path, PathBuf};
use traced::manifest::{Deny, Row, check, manifest_below, markdown};
use traced::{Public, Redact, traced};
use traced_tests::again;

mod shop {
    use super::*;

    #[derive(Redact)]
    pub(crate) struct Card<'a, T: std::fmt::Debug> {
        #[redact(last = 4, class = "pii.card")]
        number: &'a str,
        #[public(debug, reason = "a state has no data")]
        state: T,
        address: Address,
        #[skip]
        client: Vec<u8>,
    }

    #[derive(Redact)]
    #[public(rest)]
    pub(crate) enum Address {
        Unknown,
        At(String),
    }

    #[derive(Public)]
    pub(crate) struct OrderId(u64);

    pub(crate) mod pay {
        use super::*;

        /// Never called, and generic.
        #[traced(fields(total = 1 + 1, %order))]
        pub(crate) fn charge<T: std::fmt::Debug>(
            order: u64,
            #[public] currency: &str,
            token: String,
            card: &Card<'_, T>,
            #[redact(hash, class = "pii.email")] email: &str,
        ) {
            traced::event!("charged", order, "literal" = "text");
        }
    }

    /// A type of the program's own, under the name of another.
    mod renamed {
        #[allow(non_camel_case_types)]
        pub(crate) struct u32(pub(crate) String);
    }

    /// Whose names are not what they seem.
    pub(crate) mod alike {
        use super::renamed::u32;
        use traced::traced;

        #[traced]
        #[allow(clippy::trivially_copy_pass_by_ref, reason = "a reference to a number is one")]
        pub(crate) fn count(mine: &u32, real: &&u64, pin: u64, truth: bool) {}
    }

    pub(crate) struct Service;

    impl Service {
        #[traced("named")]
        pub(crate) async fn method(&self, id: OrderId) {}
    }
}

fn rows() -> Vec<Row> {
    let rows = manifest_below(env!("CARGO_MANIFEST_DIR"));
    rows.into_iter().filter(|row| row.module.starts_with("manifest::shop")).collect()
}

fn lines() -> Vec<String> {
    let shown = |row: Row| {
        let Row { place, key, ty, action, class, implicit, opaque, .. } = row;
        let flags = [(implicit, " implicit"), (opaque, " opaque")];
        let flags: String = flags.into_iter().filter(|(is, _)| *is).map(|(_, flag)| flag).collect();
        format!("{place} | {key}: {ty} | {action} {class}{flags}")
    };
    rows().into_iter().map(shown).collect()
}

#[test]
fn unused_and_generic_places_are_listed_with_each_value() {
    let expected = [
        "manifest::shop: named | id: OrderId | by its type  implicit",
        "manifest::shop::Address | At:  | public ",
        "manifest::shop::Address | At.At: String | public ",
        "manifest::shop::Address | Unknown:  | public ",
        "manifest::shop::Card | address: Address | by its policy ",
        "manifest::shop::Card | client: Vec<u8> | nothing ",
        "manifest::shop::Card | number: &'a str | last 4 pii.card",
        "manifest::shop::Card | state: T | debug  opaque",
        "manifest::shop::OrderId | 0: u64 | public ",
        "manifest::shop::alike: alike::count | mine: &u32 | by its type  implicit",
        "manifest::shop::alike: alike::count | pin: u64 | by its type  implicit",
        "manifest::shop::alike: alike::count | real: &&u64 | number  implicit",
        "manifest::shop::alike: alike::count | truth: bool | number  implicit",
        "manifest::shop::pay: charged | literal:  | literal ",
        "manifest::shop::pay: charged | order:  | by its type  implicit",
        "manifest::shop::pay: pay::charge | card: &Card<'_, T> | by its type  implicit",
        "manifest::shop::pay: pay::charge | currency: &str | public ",
        "manifest::shop::pay: pay::charge | email: &str | hash pii.email",
        "manifest::shop::pay: pay::charge | order:  | display  opaque",
        "manifest::shop::pay: pay::charge | token: String | by its type  implicit",
        "manifest::shop::pay: pay::charge | total:  | by its type  implicit",
    ];
    assert_eq!(lines(), expected);
}

#[test]
fn the_file_is_written_once_and_then_kept_true() {
    let directory =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("manifest-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let here = env!("CARGO_MANIFEST_DIR");
    let file = directory.join("traced.manifest.json");
    let name = file.to_str().unwrap();
    check(here, name, &[]);
    check(here, name, &[]);
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.contains(r#""key": "currency", "type": "&str", "action": "public"}"#));
    let without: Vec<_> = written.lines().filter(|line| !line.contains("currency")).collect();
    std::fs::write(&file, without.join("\n")).unwrap();
    let changed = std::panic::catch_unwind(|| check(here, name, &[])).unwrap_err();
    let said = changed.downcast_ref::<String>().unwrap();
    assert!(said.contains("+  {\"place\"") && said.contains("currency"), "{said}");
    assert!(said.contains("TRACED_BLESS=1"));
    assert!(std::panic::catch_unwind(|| check(here, name, &[Deny::Opaque])).is_err());
    std::fs::remove_dir_all(&directory).unwrap();
}

const FILE: &str = "TRACED_TEST_FILE";

/// A test again, in a process with this variable, for this file; whether it passed, and what it said.
fn checked(test: &str, file: &Path, variable: (&str, &str)) -> (bool, String) {
    let output = again(test).env(FILE, file).env(variable.0, variable.1).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Checks the file that [`checked`] names, and says whether there is one.
fn checks_again() -> bool {
    let file = std::env::var(FILE);
    file.is_ok_and(|file| {
        check(env!("CARGO_MANIFEST_DIR"), &file, &[]);
        true
    })
}

fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.json", std::process::id()))
}

#[test]
fn one_module_may_be_strict() {
    if checks_again() {
        return;
    }
    let file = temporary("strict");
    let strict_in = |module| checked("one_module_may_be_strict", &file, ("TRACED_STRICT", module));
    let (passed, said) = strict_in("manifest::shop::pay");
    assert!(!passed && said.contains("`token` is undecided"), "{said}");
    assert!(!said.contains("named: `id`"), "another module: {said}");
    assert!(strict_in("manifest::sho").0, "a part of a name is no module");
    assert!(strict_in("manifest::shop::refund").0);
    assert!(strict_in("").0);
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn the_file_is_blessed_by_a_variable() {
    if checks_again() {
        return;
    }
    let file = temporary("bless");
    let bless =
        |value| checked("the_file_is_blessed_by_a_variable", &file, ("TRACED_BLESS", value));
    std::fs::write(&file, "[]\n").unwrap();
    let (passed, said) = bless("0");
    assert!(!passed && said.contains("TRACED_BLESS=1"), "{said}");
    assert!(bless("1").0);
    assert!(bless("0").0, "it is true now");
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn the_macro_denies_what_it_is_told() {
    let opaque = || traced::assert_manifest!("../target/traced-denied.json", deny(opaque));
    let both = || traced::assert_manifest!("../target/traced-denied.json", deny(opaque, implicit));
    for (refuses, flagged) in
        [(opaque as fn(), "`state` is published"), (both, "`token` is undecided")]
    {
        let said = std::panic::catch_unwind(refuses).unwrap_err();
        let said = said.downcast_ref::<String>().unwrap();
        assert!(said.contains(flagged), "{said}");
    }
}

#[test]
fn suggestions_name_what_is_left_out_and_what_to_write() {
    let suggestions = traced::suggest();
    let token = suggestions.lines().find(|line| line.contains("`token: String`")).unwrap();
    assert!(token.contains("pay::charge") && token.contains("#[redact(len)]"), "{token}");
    assert!(!suggestions.contains("`order: u64`"), "a number is recorded");
    assert!(suggestions.contains("`mine: &u32`"), "what is called like a number is none");
}

#[test]
fn the_table_has_a_line_for_each_value() {
    let table = markdown(&rows());
    assert_eq!(table.lines().count(), 2 + rows().len());
    assert!(table.contains("| number | `&'a str` | last 4 | pii.card |"), "{table}");
}
