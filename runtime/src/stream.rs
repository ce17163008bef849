//! Spans of streams: open from the first poll until the last item, or until the stream is dropped.

use crate::context::Context as Place;
use crate::future::Traced;
use crate::span::Span;
use futures_core::Stream;
use std::pin::Pin;
use std::task::{Context, Poll};

impl<S: Stream> Stream for Traced<S> {
    type Item = S::Item;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.poll_inner(|inner| inner.poll_next(cx), |answer| matches!(answer, Poll::Ready(None)))
    }
}

/// Puts a span around a stream.
pub trait InSpan: Stream + Sized {
    /// The span is open from the first poll until the stream ends or is dropped.
    fn in_span(self, span: Span) -> Traced<Self> {
        Traced::of(span, self)
    }

    /// The stream continues the present trace wherever it is polled; its consumer does not. Where each item is to
    /// say where it comes from, items are [messages](crate::Message).
    fn in_current(self) -> Traced<Self> {
        Traced::continuing(&crate::context::current(), self)
    }

    /// The stream continues that trace wherever it is polled.
    fn in_context(self, context: &Place) -> Traced<Self> {
        Traced::continuing(context, self)
    }
}

impl<S: Stream> InSpan for S {}
