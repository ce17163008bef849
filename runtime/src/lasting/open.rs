//! The first poll: the span is opened.

use super::before::{Before, How};
use super::{Lasting, Stage, name_or_root};
use crate::callsite::Callsite;
use crate::context::{Context, Kin, Parentage, Remote};
use crate::hook::{self, Look};
use crate::id::{SpanRef, TraceId};
use crate::note::link;
use crate::sampling::Route;
use crate::segment::attribute::Attributes;
use crate::segment::chunk::{Chunk, mark_handed_off};
use crate::segment::record::{Slot, flag};
use crate::segment::shared::Shared;
use crate::segment::thread::{Hot, hot};
use crate::span::root::{Continued, NewRoot};
use crate::span::{self, Given, gate, root};
use crate::sync::modelled::Arc;

/// What the first poll opens.
struct Opening<'g> {
    site: &'static Callsite,
    head: u64,
    attributes: Attributes<'g>,
}

/// What has become of a span that was to begin at its call.
pub(crate) enum First {
    /// It is not recorded, and can be entered; or there is none.
    Held,
    /// It waits for its attributes.
    Asks(Decided),
}

/// What is known of a span that waits for its attributes.
pub(crate) enum Decided {
    /// It is a root: word 0 of its record, and the chunk that will hold it.
    Root(u64, Box<Chunk>),
    /// Where it is to hang.
    Below(Parentage),
}

impl Lasting {
    /// The first poll: opens the span.
    pub(super) fn open(&mut self, hot: &Hot) -> Before {
        let given = match std::mem::replace(&mut self.stage, Stage::Off) {
            Stage::New(site) => Given { site: Some(site), ..Given::default() },
            Stage::Given(given) => *given,
            _ => Given::default(),
        };
        let Some(site) = given.site else { return self.stay_off() };
        let attributes = Attributes::encoded(&given.attributes);
        let before = self.open_as(hot, site, &given.parent, given.called_in.as_deref(), attributes);
        if matches!(self.stage, Stage::Live(_) | Stage::Owner(_)) {
            given.links.into_iter().for_each(link);
        }
        before
    }

    /// Opens the span at its call, without waiting for a poll, and makes it current.
    pub(crate) fn open_now(
        &mut self,
        site: &'static Callsite,
        parent: &Parentage,
        attributes: Attributes<'_>,
    ) -> Before {
        hot(|hot| self.placed(hot, |this| this.open_as(hot, site, parent, None, attributes)))
    }

    /// Begins a span at its call whose attributes are asked for only if it is recorded. So a root is decided about
    /// without them, of which the route is all that samplers look at. Its trace may have been drawn before.
    pub(crate) fn begin_now(
        &mut self,
        site: &'static Callsite,
        head: u64,
        parent: Parentage,
        route: Option<&str>,
        drawn: Option<TraceId>,
    ) -> First {
        hot(|hot| {
            let below = match &parent {
                Parentage::Current | Parentage::Root => &Kin::None,
                Parentage::Of(context) => context.kin(),
            };
            let is_gated = head & flag::GATED != 0;
            let is_elsewhere = match parent {
                Parentage::Current => hook::has_moved(hot),
                Parentage::Root | Parentage::Of(_) => matches!(below, Kin::Local(..)),
            };
            if is_gated || is_elsewhere || !hot.is_idle() {
                return First::Asks(Decided::Below(parent));
            }
            let below = match below {
                Kin::Remote(remote) => Some(&**remote),
                Kin::None | Kin::Local(..) => None,
            };
            let route = || route.map(Route::new);
            let continued = Continued::Certainly(site);
            match root::idle_task_root(site, false, below, route, drawn, continued) {
                Some(NewRoot::Chunk(chunk)) => First::Asks(Decided::Root(head, chunk)),
                Some(NewRoot::Unsampled(segment)) => {
                    self.hold_unsampled(segment);
                    First::Held
                }
                None => First::Held,
            }
        })
    }

    /// Opens the span that was begun, and makes it current.
    pub(crate) fn open_decided(
        &mut self,
        site: &'static Callsite,
        decided: Decided,
        attributes: Attributes<'_>,
    ) -> Before {
        hot(|hot| match decided {
            Decided::Root(head, chunk) => {
                self.begin_in(hot, chunk, &Opening { site, head, attributes })
            }
            Decided::Below(parent) => self.open_now(site, &parent, attributes),
        })
    }

    /// Opens the span that was begun, to be entered later.
    pub(crate) fn open_decided_for_later(
        &mut self,
        site: &'static Callsite,
        decided: Decided,
        attributes: Attributes<'_>,
    ) {
        match decided {
            Decided::Root(head, chunk) => {
                hot(|hot| self.begin_aside(hot, chunk, &Opening { site, head, attributes }));
            }
            Decided::Below(parent) => {
                let before = self.open_now(site, &parent, attributes);
                if self.is_open() {
                    self.pause(before);
                }
            }
        }
    }

    fn open_as(
        &mut self,
        hot: &Hot,
        site: &'static Callsite,
        parent: &Parentage,
        called_in: Option<&Remote>,
        attributes: Attributes<'_>,
    ) -> Before {
        let head = site.recording_as();
        if head == 0 || hot.closed.get() {
            return self.stay_off();
        }
        let opening = Opening { site, head, attributes };
        if let Some(before) = self.leave_out(hot, parent, &opening) {
            return before;
        }
        match parent {
            Parentage::Current if hook::has_moved(hot) => match hook::look(hot) {
                Look::There(context) => self.open_there(hot, &context, &opening),
                Look::Suppressed => self.stay_off(),
                Look::Ours => self.open_below_ours(hot, called_in, &opening),
            },
            Parentage::Current => self.open_below_ours(hot, called_in, &opening),
            Parentage::Root => self.open_root(hot, None, &opening),
            Parentage::Of(context) => self.open_there(hot, context, &opening),
        }
    }

