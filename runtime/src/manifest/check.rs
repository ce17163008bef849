//! The committed file and the program say the same.

use super::{Row, manifest_below};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What the check refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deny {
    /// Values that somebody vouches for.
    Opaque,
    /// Values of which nobody said anything.
    Implicit,
}

/// Panics where the file in a package does not say what the program does, and where it does what is denied.
///
/// # Panics
///
/// With the lines that differ, and how to accept them.
pub fn check(package_dir: &str, file: &str, deny: &[Deny]) {
    let rows = manifest_below(&workspace_of(package_dir).to_string_lossy());
    refuse(&rows, deny);
    let found = json(&rows);
    let path = Path::new(package_dir).join(file);
    let committed = std::fs::read_to_string(&path).ok();
    let bless = std::env::var_os("TRACED_BLESS").is_some_and(|bless| bless == "1");
    match committed {
        Some(committed) if committed == found => {}
        Some(committed) if !bless => {
            let changes = difference(&committed, &found);
            panic!(
                "what is recorded has changed against {file}:\n{changes}read it, then accept it with TRACED_BLESS=1"
            );
        }
        _ => std::fs::write(&path, found)
            .unwrap_or_else(|error| panic!("{} cannot be written: {error}", path.display())),
    }
}

/// The nearest directory above with a lock file; the package's own where there is none.
fn workspace_of(package_dir: &str) -> PathBuf {
    let package = Path::new(package_dir);
    let workspace = package.ancestors().find(|above| above.join("Cargo.lock").exists());
    workspace.unwrap_or(package).to_owned()
}

fn refuse(rows: &[Row], deny: &[Deny]) {
    let strict = std::env::var("TRACED_STRICT").unwrap_or_default();
    let is_strict = |module: &str| {
        let below = module.strip_prefix(&strict);
        !strict.is_empty() && below.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let refused: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let is_denied = |what| deny.contains(&what);
            let why = if row.opaque && is_denied(Deny::Opaque) {
                "is published by code that nobody looks into"
            } else if row.implicit && (is_denied(Deny::Implicit) || is_strict(&row.module)) {
                "is undecided"
            } else {
                return None;
            };
            Some(format!("{}: `{}` {why}", row.place, row.key))
        })
        .collect();
    assert!(refused.is_empty(), "denied:\n{}", refused.join("\n"));
}

fn difference(committed: &str, found: &str) -> String {
    let mut changes = String::new();
    let missing = |line: &&str, text: &str| !text.lines().any(|other| bare(other) == bare(line));
    for line in committed.lines().filter(|line| missing(line, found)) {
        let _ = writeln!(changes, "-{line}");
    }
    for line in found.lines().filter(|line| missing(line, committed)) {
        let _ = writeln!(changes, "+{line}");
    }
    changes
}

/// A line without the comma that only the last one lacks.
fn bare(line: &str) -> &str {
    line.trim().trim_end_matches(',')
}

/// One line for each value, so that a change of one is a change of one line.
fn json(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| {
        let mut line = String::from("  {");
        let texts = [
            ("place", &row.place),
            ("key", &row.key),
            ("type", &row.ty),
            ("action", &row.action),
            ("class", &row.class),
            ("reason", &row.reason),
        ];
        let told = texts.into_iter().filter(|(_, text)| !text.is_empty());
        let texts = told.map(|(name, text)| format!("\"{name}\": {}", quoted(text)));
        let flags = [("implicit", row.implicit), ("opaque", row.opaque)];
        let flags =
            flags.into_iter().filter(|(_, is)| *is).map(|(name, _)| format!("\"{name}\": true"));
        line.push_str(&texts.chain(flags).collect::<Vec<_>>().join(", "));
        line.push('}');
        line
    });
    format!("[\n{}\n]\n", lines.collect::<Vec<_>>().join(",\n"))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, implicit: bool) -> Row {
        Row {
            place: "shop: pay".into(),
            key: key.into(),
            ty: "&str".into(),
            action: "public".into(),
            class: String::new(),
            reason: "a \"reason\"".into(),
            implicit,
            opaque: false,
            module: "shop".into(),
        }
    }

    #[test]
    fn a_value_is_a_line() {
        let written = json(&[row("a", false), row("b", true)]);
        let line = r#"  {"place": "shop: pay", "key": "a", "type": "&str", "action": "public", "reason": "a \"reason\""}"#;
        assert_eq!(written.lines().nth(1), Some(&*format!("{line},")));
        assert_eq!(written.lines().count(), 4);
    }

    #[test]
    fn only_what_changed_is_told() {
        let (old, new) = (json(&[row("a", false)]), json(&[row("a", false), row("b", true)]));
        let changes = difference(&old, &new);
        assert_eq!(changes.lines().count(), 1);
        assert!(changes.starts_with("+  {") && changes.contains("\"b\""));
    }

    #[test]
    #[should_panic(expected = "`b` is undecided")]
    fn what_is_denied_is_refused() {
        refuse(&[row("a", false), row("b", true)], &[Deny::Implicit]);
    }
}
