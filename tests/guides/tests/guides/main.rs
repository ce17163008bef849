//! Every block of Rust in the guides and in the README stands in a file here too, where it is compiled; the first test
//! compares them, blanks and comments aside. An ellipsis stands for anything. What tables say in a line each, before and
//! after, is in [`tables`], and compared in the same way.

#![allow(
    missing_docs,
    dead_code,
    unused_variables,
    clippy::all,
    clippy::pedantic,
    reason = "the pages show what is called, not what calls it"
)]

mod from_tracing;
mod opentelemetry;
mod service;
mod tables;

const SOURCES: [&str; 3] =
    [include_str!("from_tracing.rs"), include_str!("opentelemetry.rs"), include_str!("service.rs")];

const PAGES: [(&str, &str); 7] = [
    ("README.md", include_str!("../../../../README.md")),
    ("configuration.md", include_str!("../../../../docs/configuration.md")),
    ("from-tracing.md", include_str!("../../../../docs/from-tracing.md")),
    ("opentelemetry.md", include_str!("../../../../docs/opentelemetry.md")),
    ("privacy.md", include_str!("../../../../docs/privacy.md")),
    ("sampling.md", include_str!("../../../../docs/sampling.md")),
    ("deploy/README.md", include_str!("../../../../deploy/README.md")),
];

/// The blocks of Rust in a page, with the lines that they begin at. What says `ignore` wants a feature that other tests
/// must not get, and has a test of its own.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            let inside = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            let block: Vec<_> = inside.collect();
            if kind == "rust" {
                blocks.push((at + 1, block.join("\n")));
            }
        }
    }
    blocks
}

/// The parts of a block that stand somewhere by themselves: a line that is a comment alone parts them.
fn parts(block: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in block.lines() {
        match parts.last_mut() {
            Some(_) if line.trim_start().starts_with("//") && !line.contains('…') => {
                parts.push(String::new());
            }
            Some(part) => {
                part.push_str(line);
                part.push('\n');
            }
            None => {}
        }
    }
    parts.into_iter().filter(|part| !part.trim().is_empty()).collect()
}

/// Without what a formatter or a comment changes.
fn bare(source: &str) -> String {
    let code = source.lines().map(|line| {
        let begins = |at: &usize| *at == 0 || line[..*at].ends_with(' ');
        match line.match_indices("//").map(|(at, _)| at).find(begins) {
            // An ellipsis in a comment is one.
            Some(at) if line[at..].trim_matches(['/', ' ']) == "…" => format!("{}…", &line[..at]),
            Some(at) => line[..at].to_owned(),
            None => line.to_owned(),
        }
    });
    let mut bare: String = code.flat_map(|line| line.chars().collect::<Vec<_>>()).collect();
    bare.retain(|character| !character.is_whitespace());
    for close in [")", "]", "}"] {
        bare = bare.replace(&format!(",{close}"), close);
    }
    bare
}

fn stands_in(source: &str, part: &str) -> bool {
    let mut rest = source;
    part.split('…').all(|piece| match rest.split_once(piece) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

#[test]
fn every_block_of_rust_is_compiled() {
    let sources = SOURCES.map(bare);
    let mut seen = 0;
    for (name, page) in PAGES {
        for (line, block) in blocks(page) {
            for part in parts(&block) {
                let bare = bare(&part);
                let found = sources.iter().any(|source| stands_in(source, &bare));
                assert!(found, "{name}:{line} stands in no file of this folder:\n{part}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 12, "{seen} parts");
}

/// What is in the cells of the tables of a page and looks like code: calls, macros, attributes.
fn cells(page: &str) -> impl Iterator<Item = String> {
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let codes = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    let codes = codes.map(|code| code.replace("\\|", "|"));
    codes.filter(|code| code.contains('(') || code.starts_with("#["))
}

/// Names of methods, which are no calls.
const NAMES: [&str; 1] = ["SpanContext::trace_state()"];

#[test]
fn every_change_in_a_table_is_compiled() {
    let tables = bare(include_str!("tables.rs"));
    let (mut missing, mut seen) = (Vec::new(), 0);
    for (name, page) in &PAGES[2..4] {
        for code in cells(page) {
            seen += 1;
            let bare = bare(&code);
            let is_there = stands_in(&tables, bare.trim_end_matches(';'));
            if !is_there && !NAMES.contains(&&*code) {
                missing.push(format!("{name}: {code}"));
            }
        }
    }
    assert!(missing.is_empty(), "in no file of this folder:\n{}", missing.join("\n"));
    assert!(seen >= 80, "{seen} changes");
}

#[test]
fn the_comparison_sees_what_differs() {
    let page =
        "x\n```rust\n// before\na(1, 2)\n// after\nb(\n  3, // three\n)\n```\n```text\nc\n```\n";
    let [(line, block)] = &blocks(page)[..] else { panic!() };
    assert_eq!(*line, 2);
    let parts = parts(block);
    assert_eq!(parts.len(), 2);
    assert_eq!(bare(&parts[1]), "b(3)");
    let source = bare("fn f() { a(1, 2); b(3) }");
    assert!(parts.iter().all(|part| stands_in(&source, &bare(part))));
    assert!(!stands_in(&source, &bare("a(1, 3)")));
    assert!(stands_in(&source, &bare("fn f() { … b(3) }")));
    assert!(!stands_in(&source, &bare("fn f() { b(3) … a(1, 2) }")));
}
