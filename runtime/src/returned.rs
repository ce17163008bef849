//! What a function gives back: a value, or the promise of one.
//!
//! The span of a function that returns a boxed future or stream lasts as long as that does. Whether it does
//! is decided by the type that the signature names, aliases included, in the way of
//! [`probe`](crate::probe).

use crate::__private::{enter_linked, span_at};
use crate::callsite::Callsite;
use crate::context::{Context, Parentage};
use crate::future::Traced;
use crate::observed::{Observed, observed};
use crate::polls::{Polled, polled};
use crate::span::{Guard, Span, enter_with};
use crate::value::Value;
use futures_core::Stream;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

/// The type that a signature names.
#[derive(Debug)]
pub struct Returned<T>(PhantomData<fn() -> T>);

impl<T> Returned<T> {
    /// The question.
    #[inline(always)]
    #[allow(clippy::new_without_default, reason = "made by generated code alone")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// A value: the span ends with the call.
pub trait EndsHere<T> {
    /// No span, because the place is off.
    #[inline(always)]
    fn open_nothing(&self) -> Guard {
        Guard::none()
    }

    /// Opens the span.
    #[inline(always)]
    fn open<'v, const N: usize>(
        &self,
        site: &'static Callsite,
        values: impl FnOnce() -> [Value<'v>; N],
    ) -> Guard {
        enter_with(site, values)
    }

    /// Opens the span there.
    #[inline(always)]
    fn open_at<'v, const N: usize>(
        &self,
        site: &'static Callsite,
        parent: impl FnOnce() -> Parentage,
        links: impl FnOnce() -> Vec<Context>,
        values: impl FnOnce() -> [Value<'v>; N],
    ) -> Guard {
        enter_linked(site, parent, links, values)
    }

    /// Asks the value about the call, and ends the span.
    #[inline(always)]
    fn finish(&self, guard: Guard, value: T, observe: impl Fn(&T)) -> T {
        observe(&value);
        guard.leave();
        value
    }

    /// A future that nothing is known about once it is in its box: the span ends with the call.
    #[inline(always)]
    fn around<F>(&self, guard: Guard, inner: F, _observe: impl Fn(&T)) -> F {
        drop(guard);
        inner
    }

    /// The same.
    #[inline(always)]
    fn around_polled<F>(&self, guard: Guard, inner: F, observe: impl Fn(&T)) -> F {
        self.around(guard, inner, observe)
    }

    /// The same; a value is not polled.
    #[inline(always)]
    fn finish_polled(&self, guard: Guard, value: T, observe: impl Fn(&T)) -> T {
        self.finish(guard, value, observe)
    }
}

impl<T> EndsHere<T> for &Returned<T> {}

macro_rules! lasting {
    ($lasts:ident: $future:ident, $item:ident, $wrap:ident, $($bounds:tt)*) => {
        impl<'a, T> $lasts<'a, T> for Returned<Pin<Box<dyn $future<$item = T> $($bounds)* + 'a>>> {
            type Boxed = Pin<Box<dyn $future<$item = T> $($bounds)* + 'a>>;

            fn finish<O>(&self, span: Span, inner: Self::Boxed, observe: O) -> Self::Boxed
            where
                T: 'a,
                O: Fn(&T) + Send + Sync + 'a,
            {
                if span.is_nothing() {
                    return inner;
                }
                Box::pin(Traced::of(span, $wrap(inner, observe)))
            }

            fn finish_polled<O>(&self, span: Span, inner: Self::Boxed, observe: O) -> Self::Boxed
            where
                T: 'a,
                O: Fn(&T) + Send + Sync + 'a,
            {
                if span.is_nothing() {
                    return inner;
                }
                Box::pin(Traced::of(span, polled($wrap(inner, observe))))
            }
        }
    };
}

/// A boxed future or stream: the span begins with the first poll.
pub trait LastsLonger<'a, T> {
    /// The box.
    type Boxed;

    /// No span, because the place is off.
    #[inline(always)]
    fn open_nothing(&self) -> Span {
        Span::default()
    }

    /// Describes the span.
    #[inline(always)]
    fn open<'v, const N: usize>(
        &self,
        site: &'static Callsite,
        values: impl FnOnce() -> [Value<'v>; N],
    ) -> Span {
        crate::__private::span(site, values)
    }

    /// Describes the span there.
    #[inline(always)]
    fn open_at<'v, const N: usize>(
        &self,
        site: &'static Callsite,
        parent: impl FnOnce() -> Parentage,
        links: impl FnOnce() -> Vec<Context>,
        values: impl FnOnce() -> [Value<'v>; N],
    ) -> Span {
        span_at(site, parent, links, values)
    }

    /// Puts the span around what is in the box. What a stream yields is not asked.
    ///
    /// A box that holds a box outlives nothing that its output does not.
    fn finish<O>(&self, span: Span, inner: Self::Boxed, observe: O) -> Self::Boxed
    where
        T: 'a,
        O: Fn(&T) + Send + Sync + 'a;

    /// The same, counting polls.
    fn finish_polled<O>(&self, span: Span, inner: Self::Boxed, observe: O) -> Self::Boxed
    where
        T: 'a,
        O: Fn(&T) + Send + Sync + 'a;

    /// Puts the span around a future before it gets into its box.
    #[inline(always)]
    fn around<F, O>(&self, span: Span, inner: F, observe: O) -> Traced<Observed<F, O>>
    where
        F: Future<Output = T>,
        O: Fn(&T),
    {
        Traced::of(span, observed(inner, observe))
    }

    /// The same, counting polls.
    #[inline(always)]
    fn around_polled<F, O>(
        &self,
        span: Span,
        inner: F,
        observe: O,
    ) -> Traced<Polled<Observed<F, O>>>
    where
        F: Future<Output = T>,
        O: Fn(&T),
    {
        Traced::of(span, polled(observed(inner, observe)))
    }
}

fn unobserved<S, O>(stream: S, _: O) -> S {
    stream
}

lasting!(LastsLonger: Future, Output, observed,);
lasting!(LastsLonger: Future, Output, observed, + Send);
lasting!(LastsLonger: Future, Output, observed, + Sync);
lasting!(LastsLonger: Future, Output, observed, + Send + Sync);
lasting!(LastsLonger: Stream, Item, unobserved,);
lasting!(LastsLonger: Stream, Item, unobserved, + Send);
lasting!(LastsLonger: Stream, Item, unobserved, + Sync);
lasting!(LastsLonger: Stream, Item, unobserved, + Send + Sync);
