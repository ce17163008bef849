//! What hides that there is no value, asked of the value's type.
//!
//! As with [`Probe`](crate::probe::Probe), a method call finds the type's policy if it has one. A type without one
//! says nothing here: it is refused where a value of it is walked, and one error is enough.

use super::{Fields, Redact};
use std::marker::PhantomData;

/// No value of this type.
#[derive(Debug)]
pub struct Absent<T>(PhantomData<fn() -> T>);

impl<T> Absent<T> {
    /// The only one.
    #[allow(clippy::new_without_default, reason = "generated code alone names it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// The policy of the type hides it.
pub trait AbsentPoliced {
    /// As a field.
    fn field(self, out: &mut Fields<'_>, name: &'static str);
    /// As the only content of a value.
    fn content(self, out: &mut Fields<'_>);
}

impl<T: Redact> AbsentPoliced for &Absent<T> {
    fn field(self, out: &mut Fields<'_>, name: &'static str) {
        out.absent::<T>(name);
    }

    fn content(self, out: &mut Fields<'_>) {
        out.absent_content::<T>();
    }
}

/// There is none.
pub trait AbsentUnknown: Sized {
    /// Nothing.
    fn field(self, _: &mut Fields<'_>, _: &'static str) {}
    /// Nothing.
    fn content(self, _: &mut Fields<'_>) {}
}

impl<T> AbsentUnknown for &&Absent<T> {}
