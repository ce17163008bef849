//! The one thread that empties the outboxes and calls the exporter.
//!
//! It comes at an interval, when an outbox fills, and when somebody flushes. Nothing that an application's
//! thread does waits for it, except [`flush`] by whoever asked to wait, and never longer than said.

use crate::clock::Calibration;
use crate::export::Export;
#[cfg(feature = "otlp")]
use crate::export::otlp::Otlp;
use crate::export::span::{Limits, Resource, Span};
use crate::hook;
use crate::pipeline::assemble::{Assembler, Decoder, Hurry};
use crate::pipeline::backlog::Backlog;
use crate::pipeline::desk::Desk;
use crate::pipeline::outcome::{Health, without_secrets};
#[cfg(feature = "otlp")]
use crate::pipeline::read::read;
use crate::pipeline::read::read_chunk;
use crate::pipeline::{foreign, memory, stats};
use crate::report::{Importance, say};
use crate::segment::decode::chunks;
use crate::segment::part;
use crate::sync::{AtomicUsize, Mutex, OnceLock, PoisonError, Relaxed, thread_local};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::Thread;
use std::time::{Duration, Instant};

/// A collector's thread, and where it is asked for something.
#[derive(Debug)]
struct Crew {
    desk: Arc<Desk>,
    thread: Thread,
}

/// Each process has its own, counted from the first one that was set up: a forked child has one more.
static CREWS: [OnceLock<Crew>; GENERATIONS] = [const { OnceLock::new() }; GENERATIONS];
/// So many processes deep spans are sent.
const GENERATIONS: usize = 32;
static GENERATION: AtomicUsize = AtomicUsize::new(0);
/// What the crews of forked children are made of.
static BLUEPRINT: Mutex<Option<Plan>> = Mutex::new(None);

thread_local! {
    /// Whether this is a collector's thread, which must not wait for itself. At the end of a thread the standard
    /// library no longer knows which one it is.
    static IS_COLLECTOR: Cell<bool> = const { Cell::new(false) };
}

fn crew() -> Option<&'static Crew> {
    CREWS.get(GENERATION.load(Relaxed))?.get()
}

/// Wakes the collector. A call is never lost: who is not asleep will not fall asleep.
pub(crate) fn call() {
    if let Some(crew) = crew() {
        crew.thread.unpark();
    }
}

/// The same when so much was waiting before. Where nothing was, a forked child may need a collector first.
pub(crate) fn call_first(before: usize) {
    if before > 0 {
        call();
    } else if is_inherited() {
        hire();
    }
}

/// Whether there is a collector at all.
pub(crate) fn is_on_duty() -> bool {
    CREWS[0].get().is_some()
}

/// Whether this is a forked child whose own collector does not run yet.
fn is_inherited() -> bool {
    GENERATION.load(Relaxed) > 0 && crew().is_none()
}

/// Starts the collector of a forked child.
#[cold]
fn hire() {
    let Some(own) = CREWS.get(GENERATION.load(Relaxed)) else { return };
    // Nobody holds it for longer than this takes, and nobody while a process forks.
    let Ok(mut blueprint) = BLUEPRINT.try_lock() else { return };
    let Some(plan) = blueprint.take() else { return };
    *blueprint = Some(plan.again());
    drop(blueprint);
    if plan.exporters.is_empty() {
        let what = "spans of this forked process are dropped: its exporter does not know how to begin again";
        say(Importance::Warning, format_args!("{what}"));
    }
    if let Ok(crew) = Crew::start(plan) {
        let _ = own.set(crew);
    }
}

/// In a forked child: the collector's thread is not here.
#[cfg(all(unix, not(loom)))]
pub(crate) fn begin_again() {
    GENERATION.fetch_add(1, Relaxed);
}

/// Starts the collector.
pub(crate) fn start(plan: Plan) -> Result<(), std::io::Error> {
    memory::set_limit_bytes(plan.memory_limit);
    *BLUEPRINT.lock().unwrap_or_else(PoisonError::into_inner) = Some(plan.again());
    let crew = Crew::start(plan)?;
    if let Err(refused) = CREWS[0].set(crew) {
        refused.ask(Duration::ZERO, Wish::End);
    }
    Ok(())
}

/// What somebody wants of the collector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wish {
    Flush,
    End,
}

