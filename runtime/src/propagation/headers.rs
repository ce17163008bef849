//! What headers are read from and written to: any map, any list, any closure.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

/// Something that has headers, or whatever a message has in their place.
///
/// Maps and lists of names and values are; of anything else, [`extract_with`](super::extract_with) asks a
/// closure.
pub trait Headers {
    /// Calls `each` with every value of a header, in their order. The case of a name does not matter.
    fn values(&self, name: &'static str, each: &mut dyn FnMut(&str));

    /// Whether one of these headers may be there, so that it is worth while to ask for each. Who cannot tell at once
    /// says that it may.
    fn may_have(&self, names: &[&'static str]) -> bool {
        let _ = names;
        true
    }
}

/// Something that headers can be added to.
pub trait Carrier {
    /// Sets a header. Whatever was set under the name before goes.
    fn set(&mut self, name: &'static str, value: &str);
}

impl<K: AsRef<str>, V: AsRef<str>> Headers for [(K, V)] {
    fn values(&self, name: &'static str, each: &mut dyn FnMut(&str)) {
        for (_, value) in self.iter().filter(|(key, _)| is_name(key.as_ref(), name)) {
            each(value.as_ref());
        }
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Headers for Vec<(K, V)> {
    fn values(&self, name: &'static str, each: &mut dyn FnMut(&str)) {
        self.as_slice().values(name, each);
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const N: usize> Headers for [(K, V); N] {
    fn values(&self, name: &'static str, each: &mut dyn FnMut(&str)) {
        self.as_slice().values(name, each);
    }
}

impl<K: AsRef<str>, V: AsRef<str>, S> Headers for HashMap<K, V, S> {
    fn values(&self, name: &'static str, each: &mut dyn FnMut(&str)) {
        for (_, value) in self.iter().filter(|(key, _)| is_name(key.as_ref(), name)) {
            each(value.as_ref());
        }
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Headers for BTreeMap<K, V> {
    fn values(&self, name: &'static str, each: &mut dyn FnMut(&str)) {
        for (_, value) in self.iter().filter(|(key, _)| is_name(key.as_ref(), name)) {
            each(value.as_ref());
        }
    }
}

fn is_name(key: &str, name: &str) -> bool {
    key.eq_ignore_ascii_case(name)
}

impl<K, V> Carrier for Vec<(K, V)>
where
    K: AsRef<str> + From<&'static str>,
    V: for<'v> From<&'v str>,
{
    fn set(&mut self, name: &'static str, value: &str) {
        self.retain(|(key, _)| !is_name(key.as_ref(), name));
        self.push((K::from(name), V::from(value)));
    }
}

impl<K, V, S> Carrier for HashMap<K, V, S>
where
    K: Eq + Hash + From<&'static str>,
    V: for<'v> From<&'v str>,
    S: BuildHasher,
{
    fn set(&mut self, name: &'static str, value: &str) {
        self.insert(K::from(name), V::from(value));
    }
}

impl<K, V> Carrier for BTreeMap<K, V>
where
    K: Ord + From<&'static str>,
    V: for<'v> From<&'v str>,
{
    fn set(&mut self, name: &'static str, value: &str) {
        self.insert(K::from(name), V::from(value));
    }
}

/// Comparing so many names costs less than one hash.
#[cfg(feature = "http")]
const FEW: usize = 16;

/// Of those that are longer than 63 bytes, one length cannot be told from another.
#[cfg(feature = "http")]
fn bit_of_length(name: &str) -> u64 {
    1 << (name.len() % 64)
}

/// A value that is no text counts as an empty one: two of a header that may be there once are too many, whatever they say.
#[cfg(feature = "http")]
impl Headers for http::HeaderMap {
    fn values(&self, name: &'static str, each: &mut dyn FnMut(&str)) {
        if self.len() <= FEW {
            // All names of a map are in lower case, as ours are.
            let values = self.iter().filter(|(key, _)| key.as_str() == name);
            return values.for_each(|(_, value)| each(value.to_str().unwrap_or_default()));
        }
        for value in self.get_all(name) {
            each(value.to_str().unwrap_or_default());
        }
    }

    fn may_have(&self, names: &[&'static str]) -> bool {
        if self.len() > FEW {
            return names.iter().any(|name| self.contains_key(*name));
        }
        // Most names are not even as long as any of them.
        let lengths = names.iter().fold(0, |lengths, name| lengths | bit_of_length(name));
        self.keys().any(|key| {
            let key = key.as_str();
            lengths & bit_of_length(key) != 0 && names.contains(&key)
        })
    }
}

/// What is no header, of a `tracestate` or baggage that code of the program made, is left out.
#[cfg(feature = "http")]
impl Carrier for http::HeaderMap {
    fn set(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = http::HeaderValue::from_str(value) {
            self.insert(http::HeaderName::from_static(name), value);
        }
    }
}

/// Headers that a closure looks up.
pub(super) struct With<F>(pub(super) F);

impl<F, V> Headers for With<F>
where
    F: Fn(&'static str) -> V,
    V: IntoIterator,
    V::Item: AsRef<str>,
{
    fn values(&self, name: &'static str, each: &mut dyn FnMut(&str)) {
        for value in self.0(name) {
            each(value.as_ref());
        }
    }
}

/// More bytes than this are not read: no honest list is as long, and what is read must be kept.
const MAX_BYTES: usize = 32 * 1024;

/// Reads a header that may only be there once: of two, nobody knows which one is true.
pub(super) fn only_one<T>(
    headers: &dyn Headers,
    name: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let (mut found, mut count) = (None, 0);
    headers.values(name, &mut |value| {
        count += 1;
        if count == 1 {
            found = parse(value);
        }
    });
    found.filter(|_| count == 1)
}

/// The values of a header that may be there several times, as the one list that they are.
///
/// Without it, or with more of it than anybody means, there is none.
pub(super) fn joined(headers: &dyn Headers, name: &'static str) -> Option<String> {
    let mut joined: Option<String> = None;
    let mut is_too_much = false;
    headers.values(name, &mut |value| {
        let list = joined.get_or_insert_default();
        let comma = if list.is_empty() { "" } else { "," };
        is_too_much |= list.len() + comma.len() + value.len() > MAX_BYTES;
        if !is_too_much {
            list.push_str(comma);
            list.push_str(value);
        }
    });
    joined.filter(|_| !is_too_much)
}
