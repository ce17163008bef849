//! `TRACED_REDACT` and `TRACED_HASH_KEY_FILE`: what of values may be told at most, and the key of hashes.

use super::values::{Kind, TEXT};
use super::variables::{Setting, Source, Variables, named};
use crate::redact::{Cap, Caps};
use std::path::PathBuf;

/// What the variables say about what may be told.
#[derive(Clone, Debug)]
pub(crate) struct Privacy {
    pub(crate) caps: Setting<Caps>,
    pub(crate) hash_key_file: Setting<Option<PathBuf>>,
}

const CAPS: &str = "TRACED_REDACT";
pub(crate) const HASH_KEY_FILE: &str = "TRACED_HASH_KEY_FILE";

impl Privacy {
    pub(super) fn read(variables: &mut Variables<'_>) -> Self {
        let path = variables.find(&[HASH_KEY_FILE], &PATH, "no key");
        Self {
            caps: caps(variables),
            hash_key_file: path.map_or(Setting::default_of(None), |path| path.map(Some)),
        }
    }
}

/// What is not understood tells nothing: a mistake must not publish what somebody wanted to hide.
fn caps(variables: &mut Variables<'_>) -> Setting<Caps> {
    let everything = Caps { process: Cap::Declared, classes: Vec::new() };
    let Some(text) = variables.find(&[CAPS], &TEXT, "").map(|setting| setting.value) else {
        return Setting::default_of(everything);
    };
    let (caps, unknown) = Caps::parse(&text);
    if !unknown.is_empty() {
        let unknown: Vec<_> = unknown.iter().map(|name| named(name)).collect();
        let problem =
            format!("{} is not one of strict, len, hash, last and declared", unknown.join(", "));
        variables.warn(CAPS, text, problem, "using strict in its place");
    }
    Setting { value: caps, source: Source::Variable(CAPS) }
}

const PATH: Kind<PathBuf> = Kind {
    parse: |text| Ok(PathBuf::from(text)),
    show: |path| path.display().to_string(),
    is_secret: false,
};

/// As the variable would say it.
pub(crate) fn shown(caps: &Caps) -> String {
    let name = |cap: Cap| match cap {
        Cap::Strict => "strict",
        Cap::Len => "len",
        Cap::Hash => "hash",
        Cap::Last => "last",
        Cap::Declared => "declared",
    };
    let classes = caps.classes.iter().map(|(class, cap)| format!(",{class}={}", name(*cap)));
    format!("{}{}", name(caps.process), classes.collect::<String>())
}
