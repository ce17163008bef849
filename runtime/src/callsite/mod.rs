//! The static description of a place in the program, and whether it records.
//!
//! The macros put one [`Callsite`] beside each annotated function, section, event or record. Its one
//! mutable word answers both questions of the hot path with a single load: is this place on, and what does
//! the first word of its records say? The first use of a place registers it, under the only lock that a calling
//! thread ever takes.

mod about;
mod filter;
mod name;
pub(crate) mod rarity;
mod table;

use crate::recorder::{self, recorder};
use crate::report::{self, Importance};
use crate::sampling::{Bucket, left_out, place};
use crate::segment::record::{Kind, RECORD, flag, head};
use crate::sync::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Mutex, PoisonError, Relaxed};
pub use about::{About, Level, Name, SpanKind};
pub(crate) use filter::{Filter, path_of};
pub use filter::{FilterError, filter};
use std::borrow::Cow;
use std::panic::Location;
use table::Table;

/// A registered place that records nothing now.
const OFF: u64 = 0;
/// The sign of a state: the place needs a closer look than on or off.
pub(crate) const SPECIAL: u64 = 1 << 63;
/// A place that was not numbered yet.
const UNREGISTERED: u64 = u64::MAX;

/// One annotated place.
///
/// Nothing in it needs to be dropped, which saves the compiler a third of what a static costs it; what is made later is
/// kept by the table of places.
#[derive(Debug)]
pub struct Callsite {
    /// [`OFF`], or word 0 of the place's spans, ready to be written; negative if it is [`SPECIAL`].
    state: AtomicU64,
    /// The number of the place, counted from one; zero before it has one.
    index: AtomicU32,
    about: About,
    slow_ns: AtomicU64,
    /// When it was last seen to be entered, see [`rarity`].
    seen_seconds: AtomicU32,
}

/// Why a place is not simply on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotSimply {
    /// It records nothing.
    Off,
    /// It was not used for a while, is compared with a threshold, or does not record every call.
    Special,
}

impl Callsite {
    /// One of which nothing was said yet.
    #[allow(clippy::declare_interior_mutable_const, reason = "each use of it is another place")]
    const UNSAID: Self = Self::new(About::UNSAID);

    /// A place that was never used.
    pub const fn new(about: About) -> Self {
        Self {
            state: AtomicU64::new(UNREGISTERED),
            index: AtomicU32::new(0),
            slow_ns: AtomicU64::new(about.slow_ns),
            about,
            seen_seconds: AtomicU32::new(0),
        }
    }

