//! What `?` does, for bodies whose early exits lead to their end: of `#[track_caller]` functions, around which no
//! closure can be put.
//!
//! The traits behind the operator are not stable. These are the same for every type that has it, and like it
//! they keep the location of the caller for those who convert an error.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::task::Poll;

/// A value that `?` can be put behind.
pub trait Early {
    /// What goes on.
    type Output;
    /// What leaves.
    type Residual;

    /// Which of the two it is.
    fn branch(self) -> ControlFlow<Self::Residual, Self::Output>;
}

/// What a function returns in which `?` leaves with `R`.
pub trait FromEarly<R> {
    /// The value returned.
    fn from_early(residual: R) -> Self;
}

/// A value that has `?` behind it.
#[derive(Debug)]
pub struct Question<V>(pub V);

/// Of the type itself: the compiler finds it before it asks the trait.
impl<V: Early> Question<V> {
    /// What the operator does.
    #[inline(always)]
    pub fn branch(self) -> ControlFlow<V::Residual, V::Output> {
        self.0.branch()
    }
}

/// What has no `?`: the compiler says so beside, and we do not say it again.
pub trait NoQuestion: Sized {
    /// Nothing that runs.
    fn branch<C>(self) -> ControlFlow<Infallible, C> {
        const { refuse(size_of::<Self>()) }
        unreachable!("the compiler refuses it")
    }
}

impl<V> NoQuestion for Question<V> {}

/// What leaves a function that returns `T`.
#[derive(Debug)]
pub struct Leaving<T, R>(R, PhantomData<T>);

impl<T, R> Leaving<T, R> {
    /// It leaves with this.
    #[inline(always)]
    pub fn with(residual: R) -> Self {
        Self(residual, PhantomData)
    }
}

/// Of the type itself, too.
impl<T: FromEarly<R>, R> Leaving<T, R> {
    /// The value returned.
    #[inline(always)]
    #[track_caller]
    pub fn value(self) -> T {
        T::from_early(self.0)
    }
}

/// What cannot leave: the compiler says so beside.
pub trait CannotLeave<T>: Sized {
    /// Nothing that runs.
    fn value(self) -> T {
        const { refuse(size_of::<Self>()) }
        unreachable!("the compiler refuses it")
    }
}

impl<T, R> CannotLeave<T> for Leaving<T, R> {}

/// For a `?` that the compiler knows and we do not, where `Try` is implemented by others, on nightly: no program is made of it.
const fn refuse(size: usize) {
    assert!(
        size == usize::MAX,
        "`#[traced]` under `#[track_caller]` does not know this `?`: write `err = off`"
    );
}

impl<T, E> Early for Result<T, E> {
    type Output = T;
    type Residual = Result<Infallible, E>;

    #[inline]
    fn branch(self) -> ControlFlow<Self::Residual, T> {
        match self {
            Ok(value) => ControlFlow::Continue(value),
            Err(error) => ControlFlow::Break(Err(error)),
        }
    }
}

impl<T, E, F: From<E>> FromEarly<Result<Infallible, E>> for Result<T, F> {
    #[inline]
    #[track_caller]
    fn from_early(residual: Result<Infallible, E>) -> Self {
        match residual {
            Ok(never) => match never {},
            Err(error) => Err(F::from(error)),
        }
    }
}

impl<T> Early for Option<T> {
    type Output = T;
    type Residual = Option<Infallible>;

    #[inline]
    fn branch(self) -> ControlFlow<Self::Residual, T> {
        self.map_or(ControlFlow::Break(None), ControlFlow::Continue)
    }
}

impl<T> FromEarly<Option<Infallible>> for Option<T> {
    #[inline]
    fn from_early(_: Option<Infallible>) -> Self {
        None
    }
}

impl<B, C> Early for ControlFlow<B, C> {
    type Output = C;
    type Residual = ControlFlow<B, Infallible>;

    #[inline]
    fn branch(self) -> ControlFlow<Self::Residual, C> {
        match self {
            Self::Continue(value) => ControlFlow::Continue(value),
            Self::Break(value) => ControlFlow::Break(ControlFlow::Break(value)),
        }
    }
}

impl<B, C> FromEarly<ControlFlow<B, Infallible>> for ControlFlow<B, C> {
    #[inline]
    fn from_early(residual: ControlFlow<B, Infallible>) -> Self {
        match residual {
            ControlFlow::Continue(never) => match never {},
            ControlFlow::Break(value) => Self::Break(value),
        }
    }
}

impl<T, E> Early for Poll<Result<T, E>> {
    type Output = Poll<T>;
    type Residual = Result<Infallible, E>;

    #[inline]
    fn branch(self) -> ControlFlow<Self::Residual, Poll<T>> {
        match self {
            Self::Ready(Ok(value)) => ControlFlow::Continue(Poll::Ready(value)),
            Self::Ready(Err(error)) => ControlFlow::Break(Err(error)),
            Self::Pending => ControlFlow::Continue(Poll::Pending),
        }
    }
}

impl<T, E, F: From<E>> FromEarly<Result<Infallible, E>> for Poll<Result<T, F>> {
    #[inline]
    #[track_caller]
    fn from_early(residual: Result<Infallible, E>) -> Self {
        Self::Ready(Result::from_early(residual))
    }
}

impl<T, E> Early for Poll<Option<Result<T, E>>> {
    type Output = Poll<Option<T>>;
    type Residual = Result<Infallible, E>;

    #[inline]
    fn branch(self) -> ControlFlow<Self::Residual, Poll<Option<T>>> {
        match self {
            Self::Ready(Some(Ok(value))) => ControlFlow::Continue(Poll::Ready(Some(value))),
            Self::Ready(Some(Err(error))) => ControlFlow::Break(Err(error)),
            Self::Ready(None) => ControlFlow::Continue(Poll::Ready(None)),
            Self::Pending => ControlFlow::Continue(Poll::Pending),
        }
    }
}

impl<T, E, F: From<E>> FromEarly<Result<Infallible, E>> for Poll<Option<Result<T, F>>> {
    #[inline]
    #[track_caller]
    fn from_early(residual: Result<Infallible, E>) -> Self {
        Self::Ready(Some(Result::from_early(residual)))
    }
}
