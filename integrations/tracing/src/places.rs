//! The places of `tracing`, as places of ours: made once for each, and kept for ever, as `tracing` keeps its own.

use crate::secret_names::sounds_secret;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError, RwLock};
use traced::__integration::{About, Callsite, Level, Name};
use tracing_core::Metadata;
use tracing_core::callsite::Identifier;

/// The key under which an event says its level.
const LEVEL: &str = "level";
/// The field that holds the message of an event.
pub(crate) const MESSAGE: &str = "message";
/// A place whose messages are chosen among more literals than this calls further events after itself.
const MOST_MESSAGES: usize = 16;

/// What is known of a place of `tracing`.
#[derive(Debug)]
pub(crate) struct Place {
    /// Under its own name.
    pub(crate) site: &'static Callsite,
    /// What is told of each field, by its index.
    pub(crate) fields: Box<[Policy]>,
    pub(crate) level: &'static str,
    keys: &'static [&'static str],
    metadata: &'static Metadata<'static>,
    /// Under the literals that events of it had as messages.
    named: Mutex<Vec<(&'static str, &'static Callsite)>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Policy {
    /// Somebody declared it.
    Public,
    /// Told if it is a number or a bool.
    Number,
    /// Its name says that not even a number should be told.
    Nothing,
    /// The message: its literal is the event's name.
    Message,
}

/// All places that were seen.
#[derive(Debug, Default)]
pub(crate) struct Places(RwLock<HashMap<Identifier, &'static Place, ByAddress>>);

/// A place of `tracing` is known by its address, which needs no strong hash: nobody chooses it.
type ByAddress = BuildHasherDefault<Address>;

#[derive(Debug, Default)]
struct Address(u64);

impl Hasher for Address {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_ne_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // The golden ratio: high bits from low ones.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

impl Places {
    pub(crate) fn of(
        &self,
        metadata: &'static Metadata<'static>,
        is_public: impl Fn(&str, &str) -> bool,
    ) -> &'static Place {
        let callsite = metadata.callsite();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&callsite).copied();
        known.unwrap_or_else(|| {
            let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
            all.entry(callsite).or_insert_with(|| Place::leak(metadata, is_public))
        })
    }
}

impl Place {
    fn leak(
        metadata: &'static Metadata<'static>,
        is_public: impl Fn(&str, &str) -> bool,
    ) -> &'static Self {
        let names = || metadata.fields().iter().map(|field| field.name());
        let policy = |name: &str| {
            if is_public(metadata.target(), name) {
                Policy::Public
            } else if name == MESSAGE && metadata.is_event() {
                Policy::Message
            } else if sounds_secret(name) {
                Policy::Nothing
            } else {
                Policy::Number
            }
        };
        let level = metadata.is_event().then_some(LEVEL);
        let keys: Vec<&'static str> = names().chain(level).collect();
        let keys: &'static [&'static str] = keys.leak();
        Box::leak(Box::new(Self {
            site: site(metadata, name_of(metadata), keys),
            fields: names().map(policy).collect(),
            level: metadata.level().as_str(),
            keys,
            metadata,
            named: Mutex::default(),
        }))
    }

    /// The place of an event with this message, which is a literal.
    pub(crate) fn named(&self, message: &str) -> &'static Callsite {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, site)) = named.iter().find(|(name, _)| *name == message) {
            return site;
        }
        if named.len() == MOST_MESSAGES {
            return self.site;
        }
        let name = String::leak(message.to_owned());
        let site = site(self.metadata, name, self.keys);
        named.push((name, site));
        site
    }
}

fn site(
    metadata: &'static Metadata<'static>,
    name: &'static str,
    keys: &'static [&'static str],
) -> &'static Callsite {
    let file = in_its_crate(metadata.file().unwrap_or_default());
    let about =
        About::new(Name::Literal(name), metadata.target(), file, metadata.line().unwrap_or(0));
    Box::leak(Box::new(Callsite::new(about.keys(keys).level(level(*metadata.level())))))
}

/// An event is called after its place, `event src/pay.rs:41`.
fn name_of(metadata: &'static Metadata<'static>) -> &'static str {
    let name = metadata.name();
    match name.strip_prefix("event ").filter(|_| metadata.is_event()) {
        Some(place) if in_its_crate(place) != place => {
            String::leak(format!("event {}", in_its_crate(place)))
        }
        _ => name,
    }
}

/// The path of a source without the folder in which Cargo keeps what it has fetched: that is a folder of whoever built
/// the program, and may be called after them.
fn in_its_crate(path: &str) -> &str {
    let is_separator = |character| character == '/' || character == '\\';
    for kept_in in [["registry", "src"], ["git", "checkouts"]] {
        let mut rest = path;
        let mut before = "";
        while let Some((folder, inside)) = rest.split_once(is_separator) {
            if [before, folder] == kept_in {
                // The registry, or the repository.
                return inside.split_once(is_separator).map_or(inside, |(_, inside)| inside);
            }
            (before, rest) = (folder, inside);
        }
    }
    path
}

fn level(level: tracing_core::Level) -> Level {
    match level {
        tracing_core::Level::ERROR => Level::Error,
        tracing_core::Level::WARN => Level::Warn,
        tracing_core::Level::INFO => Level::Info,
        tracing_core::Level::DEBUG => Level::Debug,
        tracing_core::Level::TRACE => Level::Trace,
    }
}

#[cfg(test)]
mod tests {
    use super::in_its_crate;

    #[test]
    fn a_source_of_a_library_is_told_without_the_machine_that_built_it() {
        let cases = [
            (
                "/home/alice/.cargo/registry/src/index.crates.io-1949/h2-0.4.20/src/lib.rs",
                "h2-0.4.20/src/lib.rs",
            ),
            (
                "C:\\Users\\alice\\.cargo\\registry\\src\\index\\h2-0.4.20\\src\\lib.rs:7",
                "h2-0.4.20\\src\\lib.rs:7",
            ),
            ("/home/alice/.cargo/git/checkouts/shop-5f0e/3ab1c/src/lib.rs", "3ab1c/src/lib.rs"),
            ("src/pay.rs:41", "src/pay.rs:41"),
            ("registry/source/lib.rs", "registry/source/lib.rs"),
            ("", ""),
        ];
        for (path, told) in cases {
            assert_eq!(in_its_crate(path), told);
        }
    }
}
