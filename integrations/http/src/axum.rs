//! Answers of axum: their bodies are all of one type, which is in a box already.
//!
//! So a body that no span needs stays as it is, and the first frame of one can be asked for before the answer goes its way.
//! Nearly all bodies are at hand as a whole then, and the span ends with the answer: nothing is put around the body, and
//! no visit more is needed. The body is polled by the task that reads it, a moment earlier than without.

use crate::body::TracedBody;
use crate::conversation::{Conversation, Facts, Next};
use axum_core::Error;
use axum_core::body::Body;
use bytes::Bytes;
use http::Response;
use http_body::{Body as _, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// A future that answers a request by axum, and its span. Dropped before it is ready, the request was cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub struct Answering<F> {
        conversation: Conversation,
        // Taken out to be dropped inside of the span.
        #[pin]
        inner: Option<F>,
    }

    impl<F> PinnedDrop for Answering<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.conversation.drop_inside(this.inner);
        }
    }
}

impl<F> Answering<F> {
    /// The future, inside of the span.
    #[inline]
    pub const fn new(conversation: Conversation, inner: F) -> Self {
        Self { conversation, inner: Some(inner) }
    }
}

impl<F, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    type Output = Result<Response<Body>, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else { return Poll::Pending };
        if !this.conversation.exchange.is_open() {
            return inner.poll(cx);
        }
        let is_whole = |facts: &Facts, body: &mut Body, cx: &mut Context<'_>| {
            facts.may_end_with_its_data() && is_at_hand(body, cx)
        };
        let error_type = |_: &E| std::any::type_name::<E>();
        let (response, next) = ready!(this.conversation.poll(cx, inner, error_type, is_whole))?;
        Poll::Ready(Ok(match next {
            Next::End => response,
            Next::GoOn => TracedBody::around(response, this.conversation.take()).map(Body::new),
        }))
    }
}

impl<F> fmt::Debug for Answering<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answering")
            .field("conversation", &self.conversation)
            .finish_non_exhaustive()
    }
}

/// Whether all of a body is there already. What was asked for is put back.
fn is_at_hand(body: &mut Body, cx: &mut Context<'_>) -> bool {
    let Some(length) = body.size_hint().exact().filter(|length| *length > 0) else { return false };
    let Poll::Ready(first) = Pin::new(&mut *body).poll_frame(cx) else { return false };
    let first = match first.map(|first| first.map(Frame::into_data)) {
        Some(Ok(Ok(data))) if data.len() as u64 == length && body.is_end_stream() => {
            *body = Body::from(data);
            return true;
        }
        Some(Ok(Ok(data))) => Ok(Frame::data(data)),
        Some(Ok(Err(other))) => Ok(other),
        Some(Err(error)) => Err(error),
        None => {
            *body = Body::empty();
            return false;
        }
    };
    *body = Body::new(Begun { first: Some(first), rest: take(body) });
    false
}

/// A body whose first frame was asked for, and was not the whole.
struct Begun {
    first: Option<Result<Frame<Bytes>, Error>>,
    rest: Body,
}

impl http_body::Body for Begun {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(first)),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.size_hint();
        let Some(Ok(frame)) = &self.first else { return rest };
        let first = frame.data_ref().map_or(0, |data| data.len() as u64);
        let mut both = SizeHint::new();
        both.set_lower(rest.lower().saturating_add(first));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(first)) {
            both.set_upper(upper);
        }
        both
    }
}
