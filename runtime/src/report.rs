//! What we say to people: single lines on standard error, never more than they asked for.

use crate::sync::{AtomicU8, Relaxed};
use std::fmt;
use std::io::Write;

/// How much a line matters, and from which on lines are written (`OTEL_LOG_LEVEL`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[allow(dead_code, reason = "some of them are said, or asked for, by features")]
pub(crate) enum Importance {
    /// Nobody is told anything; no line has this importance.
    Silence = 0,
    /// Tracing does not work.
    Error = 1,
    /// Something is other than somebody asked for.
    Warning = 2,
    /// What was set up.
    Info = 3,
    /// What only those want to know who look for a mistake.
    Debug = 4,
}

static LEAST: AtomicU8 = AtomicU8::new(Importance::Info as u8);

/// From now on only lines of at least this importance are written.
#[cfg_attr(not(feature = "init"), allow(dead_code, reason = "a variable says it"))]
pub(crate) fn set_least(importance: Importance) {
    LEAST.store(importance as u8, Relaxed);
}

/// Writes one line. A program without a standard error is not disturbed.
pub(crate) fn say(importance: Importance, line: fmt::Arguments<'_>) {
    if importance as u8 <= LEAST.load(Relaxed) {
        // One write, so that lines of several threads do not mix.
        let line = format!("traced: {line}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}
