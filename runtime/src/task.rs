//! tokio's tasks, in the trace of whoever starts them (feature `tokio`).
//!
//! A `#[traced]` function needs none of this: `tokio::spawn(load(7))` continues the trace in which `load` was
//! called. These functions do the same for any future and any closure, by another name in the same place.
//!
//! ```
//! use traced::{task, traced};
//!
//! #[traced]
//! async fn dashboard() -> u32 {
//!     let orders = task::spawn(async { load(7) });
//!     let prices = task::spawn_blocking(|| load(3));
//!     orders.await.unwrap() + prices.await.unwrap()
//! }
//!
//! #[traced]
//! fn load(n: u32) -> u32 {
//!     n
//! }
//!
//! # #[cfg(not(feature = "off"))] {
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! let spans = traced::test::capture(|| assert_eq!(runtime.block_on(dashboard()), 10));
//! assert_eq!(spans.to_string(), "main::dashboard(main::load main::load)");
//! # }
//! ```
//!
//! # What continues the trace, and what does not
//!
//! | how work gets elsewhere | the trace | the baggage and headers |
//! |---|---|---|
//! | `.await`, `join!`, `select!`, `FuturesUnordered` | goes on | go on |
//! | `tokio::spawn(f())` of a `#[traced]` async `f` | goes on: the call knows its caller | go on |
//! | `tokio::spawn(async { … })` | **lost** | **lost** |
//! | [`spawn`], [`JoinSet::spawn`], [`spawn_local`] | goes on | go on |
//! | `tokio::task::spawn_blocking(…)`, `std::thread::spawn(…)`, a closure for a pool | **lost** | **lost** |
//! | [`spawn_blocking`], [`JoinSet::spawn_blocking`] | goes on | go on |
//! | `std::thread::spawn(traced::in_current(…))`, the same for rayon and any pool | goes on | go on |
//! | `std::thread::scope`, `rayon::join`, parallel iterators | **lost** in the closures; each takes `context.in_scope(…)` of a [`current`] from outside | with the context |
//! | `tokio::task::block_in_place`, `Handle::block_on` | goes on | go on |
//! | a channel | [`Message`](crate::Message), as parent or as link | with the context |
//! | a stream that another task polls | [`InSpan::in_current`](crate::InSpan::in_current) | go on |
//! | a timer or a loop that nobody waits for | better a `#[traced(root)]` of its own, with `links` | – |
//!
//! # What a task keeps of its own
//!
//! - No span is made for the task: what it calls hangs on the span that was innermost where it was started. Who
//!   wants one wraps the future: `task::spawn(work.instrument(traced::span!("work")))`.
//! - It may outlive that span, and the whole trace. What it records then follows the verdict that fell when the
//!   local root ended: it is sent if the trace was kept, and its errors cannot keep a trace any more. Work that
//!   matters by itself is a trace of its own: `#[traced(root, links = traced::current())]`.
//! - An aborted task ends its spans with `traced.outcome = cancelled`, a panicking one with `error.type = panic`;
//!   what started it learns of both from the handle, as ever.
//! - The time in which it waits to be polled first, or for a thread of the blocking pool, is in no span.

use crate::context::{Kin, current};
use crate::future::Instrument;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinHandle, LocalSet};

/// [`tokio::spawn`], in the present trace.
///
/// # Panics
/// As that does: outside of a runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let context = current();
    // A task that nobody traces is not wrapped.
    if let Kin::None = context.kin() {
        return tokio::spawn(future);
    }
    tokio::spawn(future.in_context(&context))
}

/// [`tokio::task::spawn_local`], in the present trace.
///
/// # Panics
/// As that does: outside of a [`LocalSet`].
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: 'static> + 'static,
{
    tokio::task::spawn_local(future.in_current())
}

/// [`tokio::task::spawn_blocking`], in the present trace.
///
/// # Panics
/// As that does: outside of a runtime.
#[track_caller]
pub fn spawn_blocking<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> JoinHandle<R> {
    tokio::task::spawn_blocking(crate::context::in_current(work))
}

/// [`tokio::task::JoinSet`], whose tasks are in the trace in which they are spawned: each in that of its own
/// `spawn`, not in that of the set.
///
/// What is not here is tokio's own, by dereference: `join_next`, `abort_all`, `len`, `shutdown`…
#[derive(Debug)]
#[must_use = "a set that is dropped aborts its tasks"]
pub struct JoinSet<T>(tokio::task::JoinSet<T>);

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self(tokio::task::JoinSet::default())
    }
}

impl<T> JoinSet<T> {
    /// An empty set.
    pub fn new() -> Self
    where
        T: 'static,
    {
        Self(tokio::task::JoinSet::new())
    }

    /// tokio's own set, for whoever asks for one.
    pub fn into_inner(self) -> tokio::task::JoinSet<T> {
        self.0
    }
}

impl<T: 'static> JoinSet<T> {
    /// [`tokio::task::JoinSet::spawn`], in the present trace.
    ///
    /// # Panics
    /// As that does: outside of a runtime.
    #[track_caller]
    pub fn spawn(&mut self, future: impl Future<Output = T> + Send + 'static) -> AbortHandle
    where
        T: Send,
    {
        self.0.spawn(future.in_current())
    }

    /// The same, on that runtime.
    #[track_caller]
    pub fn spawn_on(
        &mut self,
        future: impl Future<Output = T> + Send + 'static,
        runtime: &Handle,
    ) -> AbortHandle
    where
        T: Send,
    {
        self.0.spawn_on(future.in_current(), runtime)
    }

    /// [`tokio::task::JoinSet::spawn_local`], in the present trace.
    ///
    /// # Panics
    /// As that does: outside of a [`LocalSet`].
    #[track_caller]
    pub fn spawn_local(&mut self, future: impl Future<Output = T> + 'static) -> AbortHandle {
        self.0.spawn_local(future.in_current())
    }

    /// The same, on that set of local tasks.
    #[track_caller]
    pub fn spawn_local_on(
        &mut self,
        future: impl Future<Output = T> + 'static,
        local: &LocalSet,
    ) -> AbortHandle {
        self.0.spawn_local_on(future.in_current(), local)
    }

    /// [`tokio::task::JoinSet::spawn_blocking`], in the present trace.
    ///
    /// # Panics
    /// As that does: outside of a runtime.
    #[track_caller]
    pub fn spawn_blocking(&mut self, work: impl FnOnce() -> T + Send + 'static) -> AbortHandle
    where
        T: Send,
    {
        self.0.spawn_blocking(crate::context::in_current(work))
    }

    /// [`tokio::task::JoinSet::join_all`].
    pub async fn join_all(self) -> Vec<T> {
        self.0.join_all().await
    }
}

impl<T> Deref for JoinSet<T> {
    type Target = tokio::task::JoinSet<T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> DerefMut for JoinSet<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<F, T> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        let mut set = Self::new();
        for future in futures {
            set.spawn(future);
        }
        set
    }
}
