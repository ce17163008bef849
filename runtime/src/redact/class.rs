//! What kind of data a value is, as the application names it: `class = "pii.email"`.

use crate::sync::{AtomicU32, Mutex, PoisonError, Relaxed};

/// The number of a class in this process. Values without a class have number zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassId(u16);

impl ClassId {
    /// Values without a class.
    pub const NONE: Self = Self(0);
    /// The class of whoever came after the table was full; it is never hashed.
    pub(crate) const OVERFLOW: Self = Self(255);

    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    /// Its name; none for values without a class.
    #[cfg_attr(not(feature = "hash"), allow(dead_code))]
    pub(crate) fn name(self) -> &'static str {
        let names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        let position = self.index().wrapping_sub(1);
        names.get(position).copied().unwrap_or("")
    }

    /// The number of a name, which is new or known.
    pub(crate) fn of(name: &'static str) -> Self {
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        let known = names.iter().position(|known| *known == name);
        let position = known.unwrap_or(names.len());
        if position + 1 >= Self::OVERFLOW.index() {
            return Self::OVERFLOW;
        }
        if known.is_none() {
            names.push(name);
        }
        u16::try_from(position + 1).map_or(Self::OVERFLOW, Self)
    }
}

/// The names in the order of their numbers, which begin with one.
static NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// The lock of this file, while the process forks.
#[cfg(all(unix, not(loom)))]
pub(crate) struct Held {
    _names: crate::sync::MutexGuard<'static, Vec<&'static str>>,
}

#[cfg(all(unix, not(loom)))]
pub(crate) fn hold() -> Held {
    Held { _names: NAMES.lock().unwrap_or_else(PoisonError::into_inner) }
}

/// A class as a place names it; the number is looked up once.
#[derive(Debug)]
pub struct Class {
    name: &'static str,
    /// Zero until it is known.
    number: AtomicU32,
}

impl Class {
    /// A class that was not used yet.
    pub const fn new(name: &'static str) -> Self {
        Self { name, number: AtomicU32::new(0) }
    }

    /// Its number: one load, but for the first time.
    #[inline]
    pub fn id(&self) -> ClassId {
        match u16::try_from(self.number.load(Relaxed)) {
            Ok(0) | Err(_) => self.register(),
            Ok(number) => ClassId(number),
        }
    }

    #[cold]
    fn register(&self) -> ClassId {
        let id = ClassId::of(self.name);
        self.number.store(u32::from(id.0), Relaxed);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number() {
        static A: Class = Class::new("class.tests.a");
        static B: Class = Class::new("class.tests.b");
        static SAME_AS_A: Class = Class::new("class.tests.a");
        assert_eq!(A.id(), A.id());
        assert_eq!(A.id(), SAME_AS_A.id());
        assert_ne!(A.id(), B.id());
    }
}
