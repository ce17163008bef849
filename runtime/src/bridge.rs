//! Spans that are entered and left by calls, not by scopes: those of the `tracing` ecosystem, for
//! `integrations/tracing`.
//!
//! Between [`Bridged::enter`] and [`Bridged::leave`] such a span is what a future is during a poll. Whoever calls
//! them sees to it that what was entered last is left first.

use crate::callsite::Callsite;
use crate::context::{Context, Parentage, innermost};
use crate::hook::Entered;
use crate::lasting::{Before, Lasting};
use crate::segment::attribute::Attributes;
use crate::segment::record::flag;
use crate::segment::thread::hot;
use crate::value::Value;
use std::fmt;
use std::marker::PhantomData;

/// An open span that is not current.
pub struct Bridged(Lasting);

/// An open span that is current on this thread.
#[must_use = "what was entered is to be left"]
pub struct Inside {
    span: Lasting,
    before: Before,
    shown: Entered,
    _stays_here: PhantomData<*const ()>,
}

/// Whether nothing is recorded at this place now: then nobody needs to ask for its values.
#[inline]
pub fn is_off(site: &'static Callsite) -> bool {
    site.is_off()
}

impl Bridged {
    /// Opens a span with these values, and says where it is. Nothing where its place is off.
    pub fn open(
        site: &'static Callsite,
        parent: &Parentage,
        values: &[Value<'_>],
    ) -> Option<(Self, Context)> {
        if site.is_off() {
            return None;
        }
        let mut span = Lasting::none();
        let before = span.open_now(site, parent, Attributes::new(values));
        if !span.is_open() {
            return None;
        }
        let shown = span.show(before);
        let inside = Inside { span, before, shown, _stays_here: PhantomData };
        let context = hot(innermost);
        Some((inside.leave(), context))
    }

    /// Makes the span current.
    pub fn enter(mut self) -> Inside {
        let mut span = std::mem::replace(&mut self.0, Lasting::none());
        let before = span.enter();
        let shown = span.show(before);
        Inside { span, before, shown, _stays_here: PhantomData }
    }

    /// The span ends now.
    pub fn end(self) {
        self.enter().end(0);
    }
}

impl Drop for Bridged {
    /// Whoever held it has gone without a word.
    fn drop(&mut self) {
        if self.0.is_open() {
            let span = Self(std::mem::replace(&mut self.0, Lasting::none()));
            span.enter().end(flag::CANCELLED);
        }
    }
}

impl Inside {
    /// The span is not current any more, and stays open.
    pub fn leave(mut self) -> Bridged {
        self.shown.leave();
        self.span.pause(self.before);
        Bridged(self.span)
    }

    fn end(mut self, flags: u64) {
        self.shown.leave();
        self.span.end(self.before, flags);
    }
}

impl fmt::Debug for Bridged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bridged")
    }
}

impl fmt::Debug for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inside")
    }
}

const _: () = {
    const fn may_be_kept_anywhere<T: Send + Sync>() {}
    may_be_kept_anywhere::<Bridged>();
};
