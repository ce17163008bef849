//! What is told in place of a value.

use super::ClassId;
use crate::value::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

/// Shorter texts have no tail that is told: of so few characters, any is too many.
const MIN_CHARACTERS: usize = 12;
/// How many characters are told at most, whatever is asked for.
const MAX_LAST: usize = 4;

/// Something whose length may be told: bytes of a text, elements of a collection.
///
/// Numbers and bools have none: that of `true` would tell it from `false`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no length that `#[redact(len)]` could tell",
    label = "neither text, bytes, nor a collection",
    note = "write `#[redact]` for the marker, or `#[redact(hash)]`"
)]
pub trait Measured {
    /// How long it is.
    fn length(&self) -> usize;
}

/// Something whose last characters may be told.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not text, of which `#[redact(last = …)]` could tell the end",
    label = "not text",
    note = "write `#[redact]` for the marker, or `#[redact(hash)]`"
)]
pub trait Text {
    /// The text, if there is one.
    fn text(&self) -> Option<&str>;
}

/// Something that can be told apart by its keyed hash.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value that `#[redact(hash)]` can hash",
    label = "neither text, bytes, nor a whole number",
    note = "write `#[redact]` for the marker, or `#[redact(with = f)]`"
)]
pub trait Hashed {
    /// What is hashed.
    fn hashed(&self, class: ClassId) -> Value<'_>;
}

/// The length in place of a value.
#[inline]
pub fn length(value: &(impl Measured + ?Sized)) -> Value<'static> {
    Value::Length(value.length() as u64)
}

/// The last characters in place of a long text, the marker in place of a short one.
pub fn last(value: &(impl Text + ?Sized), characters: u8) -> Value<'_> {
    let Some(text) = value.text() else { return Value::Marker };
    let count = usize::from(characters).clamp(1, MAX_LAST);
    if text.chars().nth(MIN_CHARACTERS - 1).is_none() {
        return Value::Marker;
    }
    let start = text.char_indices().rev().nth(count - 1).map_or(0, |(start, _)| start);
    Value::Tail(&text[start..])
}

/// The keyed hash in place of a value.
#[inline]
pub fn hashed(value: &(impl Hashed + ?Sized), class: ClassId) -> Value<'_> {
    value.hashed(class)
}

macro_rules! texts {
    ($($type:ty),* $(,)?) => {$(
        impl Measured for $type {
            fn length(&self) -> usize {
                self.len()
            }
        }
        impl Text for $type {
            fn text(&self) -> Option<&str> {
                Some(self)
            }
        }
        impl Hashed for $type {
            fn hashed(&self, class: ClassId) -> Value<'_> {
                Value::Hash(class, self.as_bytes())
            }
        }
    )*};
}

texts!(str, String, Cow<'_, str>);

macro_rules! collections {
    ($([$($parameters:tt)*] $type:ty),* $(,)?) => {$(
        impl<$($parameters)*> Measured for $type {
            fn length(&self) -> usize {
                self.len()
            }
        }
    )*};
}

collections!(
    [T] [T],
    [T, const N: usize] [T; N],
    [T] Vec<T>,
    [T] VecDeque<T>,
    [T] BTreeSet<T>,
    [T, S] HashSet<T, S>,
    [K, V] BTreeMap<K, V>,
    [K, V, S] HashMap<K, V, S>,
);

impl Measured for std::ffi::OsStr {
    fn length(&self) -> usize {
        self.len()
    }
}

impl Measured for std::path::Path {
    fn length(&self) -> usize {
        self.as_os_str().len()
    }
}

impl Measured for std::path::PathBuf {
    fn length(&self) -> usize {
        self.as_os_str().len()
    }
}

macro_rules! bytes {
    ($([$($parameters:tt)*] $type:ty),* $(,)?) => {$(
        impl<$($parameters)*> Hashed for $type {
            fn hashed(&self, class: ClassId) -> Value<'_> {
                Value::Hash(class, self)
            }
        }
    )*};
}

bytes!([] [u8], [] Vec<u8>, [const N: usize] [u8; N]);

