//! What generated code may name. Nothing else of this crate, and nobody else these.

#[cfg(feature = "init")]
pub use crate::app::init::init_as;
pub use crate::callsite::{About, Callsite, Level, Name, SpanKind};
pub use crate::context::{IntoContext, Parentage as Parent};
pub use crate::early::{Leaving, Question};
pub use crate::future::{Traced, traced};
pub use crate::links::{Links, LinksToNothing, no_links, parent_of};
#[cfg(feature = "manifest")]
pub use crate::manifest::{Entry, Link, Named, NamedAlike, Told};
pub use crate::note::{
    Target, append, arguments, event, expected, fail, failed, keep, ok, record, records_here,
    returned,
};
pub use crate::observed::observed;
pub use crate::polls::polled;
pub use crate::probe::{Bound, CanFail, Outcome, Probe, Quiet, can_fail, strict};
pub use crate::redact::absent::{Absent, AbsentPoliced, AbsentUnknown};
pub use crate::redact::cap::classed;
pub use crate::redact::error::{Expected, Handled, HandledByName, HandledByPolicy};
pub use crate::redact::masks::{hashed, last, length};
pub use crate::redact::publish::{Element, Publish, publishes, told};
pub use crate::redact::walked::Walked;
pub use crate::redact::{Class, ClassId, Failure, Fields, Redact, safe_debug};
pub use crate::returned::Returned;
pub use crate::section::{Section, section};
pub use crate::span::{Guard, Span, enter, enter_recording, enter_with, records};
pub use crate::value::{Leaf, Value};

use crate::callsite::NotSimply;
use crate::context::{Context, Parentage};
use crate::note::link;
use crate::segment::attribute::Attributes;
use crate::segment::prepared;
use crate::span::{self, Given};

/// What values are asked by, without names, so that a glob import hides nobody's.
pub mod by_type {
    pub use crate::probe::{BoundByPolicy as _, Policed as _, Unknown as _};
    pub use crate::redact::publish::{
        ElementLeaf as _, ElementPolicy as _, EntryLeaf as _, EntryPolicy as _, HasNone as _,
        HasPolicy as _, PublishLeaf as _, PublishPolicy as _,
    };
}

/// The same for the value that a function returned.
pub mod by_outcome {
    pub use crate::probe::{Fallible as _, Infallible as _};
    pub use crate::redact::error::{
        CannotFail as _, FailByName as _, FailByPolicy as _, HandOverBoxed as _,
        HandOverError as _, HandOverSent as _, NotHandedOver as _,
    };
}

/// The same for what has a `?` behind it.
pub mod by_question {
    pub use crate::early::{CannotLeave as _, NoQuestion as _};
}

/// The same for the type that a signature names.
pub mod by_return {
    pub use crate::returned::{EndsHere as _, LastsLonger as _};
}

/// The same for `links`.
pub mod by_links {
    pub use crate::links::{LinksToMany as _, LinksToNothing as _, LinksToOne as _};
}

/// A value that is never made: it names the type that a body gives back.
pub fn never<T>() -> T {
    unreachable!("nobody calls it")
}

/// Opens a span whose parent was named.
#[inline(always)]
pub fn enter_at<'v, const N: usize>(
    site: &'static Callsite,
    parent: impl FnOnce() -> Parentage,
    values: impl FnOnce() -> [Value<'v>; N],
) -> Guard {
    enter_linked(site, parent, no_links, values)
}

/// The same for one that refers to others.
#[inline(always)]
pub fn enter_linked<'v, const N: usize>(
    site: &'static Callsite,
    parent: impl FnOnce() -> Parentage,
    links: impl FnOnce() -> Vec<Context>,
    values: impl FnOnce() -> [Value<'v>; N],
) -> Guard {
    let state = site.recording_as();
    if state == 0 {
        return Guard::none();
    }
    let (parent, links, attributes) = (parent(), links(), values());
    let guard = Guard::of(span::open_at(site, state, &parent, &Attributes::new(&attributes)));
    if !guard.is_nothing() {
        links.into_iter().for_each(link);
    }
    guard
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

/// The same, where it will hang, and what it refers to.
#[inline]
pub fn span_at<'v, const N: usize>(
    site: &'static Callsite,
    parent: impl FnOnce() -> Parentage,
    links: impl FnOnce() -> Vec<Context>,
    values: impl FnOnce() -> [Value<'v>; N],
) -> Span {
    if site.is_off() {
        return Span::default();
    }
    let mut given = described(&values()).unwrap_or_default();
    given.parent = parent();
    given.links = links();
    Span { site: Some(site), given: Some(given) }
}

/// Puts a described span around a future or a stream.
pub fn in_span<F>(span: Span, inner: F) -> Traced<F> {
    Traced::of(span, inner)
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

/// Hands a value to a closure whose argument needs no type.
#[inline(always)]
pub fn call_with<'v, T: ?Sized, R>(value: &'v T, question: impl FnOnce(&'v T) -> R) -> R {
    question(value)
}

/// Calls a closure as what it is, a body that runs once: it may give back what it borrowed.
#[inline(always)]
pub fn call_once<R>(body: impl FnOnce() -> R) -> R {
    body()
}
