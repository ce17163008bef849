//! Which versions of a crate are in this program, by the paths of source files that the compiler leaves in it.
//!
//! Two versions of `opentelemetry` have two global providers, and two of `traced` two current spans: neither
//! sees the other. No code can ask for the other one, but the places of panics name the files they are in.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, Read};

/// What is looked for.
const NAMES: [&str; 3] = ["opentelemetry", "opentelemetry_sdk", "traced"];

/// The versions of each crate that were found.
pub(crate) type Found = BTreeMap<&'static str, BTreeSet<String>>;

/// Looks through this program; nothing if it cannot be read.
#[inline]
pub(crate) fn in_this_program() -> Found {
    let open = std::env::current_exe().and_then(File::open);
    open.and_then(|file| search(file, 1 << 20)).unwrap_or_default()
}

/// No path is longer.
const OVERLAP: usize = 256;

#[inline]
fn search(mut file: impl Read, piece: usize) -> io::Result<Found> {
    let mut found = Found::new();
    let mut buffer = Vec::new();
    loop {
        let read = (&mut file).take(piece as u64).read_to_end(&mut buffer)?;
        for separator in [b'/', b'\\'] {
            collect(&buffer, separator, &mut found);
        }
        if read == 0 {
            return Ok(found);
        }
        // A path may be cut where the piece ends.
        let kept = buffer.len().saturating_sub(OVERLAP);
        buffer.drain(..kept);
    }
}

#[inline]
fn collect(bytes: &[u8], separator: u8, found: &mut Found) {
    let mut rest = bytes;
    // By the standard library's own search, which is fast also where we are built without optimization.
    while rest.skip_until(separator).is_ok_and(|skipped| skipped > 0) {
        for name in NAMES {
            if let Some(version) = rest.strip_prefix(name.as_bytes()).and_then(version) {
                found.entry(name).or_default().insert(version);
            }
        }
    }
}

/// The version in `-1.2.3/src/…`.
#[inline]
fn version(bytes: &[u8]) -> Option<String> {
    let behind = bytes.strip_prefix(b"-")?;
    let length = behind.iter().take(64).position(|byte| matches!(byte, b'/' | b'\\'))?;
    let (version, folder) = behind.split_at(length);
    let is_version = version.first().is_some_and(u8::is_ascii_digit)
        && version.iter().all(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(byte));
    let is_source = folder.get(1..4) == Some(b"src");
    (is_version && is_source).then(|| String::from_utf8_lossy(version).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(text: &str, piece: usize) -> Vec<String> {
        let found = search(text.as_bytes(), piece).unwrap();
        let all =
            found.iter().flat_map(|(name, all)| all.iter().map(move |v| format!("{name} {v}")));
        all.collect()
    }

    #[test]
    fn versions_are_found_in_paths_of_sources() {
        let text = "x/opentelemetry-0.33.1/src/context.rs\0y\\traced-0.1.0-beta.1\\src\\lib.rs\0\
                    /opentelemetry-0.32.0/src/lib.rs/opentelemetry-0.33.1/src/lib.rs";
        let expected = ["opentelemetry 0.32.0", "opentelemetry 0.33.1", "traced 0.1.0-beta.1"];
        for piece in [1, 7, 40, 1 << 20] {
            assert_eq!(versions(text, piece), expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "opentelemetry-0.33.1/src/",
            "/opentelemetry-otlp-0.33.1/src/",
            "/opentelemetry-0.33.1/tests/",
            "/opentelemetry-0.33.1",
            "/opentelemetry/src/",
            "/my-opentelemetry-0.33.1/src/",
            "",
        ] {
            assert_eq!(versions(text, 1 << 20), [""; 0], "{text}");
        }
    }

    #[cfg(feature = "otel")]
    #[test]
    fn that_of_this_program_is_there() {
        let found = in_this_program();
        assert!(found["opentelemetry"].iter().any(|version| version.starts_with("0.33.")));
    }
}