macro_rules! numbers {
    ($($type:ty => $magnitude:expr, $is_negative:expr);* $(;)?) => {$(
        impl Hashed for $type {
            fn hashed(&self, class: ClassId) -> Value<'_> {
                let (is_negative, magnitude) = ($is_negative(*self), $magnitude(*self));
                Value::HashNumber { class, is_negative, magnitude }
            }
        }
    )*};
}

numbers! {
    u8 => u64::from, |_| false;
    u16 => u64::from, |_| false;
    u32 => u64::from, |_| false;
    u64 => u64::from, |_| false;
    usize => |n| n as u64, |_| false;
    i8 => |n| i64::from(n).unsigned_abs(), |n| n < 0;
    i16 => |n| i64::from(n).unsigned_abs(), |n| n < 0;
    i32 => |n| i64::from(n).unsigned_abs(), |n| n < 0;
    i64 => |n: i64| n.unsigned_abs(), |n| n < 0;
    isize => |n: isize| n.unsigned_abs() as u64, |n| n < 0;
}

macro_rules! follow_their_content {
    ($($pointer:ty),* $(,)?) => {$(
        impl<T: Measured + ?Sized> Measured for $pointer {
            fn length(&self) -> usize {
                (**self).length()
            }
        }
        impl<T: Text + ?Sized> Text for $pointer {
            fn text(&self) -> Option<&str> {
                (**self).text()
            }
        }
        impl<T: Hashed + ?Sized> Hashed for $pointer {
            fn hashed(&self, class: ClassId) -> Value<'_> {
                (**self).hashed(class)
            }
        }
    )*};
}

follow_their_content!(&T, &mut T, Box<T>, std::rc::Rc<T>, std::sync::Arc<T>);

/// Nothing is as long as an empty text: what is told is a length, not a presence.
impl<T: Measured> Measured for Option<T> {
    fn length(&self) -> usize {
        self.as_ref().map_or(0, Measured::length)
    }
}

impl<T: Text> Text for Option<T> {
    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(Text::text)
    }
}

/// Nothing is hashed as an empty text.
impl<T: Hashed> Hashed for Option<T> {
    fn hashed(&self, class: ClassId) -> Value<'_> {
        self.as_ref().map_or(Value::Hash(class, &[]), |value| value.hashed(class))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, characters: u8) -> Option<&str> {
        match last(text, characters) {
            Value::Tail(tail) => Some(tail),
            Value::Marker => None,
            _ => panic!("neither a tail nor the marker"),
        }
    }

    #[test]
    fn only_long_texts_have_a_tail() {
        assert_eq!(told("", 4), None);
        assert_eq!(told("12345678901", 4), None);
        assert_eq!(told("123456789012", 4), Some("9012"));
        assert_eq!(told("123456789012", 1), Some("2"));
    }

    #[test]
    fn a_tail_counts_characters_and_never_more_than_four() {
        let crabs = "\u{1f980}".repeat(12);
        assert_eq!(told(&crabs, 4), Some(&*"\u{1f980}".repeat(4)));
        assert_eq!(told(&"\u{1f980}".repeat(11), 4), None);
        assert_eq!(told("123456789012", 200), Some("9012"));
        assert_eq!(told("123456789012", 0), Some("2"));
    }

    #[test]
    fn what_is_not_there_has_no_length_and_no_tail() {
        assert!(matches!(length(&None::<String>), Value::Length(0)));
        assert!(matches!(last(&None::<String>, 4), Value::Marker));
        assert!(matches!(hashed(&None::<u64>, ClassId::NONE), Value::Hash(_, [])));
    }

    #[test]
    fn numbers_are_hashed_by_their_digits() {
        let of = |value| match value {
            Value::HashNumber { is_negative, magnitude, .. } => (is_negative, magnitude),
            _ => panic!("no number"),
        };
        assert_eq!(of(hashed(&-7i8, ClassId::NONE)), (true, 7));
        assert_eq!(of(hashed(&i64::MIN, ClassId::NONE)), (true, 1 << 63));
        assert_eq!(of(hashed(&u64::MAX, ClassId::NONE)), (false, u64::MAX));
    }
}
