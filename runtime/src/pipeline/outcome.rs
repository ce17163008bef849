//! How the last batch went, and the one line when an exporter begins to fail, or takes spans again.

use crate::report::{Importance, say};
use crate::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// How a batch went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) at: SystemTime,
    /// So many spans were taken, or why not.
    pub(crate) result: Result<u64, String>,
}

static LAST: Mutex<Option<Outcome>> = Mutex::new(None);

/// How the last batch went, if there was one.
#[cfg_attr(not(feature = "init"), allow(dead_code, reason = "reports ask"))]
pub(crate) fn last() -> Option<Outcome> {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Remembers how a batch went.
pub(crate) fn note(result: Result<u64, String>) {
    let outcome = Outcome { at: SystemTime::now(), result };
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
}

/// The lock of this file, while the process forks.
#[cfg(all(unix, not(loom)))]
pub(crate) struct Held(crate::sync::MutexGuard<'static, Option<Outcome>>);

#[cfg(all(unix, not(loom)))]
pub(crate) fn hold() -> Held {
    Held(LAST.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(all(unix, not(loom)))]
impl Held {
    /// In a forked child: there was no batch yet.
    pub(crate) fn begin_again(mut self) {
        *self.0 = None;
    }
}

/// An exporter that is not ours, from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// Spans that were dropped since it began to fail.
    dropped: u64,
}

impl Health {
    /// Remembers how its batch went, and tells where that differs from the one before.
    pub(crate) fn note(&mut self, result: Result<(), String>, spans: u64) {
        match &result {
            Ok(()) if self.dropped > 0 => {
                let dropped = std::mem::take(&mut self.dropped);
                say(
                    Importance::Info,
                    format_args!(
                        "the exporter takes spans again; {dropped} were dropped meanwhile"
                    ),
                );
            }
            Ok(()) => {}
            Err(why) => {
                if self.dropped == 0 {
                    say(
                        Importance::Error,
                        format_args!("an exporter fails, and its spans are dropped: {why}"),
                    );
                }
                self.dropped = self.dropped.saturating_add(spans.max(1));
            }
        }
        note(result.map(|()| spans));
    }
}

/// What an error says, on one line, without what addresses in it may hold: user, password, query.
pub(crate) fn without_secrets(text: &str) -> String {
    let mut safe = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, address) = rest.split_at(start + "://".len());
        safe.push_str(before);
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ')');
        let end = address.find(ends).unwrap_or(address.len());
        let place = &address[..end];
        let authority_end = place.find(['/', '?', '#']).unwrap_or(place.len());
        let host = place[..authority_end].rsplit('@').next().unwrap_or_default();
        let path = &place[authority_end..];
        safe.push_str(host);
        safe.push_str(&path[..path.find(['?', '#']).unwrap_or(path.len())]);
        rest = &address[end..];
    }
    safe.push_str(rest);
    safe.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_errors_lose_what_may_be_secret() {
        for (text, safe) in [
            ("no route to host", "no route to host"),
            (
                "error sending request for url (https://me:secret@a.example:1/v1?key=secret#x): refused",
                "error sending request for url (https://a.example:1/v1): refused",
            ),
            ("\"http://a?b\" and http://c@d/e,", "\"http://a\" and http://d/e,"),
            ("two\nlines://", "two lines://"),
        ] {
            assert_eq!(without_secrets(text), safe);
        }
    }
}