    /// One that is called like the function that this path is of, and of which nothing else is said but its keys.
    ///
    /// Written down in one piece, as are the others that most places are: the compiler runs this for each place, also
    /// where it only checks, and each call and each copy of an [`About`] is time of whoever waits for it.
    #[track_caller]
    pub const fn path(
        path: fn() -> &'static str,
        target: &'static str,
        keys: &'static [&'static str],
    ) -> Self {
        let place = Location::caller();
        Self {
            about: About {
                name: Name::Path(path),
                target,
                file: place.file(),
                line: place.line(),
                keys,
                ..About::UNSAID
            },
            ..Self::UNSAID
        }
    }

    /// The same without keys: an empty list costs the compiler more than everything else that is said here.
    #[track_caller]
    pub const fn bare(path: fn() -> &'static str, target: &'static str) -> Self {
        let place = Location::caller();
        Self {
            about: About {
                name: Name::Path(path),
                target,
                file: place.file(),
                line: place.line(),
                ..About::UNSAID
            },
            ..Self::UNSAID
        }
    }

    /// The same as [`path`](Self::path) under a name that somebody wrote.
    #[track_caller]
    pub const fn named(
        name: &'static str,
        target: &'static str,
        keys: &'static [&'static str],
    ) -> Self {
        let place = Location::caller();
        Self {
            about: About {
                name: Name::Literal(name),
                target,
                file: place.file(),
                line: place.line(),
                keys,
                ..About::UNSAID
            },
            ..Self::UNSAID
        }
    }

    /// What the compiler knows about it.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// What its spans are called.
    pub fn name(&self) -> &'static str {
        match self.about.name {
            Name::Literal(name) => name,
            Name::Path(path) => match SITES.known(self.index.load(Relaxed)) {
                Some(known) => known.name.get_or_init(|| name::leak(&name::normalise(path()))),
                None => name::leak(&name::normalise(path())),
            },
        }
    }

    /// The same of a place that may never have been used.
    pub(crate) fn name_now(&self) -> Cow<'static, str> {
        if self.index.load(Relaxed) == 0 { self.about.name.now() } else { self.name().into() }
    }

    /// Word 0 of the place's spans where it is simply on: one load and a branch.
    #[inline(always)]
    pub(crate) fn simply_on(&'static self) -> Result<u64, NotSimply> {
        let state = self.state.load(Relaxed);
        #[allow(clippy::cast_possible_wrap, reason = "the sign is the question")]
        match state as i64 {
            1.. => Ok(state),
            0 => Err(NotSimply::Off),
            _ => Err(NotSimply::Special),
        }
    }

    /// Word 0 of the place's spans, or zero where it is off.
    #[inline(always)]
    pub(crate) fn recording_as(&'static self) -> u64 {
        let state = self.state.load(Relaxed);
        // Off first: it is one branch past everything that arguments need.
        if state == OFF {
            OFF
        } else if state < SPECIAL {
            state
        } else {
            self.look_closer()
        }
    }

    /// What [`recording`](Self::recording) is asked with; zero where the place is off. For code that is compiled anew
    /// for each place.
    #[inline(always)]
    pub(crate) fn state(&'static self) -> u64 {
        self.state.load(Relaxed)
    }

    /// Word 0 of the place's spans in a state that was not off.
    #[inline(always)]
    pub(crate) fn recording(&'static self, state: u64) -> u64 {
        if state < SPECIAL { state } else { self.look_closer() }
    }

    /// Whether nothing is recorded here now.
    #[inline(always)]
    pub(crate) fn is_off(&'static self) -> bool {
        self.recording_as() == OFF
    }

    /// The same for a place that is new, or watched.
    #[cold]
    #[inline(never)]
    pub(crate) fn look_closer(&'static self) -> u64 {
        if self.state.load(Relaxed) == UNREGISTERED {
            self.register();
        }
        let state = self.state.load(Relaxed);
        if state & flag::SWEPT != 0 {
            if let Some(recorder) = recorder() {
                recorder.note_entered(self, state);
            }
        }
        state & !(SPECIAL | flag::SWEPT)
    }

    /// What its calls take from, where they are limited.
    pub(crate) fn limit(&self) -> Option<&'static Bucket> {
        let known = SITES.known(self.index.load(Relaxed))?;
        Some(known.limit.get_or_init(|| place::bucket(&self.about)))
    }

    fn register(&'static self) {
        if NOBODY_EXPECTED.load(Relaxed) && NOBODY_EXPECTED.swap(false, Relaxed) {
            if let Some(recorder) = recorder() {
                recorder.say_too_late(self);
            }
        }
        let filter = REGISTRATION.lock().unwrap_or_else(PoisonError::into_inner);
        if self.index.load(Relaxed) == 0 {
            // A full table leaves the place off for ever.
            self.index.store(SITES.push(self).unwrap_or(0), Relaxed);
        }
        // Asked under the lock: who listens first puts it in place, and then switches what is numbered under the same.
        match recorder() {
            Some(recorder) => recorder.switch(self, &filter),
            None => self.state.store(OFF, Relaxed),
        }
    }

    /// Its first use comes when tracing has ended.
    pub(crate) fn say_too_late(&self) {
        report::say(
            Importance::Warning,
            format_args!(
                "{} is not traced: the guard of tracing was dropped before the first span; \
                 keep it to the end of main, as in `let _traced = traced::init!();`",
                self.name_now()
            ),
        );
    }

    /// Sets the state that the present circumstances ask for.
    pub(crate) fn switch(&self, filter: &Filter) {
        let index = self.index.load(Relaxed);
        let decision = filter.decide(self);
        self.slow_ns.store(decision.slow_ns, Relaxed);
        let on = index != 0
            && decision.records
            && LISTENERS.load(Relaxed) > 0
            && !SWITCHED_OFF.load(Relaxed);
        let plain = head(Kind::Span, 0, index, RECORD);
        let is_watched = self.slow_ns() > 0 || self.about.attach;
        let watched = if is_watched { flag::WATCHED } else { 0 };
        let gated = if place::is_gated(&self.about) { flag::GATED } else { 0 };
        // Nobody knows yet how long ago it was entered last.
        let swept = if self.seen_seconds.load(Relaxed) == 0 { flag::SWEPT } else { 0 };
        let special_flags = watched | gated | swept;
        self.state.store(
            match (on, special_flags) {
                (false, _) => OFF,
                (true, 0) => plain,
                (true, _) => plain | special_flags | SPECIAL,
            },
            Relaxed,
        );
    }

    /// At or over this many nanoseconds a span of this place is slow; zero: never.
    pub(crate) fn slow_ns(&self) -> u64 {
        self.slow_ns.load(Relaxed)
    }
}

