//! What may be published, decided by type at compile time: a type with a policy never but by that.

use super::{Fields, Redact};
use crate::probe::Probe;
use crate::value::{Leaf, Value};
use std::marker::PhantomData;

/// A type that says itself what may be told of it.
#[derive(Debug)]
pub struct Declared<T: ?Sized>(PhantomData<T>);

/// A type of which nothing is known.
#[derive(Debug)]
pub struct Undeclared;

/// Asks a [`Probe`] for a policy.
pub trait HasPolicy<T: ?Sized> {
    /// There is one.
    fn policy(&self) -> Declared<T>;
}

impl<T: Redact + ?Sized> HasPolicy<T> for Probe<'_, T> {
    #[inline(always)]
    fn policy(&self) -> Declared<T> {
        Declared(PhantomData)
    }
}

/// Asks a [`Probe`] for a policy.
pub trait HasNone: Sized {
    /// There is none.
    #[inline(always)]
    fn policy(self) -> Undeclared {
        Undeclared
    }
}

impl<T: ?Sized> HasNone for Probe<'_, T> {}

/// A type that a place may publish.
#[diagnostic::on_unimplemented(
    message = "`{T}` has a policy of its own, which no place can loosen",
    label = "published here, but its type says what may be told of it",
    note = "remove `#[public…]`, `with = …`, `%` or `?`: the value is then recorded by its policy",
    note = "to tell more of it, change the policy where the type is declared"
)]
pub trait Publishable<T: ?Sized> {}

impl<T: ?Sized> Publishable<T> for Undeclared {}

/// Compiles where a place may publish.
#[inline(always)]
pub fn publishes<T: ?Sized, P: Publishable<T>>(_: &T, _: P) {}

/// Something public, unless its type has a policy.
#[derive(Debug)]
pub struct Publish<'a, T: ?Sized>(pub &'a T);

/// A type with a policy is told by that.
pub trait PublishPolicy<'a> {
    /// The value.
    fn publish(&self) -> Value<'a>;
}

impl<'a, T: Redact> PublishPolicy<'a> for &Publish<'a, T> {
    fn publish(&self) -> Value<'a> {
        Value::Walk(self.0)
    }
}

/// Any other as it is.
pub trait PublishLeaf<'a> {
    /// What the type must be.
    type Type: ?Sized;

    /// The value.
    fn publish(self) -> Value<'a>
    where
        Self::Type: Leaf;
}

impl<'a, T: ?Sized> PublishLeaf<'a> for Publish<'a, T> {
    type Type = T;

    fn publish(self) -> Value<'a>
    where
        T: Leaf,
    {
        self.0.leaf()
    }
}

impl<T: ?Sized> Clone for Publish<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Publish<'_, T> {}

/// An element of something of which `each` is public.
#[derive(Debug)]
pub struct Element<'a, T>(pub &'a T);

impl<T> Clone for Element<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Element<'_, T> {}

/// An element with a policy is told by that.
pub trait ElementPolicy {
    /// Tells it.
    fn tell(&self, out: &mut Fields<'_>);
}

impl<T: Redact> ElementPolicy for &&Element<'_, T> {
    fn tell(&self, out: &mut Fields<'_>) {
        out.content(self.0);
    }
}

/// An entry of a map whose value has a policy; its key is a value too, and public as it is.
pub trait EntryPolicy {
    /// Tells it.
    fn tell(&self, out: &mut Fields<'_>);
}

impl<K: Leaf, V: Redact> EntryPolicy for &Element<'_, (K, V)> {
    fn tell(&self, out: &mut Fields<'_>) {
        out.field("key", self.0.0.leaf());
        out.walk("value", &self.0.1);
    }
}

/// An entry of a map, public as it is.
pub trait EntryLeaf {
    /// Tells it.
    fn tell(&self, out: &mut Fields<'_>);
}

impl<K: Leaf, V: Leaf> EntryLeaf for Element<'_, (K, V)> {
    fn tell(&self, out: &mut Fields<'_>) {
        out.field("key", self.0.0.leaf());
        out.field("value", self.0.1.leaf());
    }
}

/// Any other element, public as it is.
pub trait ElementLeaf {
    /// What the element must be.
    type Type;

    /// Tells it.
    fn tell(self, out: &mut Fields<'_>)
    where
        Self::Type: Leaf;
}

impl<T> ElementLeaf for Element<'_, T> {
    type Type = T;

    fn tell(self, out: &mut Fields<'_>)
    where
        T: Leaf,
    {
        out.value(self.0.leaf());
    }
}

/// A policy that is a closure of the place.
pub struct Told<F>(pub F);

impl<F> std::fmt::Debug for Told<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Told(..)")
    }
}

impl<F: Fn(&mut Fields<'_>)> Redact for Told<F> {
    fn redact(&self, out: &mut Fields<'_>) {
        (self.0)(out);
    }
}

/// Gives a closure the type that it must have.
pub fn told<F: Fn(&mut Fields<'_>)>(tell: F) -> Told<F> {
    Told(tell)
}
