//! What recording takes beyond the hot path, behind a table that the first listener puts in place.
//!
//! Libraries that annotate are linked into programs that never listen: there all places are off, for ever. The linker
//! leaves out what nobody names. So the hot path names nothing of the rest but this trait, and [`put_in_place`] alone
//! names what stands behind it: a program in which nobody listens does not hold it.
//!
//! Where there is no recorder no place is on, so that nothing is open, and nothing is to be done. What the hot path
//! calls for each span is called by its name, as ever: behind the table is what a root, a chunk or a failure costs once.

use crate::callsite::{Callsite, Filter};
use crate::clock;
use crate::future::Inner;
use crate::id::SpanRef;
use crate::lasting::{Before, Lasting};
use crate::note;
use crate::redact::Redact;
use crate::redact::error::{self, Expected};
use crate::section;
use crate::segment::chunk::{self, Room};
use crate::segment::shared::Shared;
use crate::segment::thread::Hot;
use crate::span::{self, Open};
use crate::sync::{AtomicU64, OnceLock};
use crate::value::Value;

pub(crate) trait Recorder: Sync {
    /// A place is used that was not known, or the circumstances have changed: it gets the state that they ask for.
    fn switch(&self, site: &'static Callsite, filter: &Filter);

    /// A place in this state is entered, which was not seen for a while.
    fn note_entered(&self, site: &'static Callsite, state: u64);

    /// A place is used for the first time, and too late.
    fn say_too_late(&self, site: &'static Callsite);

    /// A span is opened that is not simply the next record of a chunk.
    fn open(&self, site: &'static Callsite, head: u64, values: &[Value<'_>]) -> Option<Open>;

    /// A span ends that is not simply the innermost one.
    fn close(&self, open: Open);

    /// A section ends.
    fn close_section(&self, span: SpanRef, parent: SpanRef);

    /// Arguments come that cannot simply be put behind the span's record.
    fn append(&self, head: u64, values: &[Value<'_>]);

    /// The innermost span failed, by this error if it says something about itself.
    fn fail(&self, error_type: &'static str, error: Option<&dyn Redact>, expected: Expected);

    /// A chunk needs room behind its window.
    fn make_room(&self, hot: &Hot, words: usize, room: Room) -> Option<&'static [AtomicU64]>;

    /// A future of this place is called where it is not enough to know the innermost span.
    fn call(&self, site: &'static Callsite) -> Lasting;

    /// A poll begins where more is to be done than to set the innermost span.
    fn enter(&self, lasting: &mut Lasting) -> Before;

    /// The same where it is left.
    fn pause(&self, lasting: &mut Lasting, before: Before);

    /// The same where the future ends.
    fn end(&self, lasting: &mut Lasting, before: Before, flags: u64);

    /// A future is dropped that holds more than the segment of its call.
    fn cancel(&self, lasting: &mut Lasting, inner: &mut dyn Inner);

    /// Nobody holds this segment any more.
    fn forget(&self, segment: Shared);
}

static RECORDER: OnceLock<&'static dyn Recorder> = OnceLock::new();

/// The recorder, if anybody ever listened.
#[inline]
pub(crate) fn recorder() -> Option<&'static dyn Recorder> {
    RECORDER.get().copied()
}

/// From now on there is a recorder. Whoever makes something that needs one says so before.
pub(crate) fn put_in_place() {
    let _there_already = RECORDER.set(&Ours);
}

struct Ours;

impl Recorder for Ours {
    fn switch(&self, site: &'static Callsite, filter: &Filter) {
        site.switch(filter);
    }

    fn note_entered(&self, site: &'static Callsite, state: u64) {
        site.note_entered(state);
    }

    fn say_too_late(&self, site: &'static Callsite) {
        site.say_too_late();
    }

    fn open(&self, site: &'static Callsite, head: u64, values: &[Value<'_>]) -> Option<Open> {
        span::open_anyhow(site, head, values)
    }

    fn close(&self, open: Open) {
        span::close_anyhow(open, clock::ticks());
    }

    fn close_section(&self, span: SpanRef, parent: SpanRef) {
        section::close_anywhere(span, parent);
    }

    fn append(&self, head: u64, values: &[Value<'_>]) {
        note::append_anyhow(head, values);
    }

    fn fail(&self, error_type: &'static str, error: Option<&dyn Redact>, expected: Expected) {
        error::record(error_type, error, expected);
    }

    fn make_room(&self, hot: &Hot, words: usize, room: Room) -> Option<&'static [AtomicU64]> {
        chunk::make_room(hot, words, room)
    }

    fn call(&self, site: &'static Callsite) -> Lasting {
        Lasting::called_with(site, None)
    }

    fn enter(&self, lasting: &mut Lasting) -> Before {
        lasting.enter_anywhere()
    }

    fn pause(&self, lasting: &mut Lasting, before: Before) {
        lasting.pause_anywhere(before);
    }

    fn end(&self, lasting: &mut Lasting, before: Before, flags: u64) {
        lasting.end_anywhere(before, flags);
    }

    fn cancel(&self, lasting: &mut Lasting, inner: &mut dyn Inner) {
        lasting.cancel(inner);
    }

    fn forget(&self, segment: Shared) {
        drop(segment);
    }
}