static SITES: Table = Table::new();
/// What places obey; held while one is numbered or all are switched, so that none is missed in between.
/// Before somebody installs a pipeline or says otherwise, captures see everything.
static REGISTRATION: Mutex<Filter> = Mutex::new(Filter::everything());
/// Installed pipelines and running captures; without any, every place is off.
static LISTENERS: AtomicUsize = AtomicUsize::new(0);
static SWITCHED_OFF: AtomicBool = AtomicBool::new(false);
/// The guard of tracing is gone, and there was no span: who comes now was meant to be traced.
static NOBODY_EXPECTED: AtomicBool = AtomicBool::new(false);

/// Somebody wants to see spans, for as long as this value lives.
#[derive(Debug)]
pub(crate) struct Listener(());

impl Listener {
    pub(crate) fn new() -> Self {
        recorder::put_in_place();
        LISTENERS.fetch_add(1, Relaxed);
        switch_all();
        Self(())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        LISTENERS.fetch_sub(1, Relaxed);
        switch_all();
    }
}

/// Whether somebody wants to see spans.
#[inline]
pub fn is_anybody_listening() -> bool {
    LISTENERS.load(Relaxed) > 0 && !SWITCHED_OFF.load(Relaxed)
}

/// Somebody wants to see spans, until the end of the process.
pub(crate) fn listen_for_ever() {
    std::mem::forget(Listener::new());
}

/// The places that were used so far.
#[cfg(feature = "init")]
#[derive(Clone, Debug)]
pub(crate) struct Census {
    pub(crate) used: usize,
    /// Those that do not record now: what the filter calls them.
    pub(crate) off: Vec<String>,
}

/// What the filter calls a place.
#[cfg(feature = "init")]
pub(crate) fn path(site: &Callsite) -> String {
    filter::path(site)
}

/// Counts the places that were used so far.
#[cfg(feature = "init")]
#[inline]
pub(crate) fn census() -> Census {
    let off = SITES.iter().filter(|site| site.state.load(Relaxed) == OFF);
    Census { used: SITES.iter().count(), off: off.map(filter::path).collect() }
}

/// Whether no place of the program was used so far.
pub(crate) fn none_was_used() -> bool {
    SITES.iter().next().is_none()
}

/// Tracing has ended without a span; the first place that is used from now on is worth a line.
pub(crate) fn expect_nobody() {
    NOBODY_EXPECTED.store(true, Relaxed);
}

/// Switches every place off, or back to what its circumstances ask for.
pub(crate) fn set_switched_off(off: bool) {
    SWITCHED_OFF.store(off, Relaxed);
    switch_all();
}

fn switch_all() {
    switch_all_by(&REGISTRATION.lock().unwrap_or_else(PoisonError::into_inner));
}

fn switch_all_by(filter: &Filter) {
    let requests_are_on = is_anybody_listening() && filter.admits_all_of(left_out::TARGET);
    left_out::settle(requests_are_on);
    SITES.iter().for_each(|site| site.switch(filter));
}

/// From now on places obey this one.
pub(crate) fn set_filter(new: Filter) {
    let mut filter = REGISTRATION.lock().unwrap_or_else(PoisonError::into_inner);
    *filter = new;
    switch_all_by(&filter);
}

/// The lock of this file, while the process forks.
#[cfg(all(unix, not(loom)))]
pub(crate) struct Held {
    _registration: crate::sync::MutexGuard<'static, Filter>,
}

#[cfg(all(unix, not(loom)))]
pub(crate) fn hold() -> Held {
    Held { _registration: REGISTRATION.lock().unwrap_or_else(PoisonError::into_inner) }
}

/// The place with this number, without a lock.
pub(crate) fn find(index: u32) -> Option<&'static Callsite> {
    SITES.get(index)
}