/// Sends what was kept until now, and waits for it, but not longer than `limit`.
pub(crate) fn flush(limit: Duration) -> bool {
    crew().is_none_or(|crew| crew.ask(limit, Wish::Flush))
}

/// The same, spans without an end included; the thread ends.
pub(crate) fn shut_down(limit: Duration) -> bool {
    crew().is_none_or(|crew| crew.ask(limit, Wish::End))
}

/// Whether a collector runs that nobody has shut down.
#[cfg(all(unix, not(loom)))]
pub(crate) fn is_running() -> bool {
    crew().is_some_and(|crew| crew.desk.closing().is_none())
}

impl Crew {
    fn start(plan: Plan) -> Result<Self, std::io::Error> {
        let desk = Arc::new(Desk::default());
        let work = Work {
            desk: desk.clone(),
            plan,
            assembler: Assembler::default(),
            clock: Calibration::start(),
            backlog: Backlog::default(),
            come: 0,
            settled_before: stats::settled(),
            health: Vec::new(),
            most_spans: usize::MAX,
        };
        let builder = std::thread::Builder::new().name("traced-collector".into());
        let thread = builder.spawn(move || work.run())?.thread().clone();
        Ok(Self { desk, thread })
    }

    fn ask(&self, limit: Duration, wish: Wish) -> bool {
        if IS_COLLECTOR.with(Cell::get) {
            return false;
        }
        self.desk.ask(limit, wish == Wish::End, || self.thread.unpark())
    }
}

/// What the collector is told at its start.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Each gets every span. What the first one takes counts as exported.
    pub(crate) exporters: Vec<Box<dyn Export>>,
    pub(crate) interval: Duration,
    pub(crate) resource: Resource,
    pub(crate) limits: Limits,
    /// Bytes of all that waits to be sent.
    pub(crate) memory_limit: usize,
    /// Whether spans say where in the source they come from.
    pub(crate) code_attributes: bool,
}

impl Plan {
    pub(crate) fn new(exporters: Vec<Box<dyn Export>>) -> Self {
        Self {
            exporters,
            interval: Duration::from_secs(1),
            resource: Resource::new(),
            limits: Limits::default(),
            memory_limit: memory::DEFAULT_LIMIT_BYTES,
            code_attributes: true,
        }
    }

    /// The same for a forked child, as far as its exporters know how to begin again.
    fn again(&self) -> Self {
        Self {
            exporters: self.exporters.iter().filter_map(Export::again).collect(),
            interval: self.interval,
            resource: self.resource.clone(),
            limits: self.limits.clone(),
            memory_limit: self.memory_limit,
            code_attributes: self.code_attributes,
        }
    }
}

/// How long those who work for the collector may wait: it is asked to end at some time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patience(Option<Arc<Desk>>);

#[cfg_attr(not(feature = "otlp"), allow(dead_code, reason = "exporters wait"))]
impl Patience {
    /// The time that is left until `deadline`, or until the collector must have ended.
    pub(crate) fn left(&self, deadline: Instant) -> Duration {
        let closing = self.0.as_ref().and_then(|desk| desk.closing());
        let deadline = closing.map_or(deadline, |closing| closing.min(deadline));
        deadline.saturating_duration_since(Instant::now())
    }

    /// Whether the collector was asked to end.
    pub(crate) fn is_short(&self) -> bool {
        self.0.as_ref().is_some_and(|desk| desk.closing().is_some())
    }

    /// Whether the collector must have ended by now.
    pub(crate) fn is_over(&self) -> bool {
        let closing = self.0.as_ref().and_then(|desk| desk.closing());
        closing.is_some_and(|closing| Instant::now() >= closing)
    }

    /// Waits so long, but not beyond the collector's end. Only on a thread that is woken then.
    pub(crate) fn pause(&self, pause: Duration) {
        let until = Instant::now() + pause;
        loop {
            // Whoever asks the collector to end wakes it, and then less is left.
            let left = self.left(until);
            if left.is_zero() {
                return;
            }
            std::thread::park_timeout(left);
        }
    }
}

/// Decoded spans are exported when they are so many: no more of them than caches hold.
const MANY: usize = 1 << 11;

/// What the thread works with.
struct Work {
    desk: Arc<Desk>,
    plan: Plan,
    assembler: Assembler,
    clock: Calibration,
    backlog: Backlog,
    /// Spans that have come, and what had been settled before the first of them.
    come: u64,
    settled_before: u64,
    /// Of the exporters that are not ours.
    health: Vec<Health>,
    /// No exporter wants more spans at once.
    most_spans: usize,
}

