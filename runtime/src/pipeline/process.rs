//! The end of the process, and its fork.
//!
//! A process that ends without the guard's drop sends what it has, by a handler of `atexit`. A process that
//! forks has two ends: the parent goes on as if nothing had happened; in the child all threads but one are gone,
//! and what they held with them. So whoever forks first takes every lock of ours that somebody might hold at
//! that moment, each of which is held for moments only. The parent gives them back. The child throws away
//! what it inherited, because the parent sends it, and starts a collector of its own with its first spans.
#![allow(
    unsafe_code,
    reason = "two functions of the C library, which the standard one does not have"
)]

use crate::callsite;
use crate::id;
use crate::pipeline::{collector, foreign, install, memory, outbox, outcome, stats};
use crate::redact::class;
use crate::segment::thread;
use crate::sync::{Once, thread_local};
use std::cell::RefCell;
use std::ffi::c_int;
use std::panic::catch_unwind;

unsafe extern "C" {
    fn atexit(callback: extern "C" fn()) -> c_int;
    fn pthread_atfork(
        prepare: Option<extern "C" fn()>,
        parent: Option<extern "C" fn()>,
        child: Option<extern "C" fn()>,
    ) -> c_int;
}

static WATCHED: Once = Once::new();

/// From now on the end of the process and its forks are noticed.
pub(crate) fn watch() {
    WATCHED.call_once(|| {
        // SAFETY: the signatures are those of POSIX, and the callbacks are functions of this program, which
        // live as long as it does and let no panic out. That one of the calls fails costs what it was for.
        unsafe {
            atexit(at_exit);
            pthread_atfork(Some(before_fork), Some(in_parent), Some(in_child));
        }
    });
}

extern "C" fn at_exit() {
    let _ = catch_unwind(install::shut_down_at_exit);
}

/// Every lock that a thread might hold while another one forks.
struct Held {
    _callsites: callsite::Held,
    stats: stats::Held,
    outboxes: outbox::Held,
    foreign: foreign::Held,
    _classes: class::Held,
    outcome: outcome::Held,
}

thread_local! {
    /// What the forking thread holds meanwhile.
    static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
}

extern "C" fn before_fork() {
    let _ = catch_unwind(|| {
        id::settle();
        // In the order in which others take more than one.
        let held = Held {
            _callsites: callsite::hold(),
            stats: stats::hold(),
            outboxes: outbox::hold(),
            foreign: foreign::hold(),
            _classes: class::hold(),
            outcome: outcome::hold(),
        };
        let _ = HELD.try_with(|place| place.replace(Some(held)));
    });
}

extern "C" fn in_parent() {
    let _ = catch_unwind(|| HELD.try_with(RefCell::take));
}

extern "C" fn in_child() {
    let _ = catch_unwind(|| {
        let held = HELD.try_with(RefCell::take).ok().flatten();
        collector::begin_again();
        id::begin_again();
        memory::begin_again();
        if let Some(held) = held {
            held.stats.begin_again();
            held.foreign.begin_again();
            held.outcome.begin_again();
            held.outboxes.begin_again();
        }
        thread::begin_again();
    });
}
