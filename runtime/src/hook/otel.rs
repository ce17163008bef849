//! The contexts of OpenTelemetry's API.
//!
//! The API keeps them in a cell of each thread. It cannot be reached while the thread is torn down, nor from
//! inside of `Context::map_current` for a change; then our context is not shown, and nothing else happens.
//!
//! - Here: whether anybody looks, and whether something else is attached than we know of.
//! - `find`: what a context of theirs is to us. `show`: what they see of ours; `sign`: the span that stands for a segment.

mod find;
mod show;
mod sign;

pub(crate) use find::*;
pub(crate) use show::*;

use super::Look;
use crate::id::SpanId;
use crate::otel::baggage;
use crate::propagation::Baggage;
use crate::segment::thread::Hot;
use crate::sync::{AtomicBool, Relaxed};
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whether anybody may attach what concerns us: our provider or propagator was made.
static INSTALLED: AtomicBool = AtomicBool::new(false);

/// Whether anybody may open spans of other libraries through us: a tracer of ours was fetched.
static HAS_TRACERS: AtomicBool = AtomicBool::new(false);

/// From now on contexts are looked at.
pub(crate) fn install() {
    INSTALLED.store(true, Relaxed);
}

/// From now on there are spans of other libraries, in contexts that are derived from ours.
pub(crate) fn expect_others() {
    HAS_TRACERS.store(true, Relaxed);
}

/// Whoever asks for a global provider or propagator gets ours.
pub(crate) fn take_part() {
    crate::otel::install();
}

/// Whether libraries that ask for the global provider of OpenTelemetry get ours.
#[cfg(feature = "init")]
pub(crate) fn takes_part() -> Option<bool> {
    contained(crate::otel::is_installed)
}

/// Whether contexts are looked at.
#[inline(always)]
pub(crate) fn is_installed() -> bool {
    INSTALLED.load(Relaxed)
}

/// The id of the span in a context of this thread; zero without one.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Seen(u64);

impl Seen {
    pub(crate) const NOTHING: Self = Self(0);
    /// In a context that asks for silence. One id in 2^64 is taken for this.
    const SILENCE: Self = Self(u64::MAX);

    pub(crate) fn to_word(self) -> u64 {
        self.0
    }

    pub(crate) fn of_word(word: u64) -> Self {
        Self(word)
    }

    #[inline]
    pub(crate) fn of_span(id: SpanId) -> Self {
        Self(id.to_u64())
    }

    #[inline]
    pub(crate) fn of(context: &Context) -> Self {
        if context.is_telemetry_suppressed() {
            return Self::SILENCE;
        }
        if !context.has_active_span() {
            return Self::NOTHING;
        }
        Self::of_span(context.span().span_context().span_id().into())
    }
}

/// What is attached now.
#[inline]
pub(crate) fn now() -> Seen {
    if is_installed() { now_attached() } else { Seen::NOTHING }
}

#[inline(never)]
fn now_attached() -> Seen {
    peek()
}

/// What is attached, where anybody looks.
#[inline]
fn peek() -> Seen {
    // Where nothing can be asked any more, nobody has attached anything.
    contained(|| Context::map_current(Seen::of)).unwrap_or(Seen::NOTHING)
}

/// Whether something else is attached than what the innermost span knows of.
#[inline(always)]
pub(crate) fn has_moved(hot: &Hot) -> bool {
    is_installed() && has_moved_on(hot)
}

#[inline(never)]
fn has_moved_on(hot: &Hot) -> bool {
    peek() != hot.seen.get()
}

/// Whether a span is not to be written here at once: something has moved, or nothing is written, so that it may have.
#[inline(always)]
pub(crate) fn wants_a_look(hot: &Hot) -> bool {
    is_installed() && (hot.is_unsampled() || has_moved_on(hot))
}

/// Where a span belongs that is opened now, if something has moved.
#[cold]
pub(crate) fn look(hot: &Hot) -> Look {
    let found = contained(|| {
        Context::map_current(|context| match Seen::of(context) {
            Seen::SILENCE => Look::Suppressed,
            now if now == hot.seen.get() => Look::Ours,
            now => match find(hot, context) {
                Found::There(context) => Look::There(context),
                Found::Nothing | Found::Here => {
                    hot.seen.set(now);
                    Look::Ours
                }
            },
        })
    });
    found.unwrap_or(Look::Ours)
}

/// What others put into the present context to come along.
pub(crate) fn baggage() -> Option<Baggage> {
    if !is_installed() {
        return None;
    }
    contained(|| Context::map_current(baggage::of)).flatten()
}

/// Runs what may panic if the API's cell is borrowed or gone.
#[inline(always)]
fn contained<R>(work: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
