//! What a policy may still tell at run time: only ever less than was declared.
//!
//! A cap is the most that any value may tell. It holds for the process, and more tightly for a class. Nothing
//! here can tell more than the code says: a cap that is not understood is the strictest.

use super::{Class, ClassId, masks};
use crate::sync::{AtomicU8, Relaxed};
use crate::value::Value;

/// The most that a value may tell, from little to much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Cap {
    /// That there is a value: everything is the marker, numbers too.
    Strict,
    /// How long a text is.
    Len,
    /// A keyed hash, where there is a key.
    Hash,
    /// The last four characters of a long text.
    Last,
    /// Whatever its policy says.
    Declared,
}

impl Cap {
    const ALL: [Self; 5] = [Self::Strict, Self::Len, Self::Hash, Self::Last, Self::Declared];

    /// `strict`, `len`, `hash`, `last` or `declared`; anything else is nothing.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "strict" => Self::Strict,
            "len" => Self::Len,
            "hash" => Self::Hash,
            "last" => Self::Last,
            "declared" => Self::Declared,
            _ => return None,
        })
    }

    fn of(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Self::Strict)
    }

    /// What is left of a value under this cap.
    pub(crate) fn tighten(self, class: ClassId, value: Value<'_>) -> Value<'_> {
        let Some(declared) = declared(&value) else { return value };
        if declared <= self {
            return value;
        }
        match (self, value) {
            (Self::Last, Value::Text(text)) => masks::last(text, 4),
            (Self::Hash, Value::Text(text)) => masks::hashed(text, class),
            (Self::Len, Value::Text(text)) => masks::length(text),
            (Self::Hash, Value::I64(number)) => {
                number_hashed(class, number < 0, number.unsigned_abs())
            }
            (Self::Hash, Value::U64(number)) => number_hashed(class, false, number),
            // Neither formatted nor asked: whoever may not tell a value has no use for it.
            _ => Value::Marker,
        }
    }
}

fn number_hashed(class: ClassId, is_negative: bool, magnitude: u64) -> Value<'static> {
    Value::HashNumber { class, is_negative, magnitude }
}

/// How much a value tells; nothing for one whose parts are asked one by one, or that is not recorded.
fn declared(value: &Value<'_>) -> Option<Cap> {
    match value {
        Value::LeftOut | Value::Walk(_) | Value::Literal(_) => None,
        Value::Marker => Some(Cap::Strict),
        Value::Length(_) => Some(Cap::Len),
        Value::Hash(..) | Value::HashNumber { .. } => Some(Cap::Hash),
        Value::Tail(_) => Some(Cap::Last),
        _ => Some(Cap::Declared),
    }
}

/// The cap of the process, and those of classes by their numbers.
static PROCESS: AtomicU8 = AtomicU8::new(Cap::Declared as u8);
static CLASSES: [AtomicU8; 256] = [const { AtomicU8::new(Cap::Declared as u8) }; 256];

/// The cap of the process.
#[inline(always)]
pub(crate) fn of_process() -> Cap {
    Cap::of(PROCESS.load(Relaxed))
}

/// Whether any value must be looked at again: one load.
#[inline(always)]
pub(crate) fn is_capped() -> bool {
    PROCESS.load(Relaxed) != Cap::Declared as u8
}

/// Lowers the cap of the process; it is never raised again.
pub fn cap(cap: Cap) {
    PROCESS.fetch_min(cap as u8, Relaxed);
}

/// Lowers the cap of a class of values, as `class = "…"` names it; it is never raised again.
pub fn cap_class(class: &'static str, cap: Cap) {
    let id = ClassId::of(class);
    if let Some(slot) = CLASSES.get(id.index()) {
        slot.fetch_min(cap as u8, Relaxed);
    }
}

/// A value of a class, under the cap of that class.
#[inline]
pub fn classed<'v>(class: &Class, value: Value<'v>) -> Value<'v> {
    let id = class.id();
    let cap = CLASSES.get(id.index()).map_or(Cap::Strict, |slot| Cap::of(slot.load(Relaxed)));
    cap.tighten(id, value)
}

/// What `TRACED_REDACT` says: a cap for the process and caps for classes, as in `len,pii.email=strict`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Of the process.
    pub process: Cap,
    /// Of classes.
    pub classes: Vec<(String, Cap)>,
}

