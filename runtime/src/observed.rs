//! A future whose output is asked about while its span is still open.

use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A body, and the question; the question has no size.
    #[derive(Debug)]
    pub struct Observed<F, O> {
        #[pin]
        body: F,
        observe: O,
    }
}

/// Hands the output to `observe`, which says something about the current span.
///
/// The type of the output comes first, so that a caller can name what the compiler would not know yet.
#[inline]
pub fn observed<T, F, O>(body: F, observe: O) -> Observed<F, O>
where
    F: Future<Output = T>,
    O: Fn(&T),
{
    Observed { body, observe }
}

impl<F, O> Future for Observed<F, O>
where
    F: Future,
    O: Fn(&F::Output),
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let polled = this.body.poll(context);
        if let Poll::Ready(output) = &polled {
            (this.observe)(output);
        }
        polled
    }
}