    fn open_below_ours(
        &mut self,
        hot: &Hot,
        called_in: Option<&Remote>,
        opening: &Opening<'_>,
    ) -> Before {
        if hot.is_active() {
            return self.open_below_current(hot, opening);
        }
        // What is current where it is polled comes first, and may be in another process; then the call.
        match (hot.ambient(), self.home.take()) {
            (None, Some(home)) => self.open_in_visit(hot, &home, self.top, opening),
            (ambient, _) => self.open_root(hot, ambient.as_deref().or(called_in), opening),
        }
    }

    /// Opens the span below a context that was named, or found.
    fn open_there(&mut self, hot: &Hot, context: &Context, opening: &Opening<'_>) -> Before {
        match context.kin() {
            Kin::None => self.open_root(hot, None, opening),
            Kin::Remote(remote) => self.open_root(hot, Some(remote), opening),
            Kin::Local(segment, span) if root::is_here(hot, segment, *span) => {
                let before = hot.top.get();
                // It is placed: what others attached has been looked at.
                hot.seen.set(hook::now());
                root::push_scope(hot, *span, 0);
                let entered = self.open_below_current(hot, opening);
                Before::new(entered.how(), hot.top.get().at(before.position()))
            }
            Kin::Local(segment, span) => self.open_in_visit(hot, segment, *span, opening),
        }
    }

    /// Where the place leaves this call out, all of it gets a chunk that is not recorded.
    fn leave_out(
        &mut self,
        hot: &Hot,
        parent: &Parentage,
        opening: &Opening<'_>,
    ) -> Option<Before> {
        if opening.head & flag::GATED == 0 {
            return None;
        }
        let (segment, below) = match parent {
            Parentage::Current if hot.is_active() => {
                mark_handed_off(hot);
                (hot.share()?, name_or_root(hot, hot.top.get()))
            }
            Parentage::Current if hot.ambient().is_none() => (self.home.clone()?, self.top),
            Parentage::Of(context) => match context.kin() {
                Kin::Local(segment, span) => (segment.clone(), *span),
                Kin::None | Kin::Remote(_) => return None,
            },
            Parentage::Current | Parentage::Root => return None,
        };
        if !segment.is_recording() || !gate::is_shut_below(opening.site, opening.head) {
            return None;
        }
        gate::count_for(&segment);
        let chunk = gate::muted_in(&segment)?;
        self.stage = Stage::Lent;
        let before = self.swap_in(hot, chunk);
        self.top = gate::stand_for(hot, below);
        self.span = self.top;
        self.home = hot.share();
        Some(before)
    }

    fn stay_off(&mut self) -> Before {
        *self = Self::none();
        Before::NOTHING
    }

    fn open_below_current(&mut self, hot: &Hot, opening: &Opening<'_>) -> Before {
        let before = hot.top.get();
        let Opening { site, head, attributes } = opening;
        let span = span::open_making_room(hot, site, *head, attributes);
        self.home = hot.share();
        if span.is_none() {
            // Not recorded, but the trace goes on in whatever this future does elsewhere.
            let outer = name_or_root(hot, before);
            self.stage = Stage::Lent;
            self.span = outer;
            self.top = outer;
            return Before::new(How::Position, before);
        }
        self.is_now(hot, span);
        // Making room may have moved the chunk, or sent a part of it.
        Before::new(How::Position, hot.top.get().at(before.position()))
    }

    fn is_now(&mut self, hot: &Hot, span: SpanRef) {
        self.span = span;
        self.top = span.name();
        if matches!(self.stage, Stage::Off) {
            let slot = Slot::new(hot.block.get(), span.position());
            self.stage = Stage::Live(slot.unwrap_or(Slot::NOWHERE));
        }
    }

    fn open_in_visit(
        &mut self,
        hot: &Hot,
        segment: &Arc<Shared>,
        below: SpanRef,
        opening: &Opening<'_>,
    ) -> Before {
        let Some(chunk) = root::new_visit(segment) else { return self.stay_off() };
        let entered = self.swap_in(hot, chunk);
        root::note_trace_state(hot);
        root::push_scope(hot, below, 0);
        let span = span::open_in_visit(hot, opening.head, &opening.attributes);
        self.is_now(hot, span);
        self.home = Some(segment.clone());
        entered
    }

    fn open_root(&mut self, hot: &Hot, parent: Option<&Remote>, opening: &Opening<'_>) -> Before {
        let begun = root::new_task_root(hot, opening.site, parent, &opening.attributes);
        let chunk = match begun {
            Some(NewRoot::Chunk(chunk)) => chunk,
            Some(NewRoot::Unsampled(segment)) => return self.continue_unsampled(hot, segment),
            None => return self.stay_off(),
        };
        self.begin_in(hot, chunk, opening)
    }

    /// Writes the root in a chunk that was made for it, which is current for no longer than that.
    fn begin_aside(&mut self, hot: &Hot, mut chunk: Box<Chunk>, opening: &Opening<'_>) {
        hot.swap(&mut chunk);
        let span = root::begin_root(hot, opening.head, &opening.attributes);
        hot.swap(&mut chunk);
        self.stage = Stage::Owner(chunk);
        self.span = span;
        self.top = span.name();
    }

    /// Writes the root, in a chunk that was made for it.
    fn begin_in(&mut self, hot: &Hot, chunk: Box<Chunk>, opening: &Opening<'_>) -> Before {
        let entered = self.swap_in(hot, chunk);
        let span = root::begin_root(hot, opening.head, &opening.attributes);
        self.is_now(hot, span);
        self.home = None;
        entered
    }
}
