//! What a place may record without being told: decided by type, at compile time.
//!
//! `(&Probe(&x)).value()` is a method call whose candidates Rust tries in order: by reference, with one more
//! reference, by value. A type that is a number finds the methods of the probe itself; one with a policy of its own [`Policed`]; every
//! other type, generic parameters without bounds included, falls through to [`Unknown`], which records
//! nothing and asks nothing of it.
//!
//! `value` borrows from a variable. `kept` is for what an expression makes: it leaves in a slot what has to outlive
//! the expression. [`Quiet`] asks the same where a number is not told either.

use crate::redact::Redact;
use crate::redact::walked::Walked;
use crate::value::{Number, Value};

/// A value whose type is asked.
#[derive(Debug)]
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// A value under a name that sounds secret: a number says nothing for itself there.
#[derive(Debug)]
pub struct Quiet<'a, T: ?Sized>(pub &'a T);

impl<T: ?Sized> Clone for Probe<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Probe<'_, T> {}

impl<T: ?Sized> Clone for Quiet<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Quiet<'_, T> {}

/// Numbers and bools are public by nature. Methods of the type itself: the compiler finds them before it asks the traits.
impl<T: Number + ?Sized> Probe<'_, T> {
    /// The number.
    #[inline(always)]
    pub fn value(&self) -> Value<'static> {
        self.0.number()
    }

    /// The number; nothing is kept.
    #[inline(always)]
    pub fn kept(&self, _: &mut Option<()>) -> Value<'static> {
        self.0.number()
    }
}

/// A type with a policy decides itself.
pub trait Policed<'a> {
    /// The value, to be asked when it is written down.
    fn value(&self) -> Value<'a>;
    /// What it tells, asked now.
    fn kept<'s>(&self, slot: &'s mut Option<Walked>) -> Value<'s>;
}

/// Everything else is left out.
pub trait Unknown: Sized {
    /// Nothing.
    #[inline(always)]
    fn value(self) -> Value<'static> {
        Value::LeftOut
    }

    /// Nothing.
    #[inline(always)]
    fn kept(self, _: &mut Option<()>) -> Value<'static> {
        Value::LeftOut
    }
}

macro_rules! ask_the_policy {
    ($($probe:ident),*) => {$(
        impl<'a, T: Redact> Policed<'a> for &$probe<'a, T> {
            #[inline(always)]
            fn value(&self) -> Value<'a> {
                Value::Walk(self.0)
            }

            #[inline(always)]
            fn kept<'s>(&self, slot: &'s mut Option<Walked>) -> Value<'s> {
                Value::Walk(slot.insert(Walked::of(self.0)))
            }
        }

        impl<T: ?Sized> Unknown for $probe<'_, T> {}
    )*};
}

ask_the_policy!(Probe, Quiet);

/// What a pattern binds, and the whole that it is taken out of.
#[derive(Debug)]
pub struct Bound<'a, W: ?Sized, T: ?Sized>(pub &'a W, pub &'a T);

impl<W: ?Sized, T: ?Sized> Clone for Bound<'_, W, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W: ?Sized, T: ?Sized> Copy for Bound<'_, W, T> {}

/// A whole with a policy: what it hides is not told under another name.
pub trait BoundByPolicy {
    /// Nothing.
    fn value(&self) -> Value<'static>;
}

impl<W: Redact + ?Sized, T: ?Sized> BoundByPolicy for Bound<'_, W, T> {
    fn value(&self) -> Value<'static> {
        Value::LeftOut
    }
}

impl<'a, W: ?Sized, T: Redact> Policed<'a> for &Bound<'a, W, T> {
    fn value(&self) -> Value<'a> {
        Value::Walk(self.1)
    }

    fn kept<'s>(&self, slot: &'s mut Option<Walked>) -> Value<'s> {
        Value::Walk(slot.insert(Walked::of(self.1)))
    }
}

impl<W: ?Sized, T: ?Sized> Unknown for Bound<'_, W, T> {}

/// Where nothing is left out: a type without a policy does not compile.
pub fn strict<T: Redact>(value: &T) -> Value<'_> {
    Value::Walk(value)
}

