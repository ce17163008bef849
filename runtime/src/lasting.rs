//! A span that is entered and left many times, as the poll of a future or a stream does.
//!
//! A span that is polled where its record lies costs two stores a poll. The outermost traced future of a
//! task owns the chunk of its segment and exchanges it with the thread's for each poll: no lock, no copy.
//! A future that is polled in a chunk of its segment that is not the one of its record writes a scope
//! there; one that is polled where its segment is not current at all (it moved to another task) gets a
//! chunk of its own.

use crate::callsite::{Callsite, find};
use crate::clock;
use crate::context::{Attachment, Context, Kin, Parentage, Remote};
use crate::hook::{self, Entered, Look, Seen};
use crate::id::SpanRef;
use crate::note::link;
use crate::segment::attribute::Attributes;
use crate::segment::block::TASK;
use crate::segment::chunk::{Chunk, mark_handed_off, state};
use crate::segment::part::cut_if_task_is_long;
use crate::segment::record::{HEADER, Kind, RECORD, Slot, flag, site_of};
use crate::segment::shared::Shared;
use crate::segment::thread::{Hot, hot};
use crate::span::{self, Given, gate, root, stack};
use crate::sync::modelled::Arc;

/// A span that is entered and left many times: five words, which every level of futures carries.
pub(crate) struct Lasting {
    /// The span, once it is open, with the flags of its guard.
    span: SpanRef,
    /// Before that: what was innermost at the call. While suspended: the innermost position of the future,
    /// its own span or a section that lasts across `.await`.
    top: SpanRef,
    /// The segment: of the call at first, then of the span.
    home: Option<Arc<Shared>>,
    pub(crate) stage: Stage,
}

pub(crate) enum Stage {
    /// Never recorded, or ended.
    Off,
    /// Never polled.
    New(&'static Callsite),
    /// Never polled, and given a parent or attributes.
    Given(Box<Given>),
    /// Polled in a context that is no span of this process.
    Attached(Box<Surrounding>),
    /// Open. The record is there for as long as the thread's innermost span is equal to this one.
    Live(Slot<'static>),
    /// Open, and owner of the chunk that it is polled in. During a poll the box holds what the thread had.
    Owner(Box<Chunk>),
    /// Continues a span that somebody else opened and ends.
    Lent,
    /// The same, and owner of a chunk.
    LentOwner(Box<Chunk>),
}

/// A context around each poll.
pub(crate) struct Surrounding {
    context: Context,
    /// During a poll.
    present: Option<Attachment>,
}

impl Surrounding {
    fn enter(&mut self) {
        self.present = Some(self.context.make_current(true));
    }

    fn leave(&mut self) {
        if let Some(present) = self.present.take() {
            present.undo();
        }
    }
}

impl Lasting {
    pub(crate) const fn none() -> Self {
        Self { span: SpanRef::NONE, top: SpanRef::NONE, home: None, stage: Stage::Off }
    }

    /// Remembers who called, in case the future is first polled where nothing is current.
    #[inline]
    pub(crate) fn called_here(site: &'static Callsite) -> Self {
        const PLAIN: u32 = state::ACTIVE | state::CROWDED | state::STAND_INS;
        let is_on = site.simply_on().is_ok();
        let (home, top) = hot(|hot| {
            let is_plain = is_on && hot.state.get() & PLAIN == state::ACTIVE;
            if !is_plain || hook::has_moved(hot) {
                return (None, SpanRef::NONE);
            }
            let home = hot.shared();
            if home.is_some() {
                mark_handed_off(hot);
            }
            (home, hot.top.get())
        });
        if home.is_none() {
            return Self::called_with(site, None);
        }
        Self { span: SpanRef::NONE, top, home, stage: Stage::New(site) }
    }

    /// The same, where more is to be remembered.
    #[inline(never)]
    pub(crate) fn called_with(site: &'static Callsite, given: Option<Box<Given>>) -> Self {
        let mut lasting = Self::none();
        if site.recording_as() != 0 {
            lasting.stage = given.map_or(Stage::New(site), |mut given| {
                given.site = Some(site);
                Stage::Given(given)
            });
            hot(|hot| lasting.remember_caller(hot));
        }
        lasting
    }

    fn remember_caller(&mut self, hot: &Hot) {
        if hook::has_moved(hot) {
            if let Look::There(context) = hook::look(hot) {
                // The caller is somebody else's span.
                return match context.kin() {
                    Kin::None => {}
                    Kin::Local(segment, span) => {
                        self.home = Some(segment.clone());
                        self.top = *span;
                    }
                    Kin::Remote(remote) => self.remember_remote(remote.clone()),
                };
            }
        }
        if hot.is_active() {
            self.home = hot.share();
            self.top = span::name_of(hot, hot.top.get());
            mark_handed_off(hot);
        } else if let Some(remote) = hot.ambient() {
            self.remember_remote(remote);
        }
    }

    fn remember_remote(&mut self, remote: Arc<Remote>) {
        if let Stage::New(site) = self.stage {
            self.stage = Stage::Given(Box::new(Given { site: Some(site), ..Given::default() }));
        }
        if let Stage::Given(given) = &mut self.stage {
            given.called_in = Some(remote);
        }
    }

    /// No span of its own: whatever is polled inside hangs on the context.
    pub(crate) fn continuing(context: &Context) -> Self {
        match context.kin() {
            Kin::Local(shared, span) => {
                Self { stage: Stage::Lent, span: *span, top: *span, home: Some(shared.clone()) }
            }
            Kin::None | Kin::Remote(_) => {
                let surrounding = Surrounding { context: context.clone(), present: None };
                Self { stage: Stage::Attached(Box::new(surrounding)), ..Self::none() }
            }
        }
    }

    #[inline]
    fn is_live(&self) -> bool {
        self.is_open() && !matches!(self.stage, Stage::Attached(_))
    }

    /// Whether something is to be made current while the future is dropped.
    #[inline(always)]
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Off | Stage::New(_) | Stage::Given(_))
    }

