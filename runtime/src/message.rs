//! What goes through a channel, with the place in a trace that it was sent from.

use crate::context::{Context, IntoContext, current};
use std::ops::{Deref, DerefMut};

/// A value that carries the context in which it was made: through a channel, a stream, a queue in this process.
///
/// Whoever receives it chooses what it is to the sender. One message that is one piece of work hangs on the
/// sender's span, as its child. What works on many at once, or long after, is a trace of its own that refers to
/// the senders by links.
///
/// ```
/// use std::sync::mpsc::channel;
/// use traced::{Message, traced};
///
/// struct Order { id: u64 }
///
/// #[traced(parent = message)]
/// fn ship(message: &Message<Order>) {
///     traced::record!(order = message.id);
/// }
///
/// #[traced(root, links = batch)]
/// fn count(batch: &[Message<Order>]) {
///     traced::record!(orders = batch.len());
/// }
///
/// # #[cfg(not(feature = "off"))] {
/// let spans = traced::test::capture(|| {
///     let (queue, orders) = channel();
///     traced::span!("checkout").in_scope(|| queue.send(Message::new(Order { id: 7 })).unwrap());
///     let batch: Vec<_> = orders.try_iter().collect();
///     batch.iter().for_each(ship);
///     count(&batch);
/// });
/// assert_eq!(spans.to_string(), "checkout(main::ship) main::count");
/// assert_eq!(spans.named("main::count").links[0].span_id, spans.named("checkout").span_id);
/// # }
/// ```
///
/// Between processes a message has headers: see [`propagation`](crate::propagation).
#[derive(Clone, Debug, Default)]
pub struct Message<T> {
    context: Context,
    value: T,
}

impl<T> Message<T> {
    /// A value, sent from the innermost span.
    pub fn new(value: T) -> Self {
        Self::from_parts(current(), value)
    }

    /// A value, sent from there.
    pub fn from_parts(context: Context, value: T) -> Self {
        Self { context, value }
    }

    /// Where it was sent from.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Both of them.
    pub fn into_parts(self) -> (Context, T) {
        (self.context, self.value)
    }

    /// Another value, from the same sender.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Message<U> {
        Message { context: self.context, value: change(self.value) }
    }

    /// Works on the value in the sender's trace.
    pub fn in_scope<R>(self, work: impl FnOnce(T) -> R) -> R {
        let (context, value) = self.into_parts();
        context.in_scope(|| work(value))
    }
}

impl<T> Deref for Message<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Message<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> IntoContext for &Message<T> {
    fn into_context(self) -> Context {
        self.context.clone()
    }
}

impl<T> IntoContext for Message<T> {
    fn into_context(self) -> Context {
        self.context
    }
}
