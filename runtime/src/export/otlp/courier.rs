//! Carries bodies to where they are taken, while the next ones are written.
//!
//! The collector must not stand still while an address takes its time: outboxes fill meanwhile. So once records
//! go by OTLP, a second thread does nothing but send what it is given, one body at a time. Where that thread
//! cannot be started, or somebody calls the exporter by its trait and waits anyway, bodies are sent on the spot.

use super::body::Body;
use super::sender::{Sender, Settled};
use crate::hook;
use crate::pipeline::patience::Patience;
use crate::pipeline::stats;
use crate::report::{Importance, say};
use crate::sync::{Mutex, MutexGuard, PoisonError};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, Thread};
use std::time::Instant;

/// Sends bodies, on a thread of its own if it has one.
#[derive(Debug)]
pub(super) struct Courier {
    way: Way,
    /// Bodies that wait until the one before them is taken up.
    ready: VecDeque<Parcel>,
    /// Where the next bodies may be written.
    spare: Vec<Body>,
    /// Spans that were given up unencoded since the last body.
    skipped: u64,
    /// Nobody is asked before then.
    dormant_until: Option<Instant>,
}

#[derive(Debug)]
enum Way {
    /// On the spot.
    Here(Box<Sender>),
    /// By this thread.
    There(Arc<Table>, Thread),
    /// While it is decided.
    Nowhere,
}

/// A body of so many spans, which begins at `start`.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) body: Body,
    pub(super) start: usize,
    pub(super) spans: u64,
    skipped: u64,
}

impl Parcel {
    pub(super) fn new(body: Body, start: usize, spans: u64) -> Self {
        Self { body, start, spans, skipped: 0 }
    }
}

/// Where both threads meet.
#[derive(Debug, Default)]
struct Table(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The body that is to be sent next.
    next: Option<Parcel>,
    /// The spans of the one that is being sent.
    carried: u64,
    /// Room that was used.
    back: Option<Body>,
    dormant_until: Option<Instant>,
    /// More is ready, and whoever brings it wants to know when there is room.
    wants_room: bool,
    /// Nothing more will come.
    is_over: bool,
}

impl Table {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So much used room is kept.
const SPARE: usize = 3;

impl Courier {
    pub(super) fn new(sender: Sender) -> Self {
        Self {
            way: Way::Here(Box::new(sender)),
            ready: VecDeque::new(),
            spare: Vec::new(),
            skipped: 0,
            dormant_until: None,
        }
    }

    /// From now on bodies are sent by another thread, if there can be one. Whoever calls this is woken when one
    /// was sent.
    pub(super) fn hire(&mut self, patience: &Patience) {
        let Way::Here(_) = self.way else { return };
        let table = Arc::new(Table::default());
        // The sender follows when the thread is there, because a thread that cannot be started keeps nothing.
        let first = Arc::new(Mutex::new(None));
        let (tables, firsts, patience) = (table.clone(), first.clone(), patience.clone());
        let collector = thread::current();
        let work = move || {
            let sender = loop {
                let given = firsts.lock().unwrap_or_else(PoisonError::into_inner).take();
                match given {
                    Some(sender) => break sender,
                    None => thread::park(),
                }
            };
            carry(&tables, sender, &patience, &collector);
        };
        match thread::Builder::new().name("traced-sender".into()).spawn(work) {
            Ok(handle) => {
                let way = std::mem::replace(&mut self.way, Way::Nowhere);
                if let Way::Here(sender) = way {
                    *first.lock().unwrap_or_else(PoisonError::into_inner) = Some(*sender);
                    handle.thread().unpark();
                }
                self.way = Way::There(table, handle.thread().clone());
            }
            Err(error) => say(
                Importance::Warning,
                format_args!(
                    "no thread can be started for sending, so the collector sends: {error}"
                ),
            ),
        }
    }

    /// Room for the next body.
    pub(super) fn room(&mut self) -> Body {
        self.spare.pop().unwrap_or_default()
    }

    /// Sends a body, now or as soon as its turn comes. Returns what is settled by that.
    pub(super) fn send(&mut self, mut parcel: Parcel, patience: &Patience) -> Settled {
        parcel.skipped = std::mem::take(&mut self.skipped);
        if let Way::Here(sender) = &mut self.way {
            let settled = deliver(sender, &parcel, patience);
            self.dormant_until = sender.dormant_until();
            self.keep(parcel.body);
            return settled;
        }
        self.ready.push_back(parcel);
        self.pump()
    }