impl Work {
    fn run(mut self) {
        IS_COLLECTOR.with(|is_collector| is_collector.set(true));
        // Spans of the exporter's own work would be exported, and so on.
        crate::segment::thread::hot(|hot| hot.closed.set(true));
        let _silence = hook::suppress();
        let interval = self.plan.interval;
        self.introduce();
        loop {
            if !self.desk.is_asked() && self.backlog.pages() == 0 {
                // It may also wake for no reason, and then finds little to do.
                std::thread::park_timeout(interval);
            }
            let round = self.desk.begin();
            self.contained(|work| work.collect(if round.is_last { Hurry::Yes } else { Hurry::No }));
            if round.is_awaited {
                self.flush_exporters();
            }
            if round.is_last {
                self.drop_exporters();
                // What there was no time to read.
                stats::count_failed(self.backlog.spans());
            }
            self.desk.end(round);
            if round.is_last {
                return;
            }
        }
    }

    /// Tells the exporters who sends the spans.
    fn introduce(&mut self) {
        #[cfg(feature = "otlp")]
        let is_only = self.plan.exporters.len() == 1;
        for exporter in &mut self.plan.exporters {
            #[cfg(feature = "otlp")]
            if let Some(otlp) = exporter.as_otlp() {
                let said = crate::export::otlp::Said {
                    limits: self.plan.limits.clone(),
                    code_attributes: self.plan.code_attributes,
                    resource: self.plan.resource.clone(),
                };
                otlp.introduce(said, Patience(Some(self.desk.clone())));
                if is_only {
                    otlp.go_on_meanwhile();
                }
                continue;
            }
            // Anybody's code, like what comes later.
            let _ = catch_unwind(AssertUnwindSafe(|| exporter.resource(&self.plan.resource)));
            let most = catch_unwind(AssertUnwindSafe(|| exporter.most_spans()));
            self.most_spans = self.most_spans.min(most.unwrap_or(usize::MAX)).max(1);
        }
    }

    /// Somebody waits: exporters that hold spans back send them now.
    fn flush_exporters(&mut self) {
        #[cfg(feature = "otlp")]
        self.contained(Self::wait_until_sent);
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

    /// A mistake of ours costs what was in hand, counted, and not the collector.
    fn contained(&mut self, work: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.assembler = Assembler::default();
            let (outstanding, settled) = forget_bodies(&mut self.plan.exporters);
            let elsewhere = self.backlog.spans() + outstanding + (settled - self.settled_before);
            stats::count_failed(self.come.saturating_sub(elsewhere));
            say(
                Importance::Error,
                format_args!("the collector panicked; it goes on without this batch"),
            );
        }
    }

    /// Empties the outboxes; whether anything was in them.
    fn drain(&mut self) -> bool {
        let come = self.backlog.drain(&mut self.assembler);
        self.come += come;
        come > 0
    }

    fn collect(&mut self, hurry: Hurry) {
        part::note_time();
        self.clock.refresh();
        self.drain();
        stats::bury_closed();
        let foreign = foreign::take();
        self.come += foreign.len() as u64;
        #[cfg(feature = "otlp")]
        if self.only_otlp().is_some() {
            return self.encode(foreign, hurry);
        }
        let clock = self.clock.at_present();
        let mut decoder = Decoder::new(&clock);
        for _ in 0..self.backlog.pages() {
            let Some(taken) = self.backlog.next() else { break };
            for (chunk, shape) in chunks(&taken.words).zip(taken.shapes.iter().copied()) {
                read_chunk(&chunk, shape, &mut self.assembler, &mut decoder);
                if decoder.len() >= MANY {
                    self.export_all(decoder.sorted());
                }
            }
            Backlog::give_back(taken);
            if self.backlog.is_crowded() {
                self.drain();
            }
        }
        self.assembler.finish(hurry, &mut decoder);
        let spans = decoder.sorted();
        spans.extend(foreign);
        self.export_all(spans);
    }

    /// Exports spans, and leaves the room for others.
    fn export_all(&mut self, spans: &mut Vec<Span>) {
        for span in spans.iter_mut() {
            self.plan.limits.apply(span);
            if !self.plan.code_attributes {
                span.place = None;
            }
        }
        for some in spans.chunks(self.most_spans) {
            self.export(some);
        }
        spans.clear();
    }

