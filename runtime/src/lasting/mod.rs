//! A span that is entered and left many times, as the poll of a future or a stream does.
//!
//! A span that is polled where its record lies costs two stores a poll. The outermost traced future of a
//! task owns the chunk of its segment and exchanges it with the thread's for each poll: no lock, no copy.
//! A future that is polled in a chunk of its segment that is not the one of its record writes a scope
//! there; one that is polled where its segment is not current at all (it moved to another task) gets a
//! chunk of its own. Of a segment that is not recorded nothing is written, so that it needs no chunk.

mod before;
mod enter;
mod leave;
mod open;
mod unsampled;

pub(crate) use before::Before;
pub(crate) use open::{Decided, First};

use crate::callsite::{Callsite, find};
use crate::context::{Attachment, Context, Kin, Remote};
use crate::hook::{self, Entered, Look};
use crate::id::SpanRef;
use crate::recorder::{self, recorder};
use crate::segment::chunk::{Chunk, mark_handed_off, state};
use crate::segment::record::{HEADER, Slot, flag, site_of};
use crate::segment::shared::Shared;
use crate::segment::thread::{Hot, hot};
use crate::span::{self, Given};
use crate::sync::modelled::{Arc, last_of};
use before::How;

/// A span that is entered and left many times: five words, which every level of futures carries.
pub(crate) struct Lasting {
    /// The span, once it is open, with the flags of its guard.
    span: SpanRef,
    /// Before that: what was innermost at the call. While suspended: the innermost position of the future,
    /// its own span or a section that lasts across `.await`.
    top: SpanRef,
    /// The segment: of the call at first, then of the span. The thread has it while it is lent.
    home: Option<Arc<Shared>>,
    stage: Stage,
}

enum Stage {
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
    /// Continues a span that somebody else opened and ends, or a segment of which nothing is recorded.
    Lent,
    /// The same, and owner of a chunk.
    LentOwner(Box<Chunk>),
    /// As live, and polled in another chunk since: somebody there may hang on it, which its record does not say yet.
    Visited,
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
    #[inline(never)]
    pub(crate) fn called_here(site: &'static Callsite) -> Self {
        const PLAIN: u32 = state::ACTIVE | state::CROWDED | state::STAND_INS;
        let is_on = site.simply_on().is_ok();
        let (home, top) = hot(|hot| {
            let is_plain = is_on && hot.state.get() & PLAIN == state::ACTIVE;
            if !is_plain || hook::has_moved(hot) {
                return (None, SpanRef::NONE);
            }
            (hot.shared(), hot.top.get())
        });
        let Some(home) = home else {
            return if site.is_off() { Self::none() } else { Self::called_otherwise(site) };
        };
        let called = Self { span: SpanRef::NONE, top, home: Some(home), stage: Stage::New(site) };
        hot(mark_handed_off);
        called
    }

    #[cold]
    #[inline(never)]
    fn called_otherwise(site: &'static Callsite) -> Self {
        match recorder() {
            Some(recorder) => recorder.call(site),
            None => Self::none(),
        }
    }

    /// The same, where more is to be remembered.
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
        recorder::put_in_place();
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

    /// Whether there is nothing to let go of.
    #[inline(always)]
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self.stage, Stage::Off) && self.home.is_none()
    }

    /// Whether it holds nothing but the segment of its call, or of its span.
    #[inline(always)]
    pub(crate) fn has_only_home(&self) -> bool {
        matches!(self.stage, Stage::Off | Stage::New(_))
    }

    /// Lets the segment go, without naming what becomes of it where nobody else holds it.
    #[inline(always)]
    pub(crate) fn forget_home(&mut self) {
        if let Some(segment) = self.home.take().and_then(last_of) {
            forget(segment);
        }
    }

    fn own(&mut self) -> Option<&mut Box<Chunk>> {
        match &mut self.stage {
            Stage::Owner(own) | Stage::LentOwner(own) => Some(own),
            _ => None,
        }
    }

    /// Shows others what is polled.
    #[inline(always)]
    pub(crate) fn show(&self, before: Before) -> Entered {
        let how = before.how();
        if how == How::Bare {
            return hook::enter_lent();
        }
        hook::enter_poll(|hot| self.watched_site(hot), self.span, how == How::Chunk)
    }

    /// The place of the span, which is in the chunk that is current, if it is one of those that are looked at.
    fn watched_site(&self, hot: &Hot) -> Option<&'static Callsite> {
        // No record of it is there, or not here.
        if self.span.position() < HEADER || self.span.chunk() != hot.top.get().chunk() {
            return None;
        }
        let slot = Slot::new(hot.block.get(), self.span.position())?;
        if slot.has(flag::WATCHED) { find(site_of(slot.head())) } else { None }
    }
}

#[cold]
#[inline(never)]
fn forget(segment: Shared) {
    match recorder() {
        Some(recorder) => recorder.forget(segment),
        // There is one where there are segments.
        None => std::mem::forget(segment),
    }
}

/// What a position is called elsewhere; of the header, that is the root.
fn name_or_root(hot: &Hot, position: SpanRef) -> SpanRef {
    let named = span::name_of(hot, position);
    if named.position() >= HEADER {
        return named;
    }
    hot.share().map_or(named, |segment| segment.root())
}
