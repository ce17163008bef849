//! Identical bytes, whatever the secret.

use crate::output::{WAYS, exported, memory};
use crate::payloads::payloads;
use crate::program::program;
use crate::secret::Secret;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use traced::otlp::proof::record;
use traced::traced;

#[test]
fn runs_that_differ_in_secrets_alone_export_identical_bytes() {
    let reference = exported(|| program(&Secret::other()));
    assert!(String::from_utf8_lossy(&reference[0]).contains("[redacted]"));
    for payload in payloads() {
        let found = exported(|| program(&Secret::of(&payload)));
        for ((way, found), reference) in WAYS.iter().zip(&found).zip(&reference) {
            assert!(
                found == reference,
                "{:?} shows in {way}:\n{}\ninstead of\n{}",
                payload.chars().take(40).collect::<String>(),
                String::from_utf8_lossy(found),
                String::from_utf8_lossy(reference)
            );
        }
    }
}

/// Asked by nobody.
struct Bomb;

macro_rules! goes_off {
    ($($trait:ident),*) => {$(
        impl $trait for Bomb {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("asked")
            }
        }
    )*};
}

goes_off!(Debug, Display);

impl Error for Bomb {}

#[traced]
fn bomb(bomb: Bomb, #[redact] marked: &Bomb, #[skip] skipped: &Bomb) -> Result<(), Bomb> {
    Err(bomb)
}

#[test]
fn an_error_is_not_asked_for_its_text() {
    let recording = record(|| assert!(bomb(Bomb, &Bomb, &Bomb).is_err()));
    let spans = recording.spans();
    assert!(!String::from_utf8(memory(&spans)).unwrap().contains("panicked"));
}
