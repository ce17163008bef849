//! A span as a value, before it is opened.

use super::guard::Guard;
use super::open::{enter, open_at};
use crate::callsite::Callsite;
use crate::context::{Context, IntoContext, Parentage, Remote};
use crate::segment::attribute::Attributes;
use crate::sync::modelled::Arc;

/// A span that is described but not open yet: for what no attribute covers.
///
/// Made by [`span!`](crate::span!), opened by [`Span::in_scope`],
/// [`Instrument::instrument`](crate::Instrument::instrument) or
/// [`InSpan::in_span`](crate::InSpan::in_span).
#[must_use = "the span is opened by `in_scope`, `instrument` or `in_span`"]
#[derive(Debug, Default)]
pub struct Span {
    pub(crate) site: Option<&'static Callsite>,
    pub(crate) given: Option<Box<Given>>,
}

/// What a span was given before it is opened.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Where the place is; set when a future is made of it.
    pub(crate) site: Option<&'static Callsite>,
    pub(crate) parent: Parentage,
    pub(crate) attributes: Vec<u64>,
    pub(crate) links: Vec<Context>,
    /// What was ambient where a future was called, in case nothing is current where it is first polled.
    pub(crate) called_in: Option<Arc<Remote>>,
}

impl Span {
    /// Whether it will never be opened.
    pub(crate) fn is_nothing(&self) -> bool {
        self.site.is_none()
    }

    /// Runs `work` inside of the span.
    pub fn in_scope<R>(self, work: impl FnOnce() -> R) -> R {
        let _span = self.enter();
        work()
    }

    /// Opens the span until the guard is dropped.
    pub fn enter(self) -> Guard {
        let Some(site) = self.site else { return Guard::none() };
        let Some(given) = self.given else { return enter(site) };
        match site.recording_as() {
            0 => Guard::none(),
            head => Guard::of(open_at(
                site,
                head,
                &given.parent,
                &Attributes::encoded(&given.attributes),
            )),
        }
    }

    /// The span hangs there, wherever it is opened.
    pub fn parent(mut self, parent: impl IntoContext) -> Self {
        if self.site.is_some() {
            self.given.get_or_insert_default().parent = Parentage::Of(parent.into_context());
        }
        self
    }

    /// The span begins a trace of its own.
    pub fn root(mut self) -> Self {
        if self.site.is_some() {
            self.given.get_or_insert_default().parent = Parentage::Root;
        }
        self
    }
}