    fn own(&mut self) -> Option<&mut Box<Chunk>> {
        match &mut self.stage {
            Stage::Owner(own) | Stage::LentOwner(own) => Some(own),
            _ => None,
        }
    }

    /// Makes the span current where it was before, and returns how to undo that.
    #[inline(always)]
    pub(crate) fn enter_again(&self) -> Option<Before> {
        hot(|hot| {
            if let Stage::Live(_) = self.stage {
                let before = hot.top.get();
                if before.is_beside(self.top) {
                    let seen = hot.seen.replace(hook::now());
                    hot.top.set(self.top);
                    return Some(Before { seen, ..Before::new(How::Position, before) });
                }
            }
            None
        })
    }

    /// Makes the span current wherever that is.
    #[inline(never)]
    pub(crate) fn enter(&mut self) -> Before {
        hot(|hot| match &mut self.stage {
            Stage::Off => Before::NOTHING,
            Stage::Attached(surrounding) => {
                surrounding.enter();
                Before::NOTHING
            }
            Stage::New(site) => {
                let site = *site;
                match self.open_here(hot, site) {
                    Some(before) => before,
                    None => self.enter_anywhere(hot),
                }
            }
            _ => self.enter_anywhere(hot),
        })
    }

    #[inline(never)]
    fn enter_anywhere(&mut self, hot: &Hot) -> Before {
        self.placed(hot, |this| this.enter_elsewhere(hot))
    }

    /// Remembers what others had attached before it was made current, and what it knows of that.
    #[inline(always)]
    fn placed(&mut self, hot: &Hot, enter: impl FnOnce(&mut Self) -> Before) -> Before {
        let (seen, now) = (hot.seen.get(), hook::now());
        let before = enter(self);
        match before.how() {
            // A chunk knows for itself.
            How::Chunk => {}
            How::Nothing => hot.seen.set(seen),
            // What others attached around this poll is not inside of the span.
            How::Position | How::Scope => hot.seen.set(now),
        }
        Before { seen, ..before }
    }

    /// The first poll where the call was: the span is written like any other.
    #[inline(always)]
    fn open_here(&mut self, hot: &Hot, site: &'static Callsite) -> Option<Before> {
        let before = hot.top.get();
        if before.chunk() != self.top.chunk() || before.is_none() || hook::has_moved(hot) {
            return None;
        }
        let open = span::write_bare(hot, site.simply_on().ok()?)?;
        self.span = open.span();
        self.top = open.span();
        self.go_on_to(Stage::Live(open.slot()));
        Some(Before { seen: hot.seen.get(), ..Before::new(How::Position, before) })
    }

