//! `Debug` under a policy: logs tell no more than traces.

use super::{Redact, walked::Walked};
use crate::segment::attribute::{Raw, Reader, append_key, texts};
use std::fmt::{self, Debug, Formatter};

/// Writes what a policy tells, as `Name { field: value, inner.field: value }`; what it skips, as `..`.
pub fn safe_debug(name: &str, value: &dyn Redact, f: &mut Formatter<'_>) -> fmt::Result {
    let mut shown = f.debug_struct(name);
    Walked::of(value).read(|words| {
        let mut reader = Reader::new(words);
        while let Some((_, value)) = reader.next() {
            let mut key = Vec::new();
            append_key("", reader.names(), &mut key);
            let key = String::from_utf8_lossy(&key);
            // The value itself has no name: a newtype, a variant.
            let key = key.strip_prefix('.').unwrap_or("self");
            shown.field(key, &Shown(value));
        }
    });
    shown.finish_non_exhaustive()
}

/// The same as a text, for tests.
#[cfg(test)]
pub(crate) fn debugged(name: &str, value: &dyn Redact) -> String {
    struct Told<'a>(&'a str, &'a dyn Redact);
    impl Debug for Told<'_> {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            safe_debug(self.0, self.1, f)
        }
    }
    format!("{:?}", Told(name, value))
}

struct Shown<'w>(Raw<'w>);

impl Debug for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Raw::I64(number) => write!(f, "{number}"),
            Raw::U64(number) => write!(f, "{number}"),
            Raw::F64(number) => write!(f, "{number}"),
            Raw::Bool(is) => write!(f, "{is}"),
            Raw::Text(text) => write!(f, "{:?}", text.to_string()),
            #[allow(clippy::cast_possible_wrap, reason = "bits")]
            Raw::I64s(all) => f.debug_list().entries(all.iter().map(|n| *n as i64)).finish(),
            Raw::U64s(all) => f.debug_list().entries(all).finish(),
            Raw::F64s(all) => {
                f.debug_list().entries(all.iter().map(|bits| f64::from_bits(*bits))).finish()
            }
            Raw::Bools(all) => f.debug_list().entries(all.iter().map(|bit| *bit != 0)).finish(),
            Raw::Texts(count, words) => {
                f.debug_list().entries(texts(count, words).map(|text| text.to_string())).finish()
            }
        }
    }
}
