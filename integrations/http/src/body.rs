//! The body of an answer, which ends its span.

use crate::conversation::{Conversation, Next};
use bytes::Buf;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::any::type_name;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A body, and the span of the answer that it belongs to. The span ends with the last frame, or with the last byte
    /// of those that were promised.
    #[derive(Debug)]
    pub struct TracedBody<B> {
        conversation: Conversation,
        // So many bytes are still to come; who has them need not ask for more. Nobody promised any: `UNKNOWN`.
        left: u64,
        // Taken out to be dropped inside of the span.
        #[pin]
        inner: Option<B>,
    }

    impl<B> PinnedDrop for TracedBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.conversation.exchange.is_open() {
                let mut inner = this.inner;
                let Conversation { exchange, facts } = this.conversation;
                let visit = exchange.enter();
                inner.set(None);
                // What stays open is cancelled when it is dropped, which is now.
                Next::end_if(facts.may_drop_a_body()).leave(visit);
            }
        }
    }
}

const UNKNOWN: u64 = u64::MAX;

impl<B> TracedBody<B> {
    pub(crate) const fn untraced(inner: B) -> Self {
        Self { conversation: Conversation::none(), left: UNKNOWN, inner: Some(inner) }
    }
}

impl<B: Default> Default for TracedBody<B> {
    /// A body without a span.
    fn default() -> Self {
        Self::untraced(B::default())
    }
}

impl<B: Body> TracedBody<B> {
    pub(crate) fn around(response: Response<B>, conversation: Conversation) -> Response<Self> {
        let (parts, body) = response.into_parts();
        let counts = conversation.exchange.is_open() && conversation.facts.ends_with_its_length();
        let length =
            || parts.headers.get(http::header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
        let left = if counts { body.size_hint().exact().or_else(length) } else { None };
        let left = left.unwrap_or(UNKNOWN);
        Response::from_parts(parts, Self { conversation, left, inner: Some(body) })
    }
}

impl<B: Body> Body for TracedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    #[inline]
    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let Some(mut inner) = this.inner.as_pin_mut() else { return Poll::Ready(None) };
        let Conversation { exchange, facts } = this.conversation;
        if !exchange.is_open() {
            return inner.poll_frame(cx);
        }
        let visit = exchange.enter();
        let polled = inner.as_mut().poll_frame(cx);
        let next = match &polled {
            Poll::Pending => Next::GoOn,
            Poll::Ready(None) => {
                facts.ended(None);
                Next::End
            }
            Poll::Ready(Some(Err(_))) => {
                facts.failed(type_name::<B::Error>());
                Next::End
            }
            Poll::Ready(Some(Ok(frame))) => {
                if *this.left != UNKNOWN {
                    let data = frame.data_ref().map_or(0, Buf::remaining);
                    *this.left = this.left.saturating_sub(data as u64);
                }
                if frame.is_trailers() || *this.left == 0 || inner.is_end_stream() {
                    facts.ended(frame.trailers_ref());
                    Next::End
                } else {
                    Next::GoOn
                }
            }
        };
        next.leave(visit);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}
