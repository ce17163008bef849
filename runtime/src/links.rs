//! Other spans that a span refers to: one, or many, decided by type in the way of [`probe`](crate::probe).

use crate::context::{Context, IntoContext};
use std::cell::Cell;

/// What stands behind `links =`.
#[allow(missing_debug_implementations, reason = "generated code makes it and asks it at once")]
pub struct Links<T>(Cell<Option<T>>);

impl<T> Links<T> {
    /// The question.
    pub fn to(links: T) -> Self {
        Self(Cell::new(Some(links)))
    }
}

/// One context.
pub trait LinksToOne {
    /// It.
    fn contexts(&self) -> Vec<Context>;
}

impl<T: IntoContext> LinksToOne for &Links<T> {
    fn contexts(&self) -> Vec<Context> {
        self.0.take().map(IntoContext::into_context).into_iter().collect()
    }
}

/// A list of them.
pub trait LinksToMany {
    /// All of them.
    fn contexts(&self) -> Vec<Context>;
}

impl<T: IntoIterator<Item: IntoContext>> LinksToMany for &&Links<T> {
    fn contexts(&self) -> Vec<Context> {
        self.0.take().into_iter().flatten().map(IntoContext::into_context).collect()
    }
}

/// Neither, which is said at the value.
pub trait LinksToNothing<T> {
    /// It cannot be called.
    fn contexts(&self) -> Vec<Context>
    where
        T: Link;
}

impl<T> LinksToNothing<T> for Links<T> {
    fn contexts(&self) -> Vec<Context>
    where
        T: Link,
    {
        Vec::new()
    }
}

/// What a span may refer to.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a span can refer to",
    label = "neither a context nor a list of them",
    note = "a link is a `traced::Context`, what else is `IntoContext`, or an iterator over them, as in \
            `links = messages.iter().map(Message::context)`"
)]
pub trait Link {}

/// None.
pub fn no_links() -> Vec<Context> {
    Vec::new()
}

/// What a variable behind `parent =` must be, which stays the body's.
#[diagnostic::on_unimplemented(
    message = "`{Self}` says nothing about where a span hangs",
    label = "neither a context nor something that contains one, which can be cloned",
    note = "a parent is a `traced::Context`, an `Option` of one, or an expression that makes one, as in `parent = order.context()`"
)]
pub trait Lend {
    /// The context.
    fn lend(&self) -> Context;
}

impl<C: IntoContext + Clone> Lend for C {
    fn lend(&self) -> Context {
        self.clone().into_context()
    }
}

/// The context of a variable.
pub fn parent_of<C: Lend>(context: &C) -> Context {
    context.lend()
}
