//! The one thread that empties the outboxes and calls the exporter.
//!
//! It comes at an interval, when an outbox fills, and when somebody flushes. Nothing that an application's
//! thread does waits for it, except [`Collector::flush`] by whoever asked to wait, and never longer than said.

use crate::clock::Calibration;
use crate::export::Export;
use crate::export::span::{Limits, Resource, Span};
use crate::pipeline::assemble::{Assembler, Decoder, Hurry};
use crate::pipeline::outbox::Outbox;
use crate::pipeline::read::{read, survey};
use crate::pipeline::{foreign, memory, stats};
use crate::segment::part;
use crate::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::Thread;
use std::time::{Duration, Instant};

/// A handle on the collector's thread.
#[derive(Debug)]
pub(crate) struct Collector {
    desk: Arc<Desk>,
    thread: Thread,
}

/// Whom to call when an outbox fills.
static ON_DUTY: OnceLock<Thread> = OnceLock::new();

/// Wakes the collector. A call is never lost: who is not asleep will not fall asleep.
pub(crate) fn call() {
    if let Some(thread) = ON_DUTY.get() {
        thread.unpark();
    }
}

/// Whether there is a collector at all.
pub(crate) fn is_on_duty() -> bool {
    ON_DUTY.get().is_some()
}

/// What the collector is told at its start.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Each gets every span. What the first one takes counts as exported.
    pub(crate) exporters: Vec<Box<dyn Export>>,
    /// Where they go by our own OTLP, before any of the exporters, if anywhere.
    #[cfg(feature = "otlp")]
    #[allow(dead_code, reason = "read by the encoder")]
    pub(crate) otlp: Option<crate::export::otlp::Settings>,
    pub(crate) interval: Duration,
    pub(crate) resource: Resource,
    pub(crate) limits: Limits,
    /// Bytes of all that waits to be sent.
    pub(crate) memory_limit: usize,
    /// Whether spans say where in the source they come from.
    #[allow(dead_code, reason = "decoded spans have their place beside their attributes")]
    pub(crate) code_attributes: bool,
}

impl Plan {
    pub(crate) fn new(exporters: Vec<Box<dyn Export>>) -> Self {
        Self {
            exporters,
            #[cfg(feature = "otlp")]
            otlp: None,
            interval: Duration::from_secs(1),
            resource: Resource::new(),
            limits: Limits::default(),
            memory_limit: memory::DEFAULT_LIMIT_BYTES,
            code_attributes: true,
        }
    }
}

/// Where requests lie and answers are awaited.
#[derive(Debug, Default)]
struct Desk {
    state: Mutex<State>,
    /// Rung when a request is done.
    served: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How many flushes were asked for, and how many of those are done.
    asked: u64,
    done: u64,
    /// The next one is the last.
    closing: bool,
    closed: bool,
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector {
    /// Starts the thread.
    pub(crate) fn start(plan: Plan) -> Result<Self, std::io::Error> {
        memory::set_limit_bytes(plan.memory_limit);
        let desk = Arc::new(Desk::default());
        let work = Work {
            desk: desk.clone(),
            plan,
            assembler: Assembler::default(),
            clock: Calibration::start(),
            taken: Vec::new(),
        };
        let thread = std::thread::Builder::new()
            .name("traced-collector".into())
            .spawn(move || work.run())?
            .thread()
            .clone();
        let _ = ON_DUTY.set(thread.clone());
        Ok(Self { desk, thread })
    }

    /// Sends what was kept until now, and waits for it, but not longer than `limit`.
    pub(crate) fn flush(&self, limit: Duration) -> bool {
        self.ask(limit, |_| {})
    }

    /// The same, spans without an end included; the thread ends.
    pub(crate) fn shut_down(&self, limit: Duration) -> bool {
        self.ask(limit, |state| state.closing = true)
    }

    fn ask(&self, limit: Duration, how: impl FnOnce(&mut State)) -> bool {
        let deadline = Instant::now() + limit;
        let mut state = self.desk.state();
        if state.closed {
            return true;
        }
        state.asked += 1;
        let ticket = state.asked;
        how(&mut state);
        self.thread.unpark();
        while state.done < ticket && !state.closed {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.desk.served.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

/// What the thread works with.
struct Work {
    desk: Arc<Desk>,
    plan: Plan,
    assembler: Assembler,
    clock: Calibration,
    /// The words of this batch.
    taken: Vec<Vec<u64>>,
}

impl Work {
    fn run(mut self) {
        // Spans of the exporter's own work would be exported, and so on.
        crate::segment::thread::hot(|hot| hot.closed.set(true));
        let interval = self.plan.interval;
        self.introduce();
        loop {
            let (asked, closing) = self.wait(interval);
            self.collect(if closing { Hurry::Yes } else { Hurry::No });
            if asked > self.desk.state().done {
                self.flush_exporters();
            }
            if closing {
                self.drop_exporters();
            }
            let mut state = self.desk.state();
            state.done = asked;
            state.closed = closing;
            drop(state);
            self.desk.served.notify_all();
            if closing {
                return;
            }
        }
    }

    /// Tells the exporters who sends the spans.
    fn introduce(&mut self) {
        for exporter in &mut self.plan.exporters {
            // Anybody's code, like what comes later.
            let _ = catch_unwind(AssertUnwindSafe(|| exporter.resource(&self.plan.resource)));
        }
    }

    /// Somebody waits: exporters that hold spans back send them now.
    fn flush_exporters(&mut self) {
        for exporter in &mut self.plan.exporters {
            let _ = catch_unwind(AssertUnwindSafe(|| exporter.flush()));
        }
    }

    /// Exporters say goodbye when they are dropped, and that belongs to the time that somebody waits.
    fn drop_exporters(&mut self) {
        for exporter in self.plan.exporters.drain(..) {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(exporter)));
        }
    }

    /// Waits until the interval is over or somebody calls; returns how many flushes this will serve.
    fn wait(&self, interval: Duration) -> (u64, bool) {
        let is_asked = |state: &State| state.asked > state.done;
        if !is_asked(&self.desk.state()) {
            // It may also wake for no reason, and then finds little to do.
            std::thread::park_timeout(interval);
        }
        let state = self.desk.state();
        (state.asked, state.closing)
    }

    fn collect(&mut self, hurry: Hurry) {
        part::note_time();
        self.clock.refresh();
        for outbox in Outbox::all() {
            outbox.take(&mut self.taken);
        }
        stats::bury_closed();
        let mut shapes = Vec::new();
        for words in &self.taken {
            survey(words, &mut shapes, &mut self.assembler);
        }
        let mut shapes = shapes.into_iter();
        let mut decoder = Decoder::new(&self.clock);
        for words in self.taken.drain(..) {
            read(&words, &mut shapes, &mut self.assembler, &mut decoder);
            memory::give_back(words);
        }
        self.assembler.finish(hurry, &mut decoder);
        let mut spans = decoder.into_spans();
        spans.append(&mut foreign::take());
        for span in &mut spans {
            self.plan.limits.apply(span);
        }
        if !spans.is_empty() {
            self.export(&spans);
        }
    }

    fn export(&mut self, spans: &[Span]) {
        let mut taken = Vec::with_capacity(self.plan.exporters.len());
        for exporter in &mut self.plan.exporters {
            // An exporter may be anybody's code. Its panic costs the batch, not the collector.
            let outcome = catch_unwind(AssertUnwindSafe(|| exporter.export(spans)));
            taken.push(matches!(outcome, Ok(Ok(()))));
        }
        match taken.first() {
            Some(true) => stats::count_exported(spans.len()),
            _ => stats::count_failed(spans.len()),
        }
    }
}