/// A returned value that is asked whether it is an error.
#[derive(Debug)]
pub struct Outcome<'a, T: ?Sized>(pub &'a T);

impl<T: ?Sized> Clone for Outcome<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Outcome<'_, T> {}

/// A `Result`, by whatever alias.
pub trait Fallible<'a> {
    /// What is in an `Ok`.
    type Value: ?Sized;
    /// What is in an `Err`.
    type Error: ?Sized;

    /// The type of the error, where there is one.
    fn error_type(&self) -> Option<&'static str>;

    /// Both sides.
    fn split(&self) -> Result<&'a Self::Value, &'a Self::Error>;
}

impl<'a, T, E> Fallible<'a> for Outcome<'a, Result<T, E>> {
    type Value = T;
    type Error = E;

    #[inline(always)]
    fn error_type(&self) -> Option<&'static str> {
        if self.0.is_err() { Some(std::any::type_name::<E>()) } else { None }
    }

    #[inline(always)]
    fn split(&self) -> Result<&'a T, &'a E> {
        self.0.as_ref()
    }
}

/// Anything else cannot fail.
pub trait Infallible<'a> {
    /// All of it.
    type Value: ?Sized;

    /// Nothing.
    fn error_type(&self) -> Option<&'static str>;

    /// The value, and no error.
    fn split(&self) -> Result<&'a Self::Value, &'a std::convert::Infallible>;
}

impl<'a, T: ?Sized> Infallible<'a> for &Outcome<'a, T> {
    type Value = T;

    #[inline(always)]
    fn error_type(&self) -> Option<&'static str> {
        None
    }

    #[inline(always)]
    fn split(&self) -> Result<&'a T, &'a std::convert::Infallible> {
        Ok(self.0)
    }
}

/// What a function with `err` must return.
#[diagnostic::on_unimplemented(
    message = "`err` is about a function that returns a `Result`, and this one returns `{Self}`",
    label = "not a `Result`",
    note = "remove `err`; say that a call failed by `traced::fail!(\"why\")`"
)]
pub trait CanFail {}

impl<T, E> CanFail for Result<T, E> {}

/// Asks for no more than the right type.
#[inline(always)]
pub fn can_fail<R: CanFail + ?Sized>(_result: &R) {}

#[cfg(test)]
#[allow(clippy::needless_borrow, reason = "the reference is what the candidates are tried with")]
mod tests {
    use super::*;

    fn opaque<T>(value: &T) -> bool {
        matches!((&Probe(value)).value(), Value::LeftOut)
    }

    struct Declared;

    impl Redact for Declared {
        fn redact(&self, out: &mut crate::redact::Fields<'_>) {
            out.marker();
        }
    }

    fn bounded<T: Redact>(value: &T) -> bool {
        matches!((&Probe(value)).value(), Value::Walk(_))
    }

    #[test]
    fn types_with_a_policy_are_asked_for_it() {
        assert!(matches!((&Probe(&Declared)).value(), Value::Walk(_)));
        assert!(matches!((&Probe(&&Some(vec![Declared]))).value(), Value::Walk(_)));
        assert!(matches!((&Probe(&(&Declared as &dyn Redact))).value(), Value::Walk(_)));
        assert!(matches!((&Quiet(&Declared)).value(), Value::Walk(_)));
        assert!(bounded(&Declared), "a bound is known");
        assert!(opaque(&Declared), "an unbounded generic is opaque, whatever the instance");
        let mut slot = None;
        assert!(matches!((&Probe(&Declared)).kept(&mut slot), Value::Walk(_)));
    }

    #[test]
    fn a_quiet_number_is_left_out() {
        assert!(matches!((&Quiet(&7u8)).value(), Value::LeftOut));
        assert!(matches!((&Quiet(&7u8)).kept(&mut None), Value::LeftOut));
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
        assert_eq!((&Outcome(&Ok::<u8, u8>(1))).split(), Ok(&1));
        assert_eq!((&Outcome(&Err::<u8, u8>(2))).split(), Err(&2));
        assert_eq!((&Outcome("all")).split(), Ok("all"));
    }
}
