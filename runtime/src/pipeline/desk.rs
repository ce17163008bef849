//! Where flushes are asked for and awaited.
//!
//! Whoever asks draws a ticket and wakes the collector. The collector notes the last ticket before it begins
//! a round, so that a round serves those who asked before it, and nobody who asked during it. A thread whose outbox
//! fills does not wait, nor for a lock: it leaves a mark. Being awake is no reason for a round, because a thread is also
//! woken by what it has noticed already.

use crate::deadline;
use crate::sync::modelled::{AtomicBool, Condvar, Mutex, MutexGuard};
use crate::sync::{AcqRel, Acquire, PoisonError};
use std::time::{Duration, Instant};

/// Where flushes are asked for and awaited.
#[derive(Debug, Default)]
pub(super) struct Desk {
    state: Mutex<State>,
    /// Rung when a round is done.
    served: Condvar,
    /// Something waits to be taken, and is too much to wait for long.
    called: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    /// How many tickets were drawn, and how many of those are served.
    asked: u64,
    done: u64,
    /// The next round is the last, and by when it must be done.
    closing: Option<Instant>,
    closed: bool,
    /// It was done later than that.
    late: bool,
}

/// What the collector is to do in a round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    ticket: u64,
    /// Whether somebody waits for it.
    pub(super) is_awaited: bool,
    /// Whether it is the last.
    pub(super) is_last: bool,
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for a round, the last one if `closing`, wakes the collector, and waits until it is done, but no
    /// longer than `limit`; whether that was enough. Nobody waits for an end that was, in time or late.
    pub(super) fn ask(&self, limit: Duration, closing: bool, wake: impl FnOnce()) -> bool {
        let deadline = deadline::within(limit);
        let mut state = self.state();
        if state.closed {
            return !state.late;
        }
        state.asked += 1;
        let ticket = state.asked;
        if closing {
            state.closing.get_or_insert(deadline);
        }
        wake();
        while state.done < ticket && !state.closed {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.served.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        // At its deadline the collector gives up, and whoever asked may wake after that.
        !state.late
    }

    /// Says that something is to be taken soon, and wakes the collector.
    pub(super) fn call(&self, wake: impl FnOnce()) {
        self.called.swap(true, AcqRel);
        wake();
    }

    /// Whether somebody has called, or waits already.
    pub(super) fn is_wanted(&self) -> bool {
        let state = self.state();
        state.asked > state.done || self.called.load(Acquire)
    }

    /// By when the collector must have ended.
    #[cfg(any(feature = "otlp", all(unix, not(loom))))]
    pub(super) fn closing(&self) -> Option<Instant> {
        self.state().closing
    }

    /// Whether it has ended.
    #[cfg(all(test, loom))]
    pub(super) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// A round begins.
    pub(super) fn begin(&self) -> Round {
        // Whoever calls from now on may have left something that the round does not find.
        self.called.swap(false, AcqRel);
        let state = self.state();
        let is_awaited = state.asked > state.done;
        Round { ticket: state.asked, is_awaited, is_last: state.closing.is_some() }
    }

    /// It is done.
    pub(super) fn end(&self, round: Round) {
        let mut state = self.state();
        state.done = round.ticket;
        state.closed = round.is_last;
        state.late = round.is_last && state.closing.is_some_and(|by| Instant::now() >= by);
        drop(state);
        self.served.notify_all();
    }
}

#[cfg(all(test, loom))]
mod loom_models {
    use super::*;
    use crate::sync::Relaxed;
    use crate::sync::modelled::{Arc, AtomicUsize};
    use loom::thread;

    const LONG: Duration = Duration::from_secs(1_000);

    /// Something is left, a round is asked for, and then what was left must have been taken.
    fn race(askers: usize, closing: bool) {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(2);
        model.check(move || {
            let desk = Arc::new(Desk::default());
            let left = Arc::new(Mutex::new(0));
            let collector = thread::spawn({
                let (desk, left) = (desk.clone(), left.clone());
                move || {
                    loop {
                        // In place of `park`: loom's `unpark` also wakes who waits for a lock, and then fails.
                        while !desk.is_wanted() {
                            thread::yield_now();
                        }
                        let round = desk.begin();
                        *left.lock().unwrap() = 0;
                        desk.end(round);
                        if round.is_last {
                            return;
                        }
                    }
                }
            });
            let others = Arc::new(AtomicUsize::new(0));
            let asking: Vec<_> = (1..askers)
                .map(|_| {
                    let (desk, others) = (desk.clone(), others.clone());
                    thread::spawn(move || {
                        assert!(desk.ask(LONG, false, || {}));
                        others.fetch_add(1, Relaxed);
                    })
                })
                .collect();
            *left.lock().unwrap() = 1;
            assert!(desk.ask(LONG, closing, || {}));
            assert_eq!(*left.lock().unwrap(), 0, "what was left before is gone");
            asking.into_iter().for_each(|asker| asker.join().unwrap());
            if !closing {
                assert!(desk.ask(LONG, true, || {}));
            }
            collector.join().unwrap();
            assert!(desk.is_closed());
            assert!(desk.ask(LONG, true, || {}), "an end that was is not waited for");
        });
    }

    #[test]
    fn loom_what_somebody_calls_for_is_taken_without_a_flush() {
        loom::model(|| {
            let desk = Arc::new(Desk::default());
            let left = Arc::new(AtomicUsize::new(0));
            let caller = thread::spawn({
                let (desk, left) = (desk.clone(), left.clone());
                move || {
                    for _ in 0..2 {
                        left.fetch_add(1, Relaxed);
                        desk.call(|| {});
                    }
                }
            });
            let taken = AtomicUsize::new(0);
            let round_if_wanted = || {
                if desk.is_wanted() {
                    let round = desk.begin();
                    taken.fetch_add(left.swap(0, Relaxed), Relaxed);
                    desk.end(round);
                }
            };
            // While it calls, and when its last call has woken the collector.
            round_if_wanted();
            round_if_wanted();
            caller.join().unwrap();
            round_if_wanted();
            assert_eq!(taken.load(Relaxed), 2, "nothing is left without a mark");
        });
    }

    #[test]
    fn loom_a_flush_takes_what_was_there() {
        race(1, false);
    }

    #[test]
    fn loom_a_shutdown_takes_what_was_there() {
        race(1, true);
    }

    #[test]
    fn loom_a_flush_during_a_shutdown_is_served() {
        race(2, true);
    }
}
