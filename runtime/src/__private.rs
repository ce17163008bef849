//! What generated code may name. Nothing else of this crate, and nobody else these.

#[cfg(feature = "init")]
pub use crate::app::init::init_as;
pub use crate::callsite::{About, Callsite, Level, Name, SpanKind};
pub use crate::context::{IntoContext, Parentage as Parent};
pub use crate::future::{Traced, traced};
pub use crate::note::{Target, arguments, event, fail, keep, ok, record};
pub use crate::observed::observed;
pub use crate::probe::{Fallible, Infallible, Numeric, Outcome, Policed, Probe, Quiet, Unknown};
pub use crate::redact::walked::Walked;
pub use crate::redact::{Class, ClassId};
pub use crate::section::{Section, section};
pub use crate::span::{Guard, Span, enter, enter_with};
pub use crate::value::{Leaf, Number, Value};

use crate::callsite::NotSimply;
use crate::context::Parentage;
use crate::segment::attribute::Attributes;
use crate::segment::prepared;
use crate::span::{self, Given};

/// Opens a span whose parent was named.
#[inline(always)]
pub fn enter_at<'v, const N: usize>(
    site: &'static Callsite,
    parent: impl FnOnce() -> Parentage,
    values: impl FnOnce() -> [Value<'v>; N],
) -> Guard {
    let state = site.recording_as();
    if state == 0 {
        return Guard::none();
    }
    let attributes = values();
    Guard::of(span::open_at(site, state, &parent(), &Attributes::new(&attributes)))
}

/// A future's span whose parent was named.
pub fn traced_at<F: Future>(site: &'static Callsite, parent: Parentage, future: F) -> Traced<F> {
    let given = Some(Box::new(Given { parent, ..Given::default() }));
    Traced::of(Span { site: Some(site), given }, future)
}

/// A span that is described but not open yet.
#[inline]
pub fn span<'v, const N: usize>(
    site: &'static Callsite,
    values: impl FnOnce() -> [Value<'v>; N],
) -> Span {
    if site.is_off() {
        return Span::default();
    }
    let given = if N == 0 { None } else { described(&values()) };
    Span { site: Some(site), given }
}

fn described(values: &[Value<'_>]) -> Option<Box<Given>> {
    let attributes = Attributes::new(values).to_words();
    let given = Given { attributes, ..Given::default() };
    (!given.attributes.is_empty()).then(|| Box::new(given))
}

/// The text of a `%` or `?` whose expression makes a value that lives no longer than itself: cut, and
/// contained if it panics, like any other.
pub fn formatted(value: Value<'_>) -> String {
    prepared::format(value)
}

/// A span that is never opened.
pub fn no_span() -> Span {
    Span::default()
}

/// Whether a place records nothing now: one load and one branch.
#[inline(always)]
pub fn is_off(site: &'static Callsite) -> bool {
    site.simply_on() == Err(NotSimply::Off)
}

/// A guard of no span.
#[inline(always)]
pub const fn no_guard() -> Guard {
    Guard::none()
}

/// A section that times nothing.
pub const fn no_section() -> Section {
    Section::none()
}

/// Calls a closure as what it is, a body that runs once: it may give back what it borrowed.
#[inline(always)]
pub fn call_once<R>(body: impl FnOnce() -> R) -> R {
    body()
}
