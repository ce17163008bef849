//! A future whose output is asked for an error while its span is still open.

use crate::note::fail;
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
        error_type: O,
    }
}

/// Marks the current span with what `error_type` says about the output.
#[inline]
pub fn observed<F, O>(body: F, error_type: O) -> Observed<F, O>
where
    F: Future,
    O: Fn(&F::Output) -> Option<&'static str>,
{
    Observed { body, error_type }
}

impl<F, O> Future for Observed<F, O>
where
    F: Future,
    O: Fn(&F::Output) -> Option<&'static str>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let polled = this.body.poll(context);
        if let Poll::Ready(output) = &polled {
            if let Some(error_type) = (this.error_type)(output) {
                fail(error_type);
            }
        }
        polled
    }
}
