//! What the collector does in a round: it empties the outboxes, and exports what was in them.

use crate::clock::Calibration;
use crate::deadline;
use crate::export::Export;
#[cfg(feature = "otlp")]
use crate::export::otlp::Otlp;
use crate::export::span::Span;
use crate::hook;
use crate::pipeline::assemble::{Assembler, Decoder, Hurry};
use crate::pipeline::backlog::Backlog;
use crate::pipeline::desk::Desk;
use crate::pipeline::outcome::{Health, without_secrets};
#[cfg(feature = "otlp")]
use crate::pipeline::patience::Patience;
use crate::pipeline::plan::Plan;
#[cfg(feature = "otlp")]
use crate::pipeline::read::read;
use crate::pipeline::read::read_chunk;
use crate::pipeline::{foreign, stats};
use crate::report::{Importance, say};
use crate::segment::decode::chunks;
use crate::segment::part;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
#[cfg(feature = "otlp")]
use std::time::Duration;
use std::time::Instant;

/// Decoded spans are exported when they are so many: no more of them than caches hold.
const MANY: usize = 1 << 11;

/// What the collector's thread works with.
pub(super) struct Work {
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
    pub(super) fn new(desk: Arc<Desk>, plan: Plan) -> Self {
        Self {
            desk,
            plan,
            assembler: Assembler::default(),
            clock: Calibration::start(),
            backlog: Backlog::default(),
            come: 0,
            settled_before: stats::settled(),
            health: Vec::new(),
            most_spans: usize::MAX,
        }
    }

    /// Works until somebody asks for the last round.
    pub(super) fn run(mut self) {
        // Spans of the exporter's own work would be exported, and so on.
        crate::segment::thread::hot(|hot| hot.closed.set(true));
        let _silence = hook::suppress();
        self.introduce();
        loop {
            if self.backlog.pages() == 0 {
                self.sleep();
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

    /// Until somebody wants something, or it is time. Who sends wakes it too, to be given what is ready.
    fn sleep(&mut self) {
        let until = deadline::within(self.plan.interval);
        loop {
            #[cfg(feature = "otlp")]
            self.contained(Self::hand_over);
            let left = until.saturating_duration_since(Instant::now());
            if self.desk.is_wanted() || left.is_zero() {
                return;
            }
            std::thread::park_timeout(left);
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
                otlp.introduce(said, Patience::until_the_end(&self.desk));
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

    /// Gives who sends the next body that is ready.
    fn hand_over(&mut self) {
        let Some(otlp) = self.only_otlp() else { return };
        otlp.hand_over();
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