    fn enter_elsewhere(&mut self, hot: &Hot) -> Before {
        if !self.is_live() {
            return self.open(hot);
        }
        let before = hot.top.get();
        let is_in_thread = matches!(self.stage, Stage::Live(_) | Stage::Lent);
        if is_in_thread && before.chunk() == self.top.chunk() {
            // At the part that the chunk is in now.
            hot.top.set(before.at(self.top.position()));
            return Before::new(How::Position, before);
        }
        if let Some(own) = self.own() {
            hot.swap(own);
            cut_if_task_is_long(hot);
            return Before::new(How::Chunk, hot.top.get());
        }
        if before.chunk() == self.span.chunk() {
            // A section inside of the span was opened in another chunk, and is still open.
            hot.top.set(before.at(self.span.position()));
            root::push_scope(hot, self.top, flag::POLLED);
            return Before::new(How::Scope, before);
        }
        let Some(home) = &self.home else { return Before::NOTHING };
        if hot.is_active() && hot.is_in(home) {
            self.push_scopes(hot);
            return Before::new(How::Scope, before);
        }
        let Some(chunk) = root::new_visit(home) else { return Before::NOTHING };
        let entered = self.swap_in(hot, chunk);
        root::note_trace_state(hot);
        self.push_scopes(hot);
        entered
    }

    /// Lets children hang on the span, or on the section inside of it that is still open.
    fn push_scopes(&self, hot: &Hot) {
        let span = self.span.name();
        root::push_scope(hot, span, flag::POLLED);
        if self.top.name() != span {
            root::push_scope(hot, self.top, flag::POLLED);
        }
    }

    fn swap_in(&mut self, hot: &Hot, mut chunk: Box<Chunk>) -> Before {
        hot.swap(&mut chunk);
        self.stage = match self.stage {
            Stage::Lent => Stage::LentOwner(chunk),
            _ => Stage::Owner(chunk),
        };
        Before::new(How::Chunk, hot.top.get())
    }

    /// The first poll: opens the span.
    fn open(&mut self, hot: &Hot) -> Before {
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
        let Some(chunk) = root::new_root(hot, opening.site, TASK, parent, &opening.attributes)
        else {
            return self.stay_off();
        };
        let entered = self.swap_in(hot, chunk);
        let span = root::begin_root(hot, opening.head, &opening.attributes);
        self.is_now(hot, span);
        self.home = None;
        entered
    }

    /// Shows others what is polled.
    #[inline(always)]
    pub(crate) fn show(&self, before: Before) -> Entered {
        hook::enter_poll(|hot| self.site(hot), self.span, before.how() == How::Chunk)
    }

    /// The place of the span, which is in the chunk that is current.
    fn site(&self, hot: &Hot) -> Option<&'static Callsite> {
        if self.span.is_none() || self.span.chunk() != hot.top.get().chunk() {
            return None;
        }
        find(site_of(Slot::new(hot.block.get(), self.span.position())?.head()))
    }

    /// Takes the span back out of the thread, to be polled again.
    #[inline(always)]
    pub(crate) fn pause(&mut self, before: Before) {
        let is_plain = hot(|hot| {
            let is_plain = hot.top.get() == self.top && before.at.is_beside(self.top);
            if is_plain {
                hot.top.set(before.at);
                hot.seen.set(before.seen);
            }
            is_plain
        });
        if !is_plain && !matches!(self.stage, Stage::Off) {
            self.pause_elsewhere(before);
        }
    }

    #[inline(never)]
    fn pause_elsewhere(&mut self, before: Before) {
        hot(|hot| match before.how() {
            How::Nothing => {
                if let Stage::Attached(surrounding) = &mut self.stage {
                    surrounding.leave();
                }
            }
            How::Chunk => {
                Self::back_to_own(hot, before.outer());
                if let Some(own) = self.own() {
                    hot.swap(own);
                    stack::end_awaited(hot);
                }
            }
            How::Scope | How::Position => {
                if hot.top.get().chunk() != before.outer().chunk() {
                    stack::unwind_to(hot, before.outer());
                }
                if hot.top.get().chunk() == before.outer().chunk() {
                    // A section that was opened during the poll and is still open; by its name, because the
                    // next poll may be in another chunk.
                    let top = hot.top.get();
                    let named = name_or_root(hot, top);
                    self.top = if named == top.name() { top } else { named };
                }
                restore(hot, before);
            }
        });
    }

    /// Roots that were opened during the poll and are still open end here.
    fn back_to_own(hot: &Hot, inside: SpanRef) {
        if hot.top.get().chunk() != inside.chunk() {
            stack::unwind_to(hot, inside);
        }
    }

    /// Ends the span, which is current.
    #[inline(always)]
    pub(crate) fn end(&mut self, before: Before, flags: u64) {
        if flags != 0 || !self.ends_here(before) {
            self.end_elsewhere(before, flags);
        }
    }

    #[inline(always)]
    fn ends_here(&mut self, before: Before) -> bool {
        let Stage::Live(slot) = self.stage else { return false };
        // A guard's flags make the two differ, as do chunks that were cut, grown or left in between.
        let is_plain = hot(|hot| {
            let is_plain = hot.top.get() == self.span && before.at.is_beside(self.span);
            if is_plain {
                slot.set_end(clock::counter());
                hot.top.set(before.at);
                hot.seen.set(before.seen);
            }
            is_plain
        });
        if is_plain {
            self.go_on_to(Stage::Off);
        }
        is_plain
    }

    /// Leaves a stage that owns nothing, without asking whether it does.
    #[inline]
    fn go_on_to(&mut self, next: Stage) {
        let before = std::mem::replace(&mut self.stage, next);
        debug_assert!(matches!(before, Stage::New(_) | Stage::Live(_)), "it owns nothing");
        std::mem::forget(before);
    }

    #[inline(never)]
    fn end_elsewhere(&mut self, before: Before, flags: u64) {
        if let Stage::Attached(surrounding) = &mut self.stage {
            // It is current again while what was polled is dropped.
            return surrounding.leave();
        }
        hot(|hot| {
            if matches!(self.stage, Stage::Live(_) | Stage::Owner(_)) {
                self.close(hot, flags);
            }
            match before.how() {
                How::Nothing => {}
                How::Position | How::Scope => restore(hot, before),
                How::Chunk => {
                    Self::back_to_own(hot, before.outer());
                    if let Stage::Owner(mut own) | Stage::LentOwner(mut own) =
                        std::mem::replace(&mut self.stage, Stage::Off)
                    {
                        hot.swap(&mut own);
                        stack::end_and_recycle(own);
                        stack::end_awaited(hot);
                    }
                }
            }
        });
        self.stage = Stage::Off;
        self.home = None;
    }

    fn close(&self, hot: &Hot, flags: u64) {
        let end = clock::ticks();
        let span = self.span.name();
        if flags != 0 {
            span::add_outcome(hot, span, flags);
        }
        if hot.top.get().chunk() == span.chunk() {
            span::close_here(hot, self.span, end);
        } else {
            span::send_end(hot, span, end, 0);
        }
    }
}

