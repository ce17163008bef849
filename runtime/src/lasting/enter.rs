//! The span becomes current, wherever it is polled.

use super::before::{Before, How};
use super::{Lasting, Stage};
use crate::callsite::Callsite;
use crate::hook;
use crate::recorder::recorder;
use crate::segment::chunk::Chunk;
use crate::segment::part::cut_if_task_is_long;
use crate::segment::record::flag;
use crate::segment::thread::{Hot, hot};
use crate::span::{self, root};

impl Lasting {
    /// Makes the span current where its record lies.
    #[inline(always)]
    fn enter_again(&self) -> Option<Before> {
        hot(|hot| {
            let before = hot.top.get();
            before.is_beside(self.top).then(|| {
                let seen = hot.seen.replace(hook::now());
                hot.top.set(self.top);
                Before { seen, ..Before::new(How::Position, before) }
            })
        })
    }

    /// Makes the span current, and returns how to undo that.
    #[inline(always)]
    pub(crate) fn enter(&mut self) -> Before {
        let simply = match self.stage {
            Stage::Live(_) => self.enter_again(),
            Stage::New(site) => {
                hot(|hot| self.open_here(hot, site).or_else(|| self.join_unsampled(hot)))
            }
            Stage::Off => Some(Before::NOTHING),
            _ => None,
        };
        match simply {
            Some(before) => before,
            None => self.enter_otherwise(),
        }
    }

    /// The same of what is outermost in a task, as nearly all that answers a request is: it is lent, or its chunk comes in.
    #[inline]
    pub(crate) fn enter_outermost(&mut self) -> Option<Before> {
        hot(|hot| match &mut self.stage {
            Stage::Lent => self.lend(hot),
            Stage::Owner(own) => Some(Self::enter_own(hot, own)),
            _ => None,
        })
    }

    /// Exchanges the thread's chunk with a task's own.
    #[inline(never)]
    fn enter_own(hot: &Hot, own: &mut Chunk) -> Before {
        let seen = hot.seen.get();
        hot.swap(own);
        cut_if_task_is_long(hot);
        Before { seen, ..Before::new(How::Chunk, hot.top.get()) }
    }

    #[inline(never)]
    fn enter_otherwise(&mut self) -> Before {
        recorder().map_or(Before::NOTHING, |recorder| recorder.enter(self))
    }

    pub(crate) fn enter_anywhere(&mut self) -> Before {
        if let Stage::Attached(surrounding) = &mut self.stage {
            surrounding.enter();
            return Before::NOTHING;
        }
        hot(|hot| {
            self.lend(hot).unwrap_or_else(|| self.placed(hot, |this| this.enter_elsewhere(hot)))
        })
    }

    /// Remembers what others had attached before it was made current, and what it knows of that.
    #[inline(always)]
    pub(super) fn placed(&mut self, hot: &Hot, enter: impl FnOnce(&mut Self) -> Before) -> Before {
        let seen = hot.seen.get();
        let before = enter(self);
        match before.how() {
            // Of both is shown what they know.
            How::Chunk | How::Bare => {}
            How::Nothing => hot.seen.set(seen),
            // What others attached around this poll is not inside of the span.
            How::Position | How::Scope => hot.seen.set(hook::now()),
        }
        Before { seen, ..before }
    }

    /// The first poll where the call was: the span is written like any other.
    #[inline(always)]
    fn open_here(&mut self, hot: &Hot, site: &'static Callsite) -> Option<Before> {
        let before = hot.top.get();
        if before.chunk() != self.top.chunk() || before.is_none() || hook::wants_a_look(hot) {
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
        let is_in_thread = matches!(self.stage, Stage::Live(_) | Stage::Visited | Stage::Lent);
        if is_in_thread && before.chunk() == self.top.chunk() {
            // At the part that the chunk is in now.
            hot.top.set(before.at(self.top.position()));
            return Before::new(How::Position, before);
        }
        if let Some(own) = self.own() {
            return Self::enter_own(hot, own);
        }
        if before.chunk() == self.span.chunk() {
            // A section inside of the span was opened in another chunk, and is still open.
            hot.top.set(before.at(self.span.position()));
            root::push_scope(hot, self.top, flag::POLLED);
            return Before::new(How::Scope, before);
        }
        let Some(home) = &self.home else { return Before::NOTHING };
        if hot.is_active() && hot.is_in(home) {
            if matches!(self.stage, Stage::Live(_)) {
                self.go_on_to(Stage::Visited);
            }
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

    pub(super) fn swap_in(&mut self, hot: &Hot, mut chunk: Box<Chunk>) -> Before {
        hot.swap(&mut chunk);
        self.stage = match self.stage {
            Stage::Lent => Stage::LentOwner(chunk),
            _ => Stage::Owner(chunk),
        };
        Before::new(How::Chunk, hot.top.get())
    }
}
