//! What a place may record without being told: decided by type, at compile time.
//!
//! `(&Probe(&x)).value()` is a method call whose candidates Rust tries in order: by value first, then with
//! one more reference. A type that is a number finds [`Numeric`]; every other type, generic parameters
//! without bounds included, falls through to [`Unknown`], which records nothing and asks nothing of it.

use crate::value::{Number, Value};

/// A value whose type is asked.
#[derive(Debug)]
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// Numbers and bools are public by nature.
pub trait Numeric {
    /// The number.
    fn value(&self) -> Value<'static>;
}

impl<T: Number + ?Sized> Numeric for Probe<'_, T> {
    #[inline(always)]
    fn value(&self) -> Value<'static> {
        self.0.number()
    }
}

/// Everything else is left out.
pub trait Unknown {
    /// Nothing.
    fn value(&self) -> Value<'static>;
}

impl<T: ?Sized> Unknown for &Probe<'_, T> {
    #[inline(always)]
    fn value(&self) -> Value<'static> {
        Value::LeftOut
    }
}

/// A returned value that is asked whether it is an error.
#[derive(Debug)]
pub struct Outcome<'a, T: ?Sized>(pub &'a T);

/// A `Result`, by whatever alias.
pub trait Fallible {
    /// The type of the error, where there is one.
    fn error_type(&self) -> Option<&'static str>;
}

impl<T, E> Fallible for Outcome<'_, Result<T, E>> {
    #[inline(always)]
    fn error_type(&self) -> Option<&'static str> {
        if self.0.is_err() { Some(std::any::type_name::<E>()) } else { None }
    }
}

/// Anything else cannot fail.
pub trait Infallible {
    /// Nothing.
    fn error_type(&self) -> Option<&'static str>;
}

impl<T: ?Sized> Infallible for &Outcome<'_, T> {
    #[inline(always)]
    fn error_type(&self) -> Option<&'static str> {
        None
    }
}

#[cfg(test)]
#[allow(clippy::needless_borrow, reason = "the reference is what the candidates are tried with")]
mod tests {
    use super::*;

    fn opaque<T>(value: &T) -> bool {
        matches!((&Probe(value)).value(), Value::LeftOut)
    }

    #[test]
    fn numbers_are_found_through_references_and_text_never_is() {
        assert!(matches!((&Probe(&7u8)).value(), Value::U64(7)));
        assert!(matches!((&Probe(&&&-7i32)).value(), Value::I64(-7)));
        assert!(matches!((&Probe(&Some(true))).value(), Value::Bool(true)));
        assert!(matches!((&Probe("secret")).value(), Value::LeftOut));
        assert!(matches!((&Probe(&String::new())).value(), Value::LeftOut));
        assert!(opaque(&7u8), "an unbounded generic is opaque, whatever the instance");
    }

    #[test]
    fn results_are_found_by_type() {
        let failed: std::io::Result<()> = Err(std::io::ErrorKind::Other.into());
        assert_eq!((&Outcome(&failed)).error_type(), Some("std::io::error::Error"));
        assert_eq!((&Outcome(&Ok::<u8, u8>(1))).error_type(), None);
        assert_eq!((&Outcome(&Some(1))).error_type(), None);
    }
}