/// What the first poll opens.
struct Opening<'g> {
    site: &'static Callsite,
    head: u64,
    attributes: Attributes<'g>,
}

/// What a position is called elsewhere; of the header, that is the root.
fn name_or_root(hot: &Hot, position: SpanRef) -> SpanRef {
    let named = span::name_of(hot, position);
    if named.position() >= HEADER {
        return named;
    }
    hot.share().map_or(named, |segment| segment.root())
}

/// Makes what was innermost before a poll the innermost again.
fn restore(hot: &Hot, before: Before) {
    let outer = before.outer();
    if hot.top.get().chunk() != outer.chunk() {
        stack::unwind_to(hot, outer);
    }
    let top = hot.top.get();
    if top.chunk() == outer.chunk() {
        drop_empty_scopes(hot, outer);
        hot.top.set(top.at(outer.position()));
        hot.seen.set(before.seen);
    }
}

/// Scopes that nothing was recorded under are taken back.
fn drop_empty_scopes(hot: &Hot, outer: SpanRef) {
    let mut at = hot.top.get().position();
    while at > outer.position() && at >= HEADER {
        let Some(slot) = Slot::new(hot.block.get(), at) else { return };
        if slot.kind() != Some(Kind::Scope) || hot.cursor() != at + RECORD {
            return;
        }
        hot.set_cursor(at);
        at = slot.parent();
    }
}

/// What was current before a poll: the innermost position; of a future with a chunk of its own, that chunk. The
/// bits that are a guard's flags elsewhere say how the span was made current instead, so that one compare
/// tells whether it is as simple as can be.
#[derive(Clone, Copy)]
pub(crate) struct Before {
    at: SpanRef,
    /// What others had attached, as far as that position knew.
    seen: Seen,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// The innermost position is another one in the same chunk.
    Position = 0,
    /// The same, and scopes were written to stand for the span.
    Scope = 1,
    /// The future's own chunk was exchanged with the thread's.
    Chunk = 2,
    /// Nothing was changed.
    Nothing = 3,
}

impl Before {
    pub(crate) const NOTHING: Self = Self::new(How::Nothing, SpanRef::NONE);

    #[inline(always)]
    const fn new(how: How, outer: SpanRef) -> Self {
        let at = outer.with_flag((how as u64) << SpanRef::FLAG_SHIFT);
        Self { at, seen: Seen::NOTHING }
    }

    fn how(self) -> How {
        match self.at.0 >> SpanRef::FLAG_SHIFT {
            0 => How::Position,
            1 => How::Scope,
            2 => How::Chunk,
            _ => How::Nothing,
        }
    }

    fn outer(self) -> SpanRef {
        self.at.without_flags()
    }
}