impl Caps {
    /// Reads a setting. What is not understood is an error that names it, and stands for the strictest cap.
    pub fn parse(text: &str) -> (Self, Vec<String>) {
        let mut caps = Self { process: Cap::Declared, classes: Vec::new() };
        let mut unknown = Vec::new();
        let mut read = |name: &str| {
            Cap::named(name).unwrap_or_else(|| {
                unknown.push(name.to_owned());
                Cap::Strict
            })
        };
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some((class, name)) if !class.trim().is_empty() => {
                    caps.classes.push((class.trim().to_owned(), read(name.trim())));
                }
                _ => caps.process = caps.process.min(read(part)),
            }
        }
        (caps, unknown)
    }

    /// Lowers the caps of the process to these.
    pub fn apply(self) {
        cap(self.process);
        for (class, cap) in self.classes {
            cap_class(Box::leak(class.into_boxed_str()), cap);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(value: &Value<'_>) -> &'static str {
        match value {
            Value::LeftOut => "left out",
            Value::Marker => "marker",
            Value::Length(_) => "length",
            Value::Hash(..) | Value::HashNumber { .. } => "hash",
            Value::Tail(_) => "tail",
            Value::Text(_) => "text",
            Value::U64(_) | Value::I64(_) => "number",
            Value::Display(_) => "display",
            Value::Debug(_) => "debug",
            _ => "other",
        }
    }

    #[test]
    fn all_pairs_of_declared_and_cap() {
        let values = [
            Value::LeftOut,
            Value::Marker,
            Value::Length(7),
            Value::Hash(ClassId::NONE, b"secret"),
            Value::Tail("1234"),
            Value::Text("a secret of many letters"),
            Value::Text("short"),
            Value::U64(7),
            Value::I64(-7),
            Value::F64(0.5),
            Value::Bool(true),
            Value::Display(&7),
            Value::Debug(&7),
        ];
        // One column each for strict, len, hash, last and declared.
        let table = [
            ["left out"; 5],
            ["marker"; 5],
            ["marker", "length", "length", "length", "length"],
            ["marker", "marker", "hash", "hash", "hash"],
            ["marker", "marker", "marker", "tail", "tail"],
            ["marker", "length", "hash", "tail", "text"],
            ["marker", "length", "hash", "marker", "text"],
            ["marker", "marker", "hash", "marker", "number"],
            ["marker", "marker", "hash", "marker", "number"],
            ["marker", "marker", "marker", "marker", "other"],
            ["marker", "marker", "marker", "marker", "other"],
            ["marker", "marker", "marker", "marker", "display"],
            ["marker", "marker", "marker", "marker", "debug"],
        ];
        for (value, row) in values.iter().zip(table) {
            for (cap, expected) in Cap::ALL.into_iter().zip(row) {
                let tightened = cap.tighten(ClassId::NONE, *value);
                assert_eq!(name(&tightened), expected, "{} under {cap:?}", name(value));
            }
        }
    }

    #[test]
    fn tightening_twice_is_tightening_once() {
        for cap in Cap::ALL {
            let once = cap.tighten(ClassId::NONE, Value::Text("a secret of many letters"));
            let twice = cap.tighten(ClassId::NONE, once);
            assert_eq!(name(&once), name(&twice));
        }
    }

    #[test]
    fn settings_are_read_and_what_is_not_understood_is_strict() {
        let of = |text| Caps::parse(text);
        let caps = |process, classes: &[(&str, Cap)]| Caps {
            process,
            classes: classes.iter().map(|(class, cap)| ((*class).to_owned(), *cap)).collect(),
        };
        assert_eq!(of(""), (caps(Cap::Declared, &[]), vec![]));
        assert_eq!(of("len"), (caps(Cap::Len, &[]), vec![]));
        assert_eq!(of(" last , strict "), (caps(Cap::Strict, &[]), vec![]));
        assert_eq!(
            of("pii.email=hash"),
            (caps(Cap::Declared, &[("pii.email", Cap::Hash)]), vec![])
        );
        for bad in ["public", "LEN", "off", "0", "false", "=len", "none"] {
            let (found, unknown) = of(bad);
            assert_eq!(found.process, Cap::Strict, "{bad}");
            assert_eq!(unknown, [bad]);
        }
        assert_eq!(of("a=open"), (caps(Cap::Declared, &[("a", Cap::Strict)]), vec!["open".into()]));
    }

    #[test]
    fn a_class_is_never_raised_again() {
        static A: Class = Class::new("cap.tests.a");
        static OTHER: Class = Class::new("cap.tests.other");
        cap_class("cap.tests.a", Cap::Len);
        cap_class("cap.tests.a", Cap::Declared);
        assert_eq!(name(&classed(&A, Value::Text("a secret"))), "length");
        assert_eq!(name(&classed(&OTHER, Value::Text("no secret"))), "text");
    }
}
