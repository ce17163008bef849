//! How a future spent its time: how often it was polled, how long that took, and how long it waited.
//!
//! It stands inside of the span, so that a future without the option `polls` pays nothing.

use crate::clock;
use crate::note::{describe, well_known};
use crate::value::Value;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A future whose polls are counted, and told to its span when it ends or is dropped.
    #[derive(Debug)]
    pub struct Polled<F> {
        #[pin]
        inner: F,
        count: Count,
    }
}

/// Counts the polls of a future.
#[inline]
pub fn polled<F>(inner: F) -> Polled<F> {
    Polled { inner, count: Count::default() }
}

impl<F: Future> Future for Polled<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.count.during(|| this.inner.poll(cx), Poll::is_ready)
    }
}

impl<S: Stream> Stream for Polled<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        this.count.during(|| this.inner.poll_next(cx), |next| matches!(next, Poll::Ready(None)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

/// The polls so far.
#[derive(Debug, Default)]
struct Count {
    polls: u64,
    first_began: u64,
    busy_ns: u64,
}

impl Count {
    fn during<R>(&mut self, poll: impl FnOnce() -> R, is_done: impl FnOnce(&R) -> bool) -> R {
        let began = clock::ticks();
        if self.polls == 0 {
            self.first_began = began;
        }
        self.polls += 1;
        let answer = poll();
        self.busy_ns += clock::elapsed_ns(began, clock::ticks());
        if is_done(&answer) {
            self.tell();
        }
        answer
    }

    /// Tells the span, which is open and current, and begins again.
    fn tell(&mut self) {
        let lasted_ns = clock::elapsed_ns(self.first_began, clock::ticks());
        describe(
            0,
            &[
                (well_known::POLLS, Value::U64(self.polls)),
                (well_known::BUSY_NS, Value::U64(self.busy_ns)),
                (well_known::IDLE_NS, Value::U64(lasted_ns.saturating_sub(self.busy_ns))),
            ],
        );
        self.polls = 0;
        self.busy_ns = 0;
    }
}

impl Drop for Count {
    /// A span that ends because its future is dropped drops what is inside of it first.
    fn drop(&mut self) {
        if self.polls != 0 {
            self.tell();
        }
    }
}