    fn export(&mut self, spans: &[Span]) {
        let mut first = None;
        let all = spans.len() as u64;
        self.health.resize_with(self.plan.exporters.len(), Health::default);
        for (exporter, health) in self.plan.exporters.iter_mut().zip(&mut self.health) {
            // An exporter may be anybody's code. Its panic costs the batch, not the collector.
            let outcome = catch_unwind(AssertUnwindSafe(|| exporter.export(spans)));
            #[cfg(feature = "otlp")]
            if let Some(otlp) = exporter.as_otlp() {
                let settled = otlp.settled();
                first.get_or_insert((settled.exported, settled.failed));
                continue;
            }
            let result = match outcome {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(without_secrets(&error.to_string())),
                Err(_) => Err("it panicked".to_owned()),
            };
            first.get_or_insert(if result.is_ok() { (all, 0) } else { (0, all) });
            health.note(result, all);
        }
        // Nobody to take them: a forked child whose exporter does not begin again.
        let (exported, failed) = first.unwrap_or((0, spans.len() as u64));
        stats::count_exported(exported);
        stats::count_failed(failed);
    }
}

/// Forgets what is half written; returns how many spans are on their way, and how many are settled.
#[cfg_attr(not(feature = "otlp"), allow(unused_variables, reason = "others hold no bodies"))]
fn forget_bodies(exporters: &mut [Box<dyn Export>]) -> (u64, u64) {
    #[cfg(feature = "otlp")]
    if let [only] = exporters {
        if let Some(otlp) = only.as_otlp() {
            otlp.forget();
            settle(otlp.settled());
            return otlp.outstanding();
        }
    }
    (0, stats::settled())
}

/// The same where all spans go out as records say them.
#[cfg(feature = "otlp")]
impl Work {
    fn only_otlp(&mut self) -> Option<&mut Otlp> {
        let [only] = &mut self.plan.exporters[..] else { return None };
        only.as_otlp()
    }

    fn encode(&mut self, foreign: Vec<Span>, hurry: Hurry) {
        let clock = self.clock.at_present();
        // What comes meanwhile belongs to the next round.
        for _ in 0..self.backlog.pages() {
            self.wait_while(Otlp::is_behind);
            let Self { plan, assembler, backlog, .. } = self;
            let [only] = &mut plan.exporters[..] else { break };
            let Some(otlp) = only.as_otlp().filter(|otlp| !otlp.is_over()) else { break };
            let Some(taken) = backlog.next() else { break };
            let mut shapes = taken.shapes.iter().copied();
            read(&taken.words, &mut shapes, assembler, &mut otlp.batch(&clock));
            settle(otlp.settled());
            Backlog::give_back(taken);
            if self.backlog.is_crowded() {
                self.drain();
            }
        }
        let mut decoder = Decoder::new(&clock);
        self.assembler.finish(hurry, &mut decoder);
        let Some(otlp) = self.only_otlp() else { return };
        for mut span in decoder.into_spans().into_iter().chain(foreign) {
            otlp.add(&mut span);
        }
        otlp.flush();
        settle(otlp.settled());
    }

    fn wait_until_sent(&mut self) {
        if self.only_otlp().is_some() {
            self.wait_while(Otlp::is_busy);
        }
    }

    /// Waits for who sends, and empties outboxes meanwhile.
    fn wait_while(&mut self, lasts: fn(&mut Otlp) -> bool) {
        loop {
            let Some(otlp) = self.only_otlp() else { return };
            let waits = lasts(otlp);
            settle(otlp.settled());
            if !waits {
                return;
            }
            // What many threads have reserved and not used is no reason to look again at once.
            if !(self.backlog.is_crowded() && self.drain()) {
                // Woken by who sends, by an outbox that fills, and by whoever asks for something.
                std::thread::park_timeout(PAUSE);
            }
        }
    }
}

/// No pause is longer while something is on its way: somebody's time may be over meanwhile.
#[cfg(feature = "otlp")]
const PAUSE: Duration = Duration::from_millis(50);

#[cfg(feature = "otlp")]
fn settle(settled: crate::export::otlp::Settled) {
    stats::count_exported(settled.exported);
    stats::count_failed(settled.failed);
}