    /// Hands over what is ready. Returns what was given up.
    pub(super) fn pump(&mut self) -> Settled {
        let Way::There(table, thread) = &self.way else { return Settled::default() };
        let mut state = table.state();
        let back = state.back.take();
        self.dormant_until = state.dormant_until;
        let mut given_up = 0;
        if is_before(self.dormant_until) {
            for parcel in self.ready.drain(..) {
                given_up += parcel.spans;
                self.skipped += parcel.spans + parcel.skipped;
            }
        } else if state.next.is_none() && !self.ready.is_empty() {
            state.next = self.ready.pop_front();
            thread.unpark();
        }
        state.wants_room = !self.ready.is_empty();
        drop(state);
        if let Some(body) = back {
            self.keep(body);
        }
        Settled { exported: 0, failed: given_up }
    }

    fn keep(&mut self, mut body: Body) {
        if self.spare.len() < SPARE {
            body.truncate(0);
            self.spare.push(body);
        }
    }

    /// Whether more bodies are ready than are worth writing ahead.
    pub(super) fn is_behind(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether all was sent.
    pub(super) fn is_idle(&self) -> bool {
        self.outstanding().0 == 0
    }

    /// How many spans are on their way, and how many had been settled in all at the same time.
    pub(super) fn outstanding(&self) -> (u64, u64) {
        let ready = self.ready.iter().map(|parcel| parcel.spans).sum::<u64>();
        match &self.way {
            Way::There(table, _) => {
                let state = table.state();
                let next = state.next.as_ref().map_or(0, |parcel| parcel.spans);
                (ready + next + state.carried, stats::settled())
            }
            Way::Here(_) | Way::Nowhere => (ready, stats::settled()),
        }
    }

    /// Time has become short: whoever pauses between two tries looks at the clock again.
    pub(super) fn hurry(&self) {
        if let Way::There(_, thread) = &self.way {
            thread.unpark();
        }
    }

    /// Whether nothing is to be sent now.
    pub(super) fn is_dormant(&self) -> bool {
        is_before(self.dormant_until)
    }

    /// Spans that are not even encoded, because nobody is there.
    pub(super) fn skip(&mut self, spans: u64) {
        self.skipped += spans;
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        let Way::There(table, thread) = &self.way else { return };
        let mut state = table.state();
        let left = self.ready.drain(..).chain(state.next.take());
        stats::count_failed(left.map(|parcel| parcel.spans).sum());
        state.is_over = true;
        drop(state);
        thread.unpark();
    }
}

fn is_before(until: Option<Instant>) -> bool {
    until.is_some_and(|until| Instant::now() < until)
}

/// What the courier's thread does.
fn carry(table: &Table, mut sender: Sender, patience: &Patience, collector: &Thread) {
    // Spans of this work would be exported, and so on.
    crate::segment::thread::hot(|hot| hot.closed.set(true));
    let _silence = hook::suppress();
    loop {
        let mut state = table.state();
        let Some(parcel) = state.next.take() else {
            if state.is_over {
                return;
            }
            drop(state);
            thread::park();
            continue;
        };
        state.carried = parcel.spans;
        let wants_room = std::mem::take(&mut state.wants_room);
        drop(state);
        if wants_room {
            collector.unpark();
        }
        let settled = deliver(&mut sender, &parcel, patience);
        let mut state = table.state();
        stats::count_exported(settled.exported);
        stats::count_failed(settled.failed);
        state.carried = 0;
        state.dormant_until = sender.dormant_until();
        state.back = Some(parcel.body);
        drop(state);
        collector.unpark();
    }
}

/// A mistake of ours costs the body.
fn deliver(sender: &mut Sender, parcel: &Parcel, patience: &Patience) -> Settled {
    sender.drop_spans(parcel.skipped);
    if sender.is_dormant() {
        sender.drop_spans(parcel.spans);
        return Settled { exported: 0, failed: parcel.spans };
    }
    let body = parcel.body.from(parcel.start);
    let sent = catch_unwind(AssertUnwindSafe(|| sender.send(body, parcel.spans, patience)));
    sent.unwrap_or(Settled { exported: 0, failed: parcel.spans })
}
