//! The route of a request, by which traffic that begins at the same place is told apart.

use crate::callsite::About;
use crate::segment::attribute::{Attributes, Raw, Reader};
use crate::sync::{AtomicU64, Relaxed};
use crate::value::Value;
use std::fmt;

/// Attributes that name a route, the first one that a place has.
const KEYS: [&str; 3] = ["http.route", "rpc.method", "messaging.destination.name"];
/// What is longer is cut.
const MAX_BYTES: usize = 96;
/// A route is looked for in so many words of attributes.
const MAX_WORDS: usize = 64;

/// A route as it was recorded on a root: `/orders/{id}`.
///
/// It is the attribute `http.route`, `rpc.method` or `messaging.destination.name` of the root, if it was there when the root began.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Route {
    bytes: [u8; MAX_BYTES],
    length: u8,
}

impl Route {
    /// For tests of your own samplers. What is longer than 96 bytes is cut.
    pub fn new(text: &str) -> Self {
        let mut route = Self { bytes: [0; MAX_BYTES], length: 0 };
        let text = crate::segment::attribute::cut(text, MAX_BYTES);
        route.append(text.as_bytes());
        route
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        let bytes = &self.bytes[..self.length.into()];
        // A route that was cut may end inside of a character.
        let whole = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        std::str::from_utf8(&bytes[..whole]).unwrap_or_default()
    }

    #[allow(clippy::cast_possible_truncation, reason = "at most 96")]
    fn append(&mut self, bytes: &[u8]) {
        let start = usize::from(self.length);
        let taken = bytes.len().min(MAX_BYTES - start);
        self.bytes[start..start + taken].copy_from_slice(&bytes[..taken]);
        self.length = (start + taken) as u8;
    }

    /// Whether spans of this place may have one, and under which of its keys.
    fn key_of(place: &About) -> Option<usize> {
        let position = |name: &&str| place.keys.iter().position(|key| key == name);
        if place.keys.is_empty() { None } else { KEYS.iter().find_map(position) }
    }

    /// The route in attributes that are to be recorded.
    pub(crate) fn among(place: &About, attributes: &Attributes<'_>) -> Option<Self> {
        let key = Self::key_of(place)?;
        if let Some(values) = attributes.as_given() {
            return match values.get(key)? {
                Value::Text(text) | Value::Literal(text) => Some(Self::new(text)),
                _ => None,
            };
        }
        let words = attributes.words();
        let buffer = [const { AtomicU64::new(0) }; MAX_WORDS];
        let written = buffer.get(..words)?;
        attributes.write(written);
        Self::find(key, written)
    }

    /// The route in the attributes of a record.
    pub(crate) fn of_record(place: &About, attributes: &[AtomicU64]) -> Option<Self> {
        let key = Self::key_of(place)?;
        Self::find(key, &attributes[..attributes.len().min(MAX_WORDS)])
    }

    fn find(key: usize, attributes: &[AtomicU64]) -> Option<Self> {
        let mut words = [0; MAX_WORDS];
        for (word, attribute) in words.iter_mut().zip(attributes) {
            *word = attribute.load(Relaxed);
        }
        for (found, raw) in Reader::new(&words[..attributes.len()]) {
            if let (true, Raw::Text(text)) = (found == key, raw) {
                let mut route = Self { bytes: [0; MAX_BYTES], length: 0 };
                text.each_byte(|byte| route.append(&[byte]));
                // Without the beginning of a character that was cut.
                return Some(Self::new(route.as_str()));
            }
        }
        None
    }

    /// A number that is its own.
    pub(super) fn hash(&self) -> u64 {
        let words = self.bytes.chunks_exact(8).take(usize::from(self.length).div_ceil(8));
        words.fold(u64::from(self.length), |hash, word| {
            let word = word.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
            (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
        })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callsite::Name;

    fn about(keys: &'static [&'static str]) -> About {
        About::new(Name::Literal("test"), "test", "test", 0).keys(keys)
    }

    fn route(keys: &'static [&'static str], values: &[Value<'_>]) -> Option<Route> {
        let attributes = Attributes::new(values);
        let words = attributes.to_words();
        let written = Attributes::encoded(&words);
        let found = Route::among(&about(keys), &attributes);
        assert_eq!(found, Route::among(&about(keys), &written));
        found
    }

    #[test]
    fn a_route_is_found_among_the_attributes() {
        let values = [Value::U64(7), Value::Text("/orders/{id}"), Value::Bool(true)];
        let found = route(&["n", "http.route", "b"], &values).unwrap();
        assert_eq!(found.as_str(), "/orders/{id}");
        assert_eq!(
            (found, found.hash()),
            (Route::new("/orders/{id}"), Route::new("/orders/{id}").hash())
        );
        assert_eq!(route(&["n", "route", "b"], &values), None);
        assert_eq!(route(&["n", "http.route"], &[Value::U64(7), Value::LeftOut]), None);
    }

    #[test]
    fn a_long_route_is_cut_where_a_character_ends() {
        let long = "é".repeat(100);
        let found = route(&["http.route"], &[Value::Text(&long)]).unwrap();
        assert_eq!(found.as_str(), "é".repeat(48));
        assert_eq!(found, Route::new(&long));
        let odd = format!("x{long}");
        assert_eq!(route(&["http.route"], &[Value::Text(&odd)]).unwrap().as_str().len(), 95);
    }

    #[test]
    fn routes_that_differ_have_other_numbers() {
        let hashes: std::collections::HashSet<_> =
            (0..10_000).map(|n| Route::new(&format!("/v1/{n}")).hash()).collect();
        assert_eq!(hashes.len(), 10_000);
        assert_ne!(Route::new("a").hash(), Route::new("a\0").hash());
    }
}
