//! The future of an answer, inside of its span.

use crate::body::TracedBody;
use crate::conversation::Conversation;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// A future that answers a request, and its span; the answer's body takes the span along. Dropped before it is
    /// ready, the request was cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub struct Answering<F, E> {
        conversation: Conversation,
        error_type: fn(&E) -> &'static str,
        // Taken out to be dropped inside of the span.
        #[pin]
        inner: Option<F>,
    }

    impl<F, E> PinnedDrop for Answering<F, E> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.conversation.drop_inside(this.inner);
        }
    }
}

impl<F, E> Answering<F, E> {
    /// The future, inside of the span. Where it fails, `error_type` names the error: never with what is in it.
    pub fn new(conversation: Conversation, error_type: fn(&E) -> &'static str, inner: F) -> Self {
        Self { conversation, error_type, inner: Some(inner) }
    }
}

impl<F, E, B> Future for Answering<F, E>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<TracedBody<B>>, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else { return Poll::Pending };
        if !this.conversation.exchange.is_open() {
            let response = ready!(inner.poll(cx))?;
            return Poll::Ready(Ok(response.map(TracedBody::untraced)));
        }
        let answer = this.conversation.poll(cx, inner, *this.error_type, |_, _, _| false);
        let (response, _) = ready!(answer)?;
        let conversation = this.conversation.take();
        Poll::Ready(Ok(TracedBody::around(response, conversation)))
    }
}

impl<F, E> fmt::Debug for Answering<F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answering")
            .field("conversation", &self.conversation)
            .finish_non_exhaustive()
    }
}
