//! The pipeline of the process, from `install` to the drop of its guard: each test in a process of its own.

#![allow(missing_docs)]

use opentelemetry::global;
use opentelemetry::trace::Tracer as _;
use std::collections::HashSet;
use std::error::Error;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use traced::__private::{Section, section};
use traced::data::Span;
use traced::memory::Memory;
use traced::sampling::{AlwaysOff, AlwaysOn, End, Head, Sampler, Start, Verdict};
use traced::test::capture;
use traced::{Dropped, Export, InstallError, Installed, Stats, stats};
use traced_tests::{
    Boxed, assert_tree, block_on, builder, elsewhere, flush, in_a_process_of_its_own, leaf, open,
    poll_once, site, task, twig, yield_now,
};

/// Nothing is sent but by a flush.
const NEVER: Duration = Duration::from_secs(1_000_000);

fn installed() -> (Installed, Memory) {
    let memory = Memory::new();
    let installed =
        builder().sampler(AlwaysOn).exporter(memory.clone()).interval(NEVER).install().unwrap();
    (installed, memory)
}

fn trace() {
    open!(_root = "root");
    leaf();
}

/// Every span is exported, dropped, or on its way.
#[track_caller]
fn assert_adds_up(stats: &Stats) {
    let sum = stats.exported + stats.dropped_in_all() + stats.pending;
    assert_eq!(stats.created, sum, "{stats:?}");
}

/// The same, and none is on its way.
#[track_caller]
fn assert_settled(created: u64, exported: usize) {
    let stats = stats();
    assert_adds_up(&stats);
    assert_eq!((stats.created, stats.exported, stats.pending), (created, exported as u64, 0));
}

fn names(spans: &[Span]) -> Vec<&str> {
    let mut names: Vec<_> = spans.iter().map(|span| &*span.name).collect();
    names.sort_unstable();
    names
}

#[test]
fn what_is_kept_arrives_with_a_flush() {
    in_a_process_of_its_own("what_is_kept_arrives_with_a_flush", || {
        let (_installed, memory) = installed();
        trace();
        assert_adds_up(&stats());
        assert!(flush());
        let spans = memory.take();
        assert_eq!(names(&spans), ["leaf", "root"]);
        assert_settled(2, 2);
        assert!(flush());
        assert!(memory.take().is_empty());
    });
}

#[test]
fn what_comes_after_a_flush_waits_for_the_next() {
    in_a_process_of_its_own("what_comes_after_a_flush_waits_for_the_next", || {
        let (_installed, memory) = installed();
        for _ in 0..200 {
            // The second one is often asked for before the collector has fallen asleep, and wakes it all the same.
            assert!(flush() && flush());
            leaf();
            std::thread::sleep(Duration::from_millis(1));
            assert_eq!((memory.take().len(), stats().pending), (0, 1));
            assert!(flush());
            assert_eq!(memory.take().len(), 1);
        }
    });
}

#[test]
fn what_is_kept_arrives_at_an_interval() {
    in_a_process_of_its_own("what_is_kept_arrives_at_an_interval", || {
        let memory = Memory::new();
        let exporter = memory.clone();
        let interval = Duration::from_millis(1);
        let _installed =
            builder().sampler(AlwaysOn).exporter(exporter).interval(interval).install().unwrap();
        trace();
        let mut spans = Vec::new();
        while spans.len() < 2 {
            spans.extend(memory.take());
            std::thread::yield_now();
        }
        assert_eq!(names(&spans), ["leaf", "root"]);
    });
}

#[test]
fn what_fills_an_outbox_arrives_without_a_flush() {
    in_a_process_of_its_own("what_fills_an_outbox_arrives_without_a_flush", || {
        let (_installed, memory) = installed();
        let mut spans = Vec::new();
        while spans.is_empty() {
            trace();
            spans.extend(memory.take());
        }
        assert!(flush());
        assert_adds_up(&stats());
    });
}

#[test]
fn the_drop_of_the_guard_sends_what_was_kept_and_switches_off() {
    let test = "the_drop_of_the_guard_sends_what_was_kept_and_switches_off";
    in_a_process_of_its_own(test, || {
        let (installed, memory) = installed();
        trace();
        drop(installed);
        assert_eq!(memory.take().len(), 2);
        trace();
        assert!(traced::current().is_none());
        assert!(flush());
        assert!(memory.take().is_empty());
        assert_settled(2, 2);
    });
}

#[test]
fn whoever_waits_for_ever_does() {
    in_a_process_of_its_own("whoever_waits_for_ever_does", || {
        let memory = Memory::new();
        let exporter = memory.clone();
        let builder = builder().sampler(AlwaysOn).exporter(exporter);
        let installed = builder.shutdown_within(Duration::MAX).install().unwrap();
        trace();
        assert!(traced::flush_within(Duration::MAX));
        trace();
        assert!(installed.shut_down().in_time);
        assert_eq!(memory.take().len(), 4);
    });
}

#[test]
fn a_shutdown_says_what_came_of_all_spans() {
    in_a_process_of_its_own("a_shutdown_says_what_came_of_all_spans", || {
        let (installed, memory) = installed();
        (0..10).for_each(|_| trace());
        let ended = installed.shut_down();
        assert!(ended.in_time);
        assert_eq!((ended.stats.exported, ended.stats.pending), (20, 0));
        assert_eq!(memory.take().len(), 20);
        assert_settled(20, 20);
    });
}

#[test]
fn what_is_open_at_the_end_goes_out_unfinished() {
    in_a_process_of_its_own("what_is_open_at_the_end_goes_out_unfinished", || {
        let (installed, memory) = installed();
        let mut waits: Boxed = Box::pin(task!("waits", yield_now()));
        {
            open!(_root = "root");
            assert!(poll_once(waits.as_mut()).is_pending());
        }
        assert!(flush());
        assert_eq!(names(&memory.take()), ["root"]);
        assert_eq!(stats().pending, 1);
        drop(installed);
        let spans = memory.take();
        assert_eq!(names(&spans), ["waits"]);
        assert_eq!(spans[0].attribute("traced.outcome"), Some(&"unfinished".into()));
        block_on(waits);
        assert_adds_up(&stats());
    });
}

#[test]
fn an_end_that_comes_after_its_span_was_sent_for_is_waited_for() {
    let test = "an_end_that_comes_after_its_span_was_sent_for_is_waited_for";
    in_a_process_of_its_own(test, || {
        let (_installed, memory) = installed();
        let mut waits: Boxed = Box::pin(task!("waits", async {
            yield_now().await;
            leaf();
        }));
        {
            open!(_root = "root");
            assert!(poll_once(waits.as_mut()).is_pending());
        }
        assert!(flush());
        elsewhere(|| block_on(waits));
        assert!(flush());
        let spans = memory.take();
        assert_eq!(names(&spans), ["leaf", "root", "waits"]);
        let waits = spans.iter().find(|span| span.name == "waits").unwrap();
        assert_eq!(waits.attribute("traced.outcome"), None);
        assert_settled(3, 3);
    });
}

#[test]
fn a_section_that_is_dropped_outside_of_any_trace_ends() {
    in_a_process_of_its_own("a_section_that_is_dropped_outside_of_any_trace_ends", || {
        let (_installed, memory) = installed();
        let part: Section = {
            open!(_root = "root");
            section(site!("part"), || [])
        };
        elsewhere(|| drop(part));
        assert!(flush());
        let spans = memory.take();
        assert_eq!(names(&spans), ["part", "root"]);
        assert!(spans.iter().all(|span| span.attribute("traced.outcome").is_none()));
        assert_settled(2, 2);
    });
}

#[test]
fn spans_of_many_threads_add_up_when_the_threads_are_gone() {
    in_a_process_of_its_own("spans_of_many_threads_add_up_when_the_threads_are_gone", || {
        let (_installed, memory) = installed();
        std::thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| {
                    for _ in 0..500 {
                        open!(_root = "root");
                        elsewhere(traced::in_current(leaf));
                    }
                });
            }
        });
        assert!(flush());
        let spans = memory.take();
        assert_settled(8000, 8000);
        let ids: HashSet<_> = spans.iter().map(|span| (span.trace_id, span.span_id)).collect();
        let traces: HashSet<_> = spans.iter().map(|span| span.trace_id).collect();
        assert_eq!((spans.len(), ids.len(), traces.len()), (8000, 8000, 4000));
    });
}

/// Says when it is called, and goes on when it is told to.
#[derive(Debug)]
struct Gated {
    called: Sender<()>,
    go_on: Receiver<()>,
    memory: Memory,
}

impl Export for Gated {
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        let _ = self.called.send(());
        // Nobody holds the gate any longer: it is open.
        let _ = self.go_on.recv();
        self.memory.export(spans)
    }
}

/// Records so many traces of two spans while the collector cannot come, and returns what arrives after that.
fn recorded_while_nobody_comes(memory_limit: usize, traces: u32) -> usize {
    let (called, was_called) = channel();
    let (gate, go_on) = channel();
    let memory = Memory::new();
    let exporter = Gated { called, go_on, memory: memory.clone() };
    let builder = builder().sampler(AlwaysOn).exporter(exporter).interval(NEVER);
    let _installed = builder.memory_limit(memory_limit).install().unwrap();
    trace();
    assert!(!traced::flush_within(Duration::ZERO));
    was_called.recv().unwrap();
    (0..traces).for_each(|_| trace());
    drop(gate);
    let mut arrived = 0;
    // On a busy machine it takes more than one.
    while !flush() {
        arrived += memory.take().len();
    }
    arrived += memory.take().len();
    let stats = stats();
    assert_adds_up(&stats);
    assert_eq!(stats.created, 2 * (u64::from(traces) + 1));
    assert_eq!((stats.exported, stats.pending), (arrived as u64, 0));
    assert_eq!(stats.dropped(Dropped::OutboxFull), stats.dropped_in_all());
    arrived
}

#[test]
fn more_than_there_is_room_for_is_counted() {
    in_a_process_of_its_own("more_than_there_is_room_for_is_counted", || {
        let arrived = recorded_while_nobody_comes(1 << 20, 100_000);
        assert!(arrived < 2 * 100_000, "12 MiB found room in 1 MiB");
    });
}

#[test]
fn what_waits_for_a_collector_that_does_not_come_takes_little_room() {
    in_a_process_of_its_own(
        "what_waits_for_a_collector_that_does_not_come_takes_little_room",
        || {
            // 128 bytes each, as they are recorded.
            assert_eq!(recorded_while_nobody_comes(4 << 20, 50_000), 2 * 50_001);
        },
    );
}

#[test]
fn suspended_roots_without_memory_are_counted() {
    in_a_process_of_its_own("suspended_roots_without_memory_are_counted", || {
        let (_installed, memory) = installed();
        let mut tasks: Vec<Boxed> =
            (0..30_000).map(|_| -> Boxed { Box::pin(task!("root", yield_now())) }).collect();
        for task in &mut tasks {
            assert!(poll_once(task.as_mut()).is_pending());
        }
        tasks.into_iter().for_each(block_on);
        assert!(flush());
        assert_settled(30_000, memory.take().len());
        let stats = stats();
        assert!(stats.dropped(Dropped::NoMemory) > 0);
        assert_eq!(stats.dropped(Dropped::NoMemory), stats.dropped_in_all());
    });
}

/// Fails at some of its batches, one way or the other.
#[derive(Debug, Default)]
struct Unreliable {
    batches: usize,
    memory: Memory,
}

impl Export for Unreliable {
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.batches += 1;
        match self.batches % 3 {
            1 => panic!("on purpose"),
            2 => Err("on purpose".into()),
            _ => self.memory.export(spans),
        }
    }
}

#[test]
fn an_exporter_that_fails_or_panics_costs_the_batch() {
    in_a_process_of_its_own("an_exporter_that_fails_or_panics_costs_the_batch", || {
        let memory = Memory::new();
        let exporter = Unreliable { memory: memory.clone(), ..Unreliable::default() };
        let _installed =
            builder().sampler(AlwaysOn).exporter(exporter).interval(NEVER).install().unwrap();
        for _ in 0..9 {
            trace();
            assert!(flush());
        }
        assert_eq!(memory.take().len(), 6);
        assert_settled(18, 6);
        assert_eq!(stats().dropped(Dropped::Export), 12);
    });
}

/// Takes three spans at once.
#[derive(Clone, Debug, Default)]
struct Three {
    batches: Arc<Mutex<Vec<usize>>>,
    memory: Memory,
}

impl Export for Three {
    fn most_spans(&self) -> usize {
        3
    }

    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.batches.lock().unwrap().push(spans.len());
        self.memory.export(spans)
    }
}

#[test]
fn an_exporter_gets_no_more_spans_at_once_than_it_takes() {
    in_a_process_of_its_own("an_exporter_gets_no_more_spans_at_once_than_it_takes", || {
        let exporter = Three::default();
        let _installed = builder()
            .sampler(AlwaysOn)
            .exporter(exporter.clone())
            .exporter(Memory::new())
            .interval(NEVER)
            .install()
            .unwrap();
        (0..4).for_each(|_| trace());
        assert!(flush());
        assert_eq!(*exporter.batches.lock().unwrap(), [3, 3, 2]);
        assert_settled(8, exporter.memory.take().len());
    });
}

/// Calls traced functions and libraries with spans of their own, which would be exported, and so on.
#[derive(Debug)]
struct TracedExporter(Memory);

impl Export for TracedExporter {
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        trace();
        block_on(task!("future", async { leaf() }));
        global::tracer("client").in_span("POST", |_| trace());
        assert!(opentelemetry::Context::current().is_telemetry_suppressed(), "for SDKs of others");
        self.0.export(spans)
    }
}

#[test]
fn what_an_exporter_does_is_not_traced() {
    in_a_process_of_its_own("what_an_exporter_does_is_not_traced", || {
        traced::otel::install();
        let memory = Memory::new();
        let exporter = TracedExporter(memory.clone());
        let _installed =
            builder().sampler(AlwaysOn).exporter(exporter).interval(NEVER).install().unwrap();
        trace();
        assert!(flush());
        assert!(flush());
        assert_eq!(memory.take().len(), 2);
        assert_settled(2, 2);
    });
}

/// Flushes, as code that it calls might, on the thread that everybody waits for.
#[derive(Debug)]
struct Flushes(Memory);

impl Export for Flushes {
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        assert!(!traced::flush_within(Duration::from_secs(59)), "nobody waits for himself");
        self.0.export(spans)
    }
}

#[test]
fn an_exporter_that_flushes_does_not_wait_for_itself() {
    in_a_process_of_its_own("an_exporter_that_flushes_does_not_wait_for_itself", || {
        let memory = Memory::new();
        let exporter = Flushes(memory.clone());
        let _installed =
            builder().sampler(AlwaysOn).exporter(exporter).interval(NEVER).install().unwrap();
        trace();
        assert!(flush());
        assert_eq!(memory.take().len(), 2);
    });
}

#[test]
fn there_is_one_pipeline_a_process() {
    in_a_process_of_its_own("there_is_one_pipeline_a_process", || {
        let (_installed, memory) = installed();
        let second = builder().exporter(Memory::new()).install();
        assert!(matches!(second, Err(InstallError::AlreadyInstalled)));
        trace();
        assert!(flush());
        assert_eq!(memory.take().len(), 2);
    });
}

#[test]
fn a_sampler_decides_what_is_recorded() {
    in_a_process_of_its_own("a_sampler_decides_what_is_recorded", || {
        let memory = Memory::new();
        let exporter = memory.clone();
        let builder = builder().sampler(AlwaysOff).exporter(exporter).interval(NEVER);
        let _installed = builder.install().unwrap();
        trace();
        assert!(flush());
        assert!(memory.take().is_empty());
        assert_settled(0, 0);
    });
}

/// Keeps every other trace.
#[derive(Debug, Default)]
struct EveryOther(Mutex<u64>);

impl Sampler for EveryOther {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, _: &End) -> Verdict {
        let mut count = self.0.lock().unwrap();
        *count += 1;
        if count.is_multiple_of(2) { Verdict::Keep } else { Verdict::Drop }
    }
}

#[test]
fn what_the_sampler_drops_at_the_end_is_counted() {
    in_a_process_of_its_own("what_the_sampler_drops_at_the_end_is_counted", || {
        let memory = Memory::new();
        let builder = builder().sampler(EveryOther::default()).exporter(memory.clone());
        let _installed = builder.interval(NEVER).install().unwrap();
        for _ in 0..100 {
            open!(_root = "root");
            elsewhere(traced::in_current(leaf));
        }
        assert!(flush());
        assert_settled(200, 100);
        assert_eq!(stats().dropped(Dropped::Sampled), 100);
    });
}

#[test]
fn a_capture_takes_its_traces_from_the_pipeline() {
    in_a_process_of_its_own("a_capture_takes_its_traces_from_the_pipeline", || {
        let (_installed, memory) = installed();
        trace();
        let captured = capture(|| {
            twig();
            elsewhere(leaf);
        });
        assert_tree(&captured, "twig");
        assert!(flush());
        assert_eq!(names(&memory.take()), ["leaf", "leaf", "root"]);
        assert_settled(3, 3);
    });
}

#[test]
fn two_flushes_at_the_same_time_are_both_served() {
    in_a_process_of_its_own("two_flushes_at_the_same_time_are_both_served", || {
        let (_installed, memory) = installed();
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for _ in 0..100 {
                        trace();
                        assert!(flush());
                    }
                });
            }
        });
        assert_eq!(memory.take().len(), 800);
        assert_settled(800, 800);
    });
}

/// Is itself traced.
#[derive(Debug)]
struct CallsTraced {
    at_start: bool,
}

impl Sampler for CallsTraced {
    fn start(&self, _: &Start) -> Head {
        if self.at_start {
            leaf();
        }
        Head::SAMPLED
    }

    fn end(&self, _: &End) -> Verdict {
        if !self.at_start {
            leaf();
        }
        Verdict::Keep
    }
}

#[test]
fn a_sampler_of_the_process_may_call_traced_functions_at_the_start() {
    let test = "a_sampler_of_the_process_may_call_traced_functions_at_the_start";
    in_a_process_of_its_own(test, || {
        let builder = builder().sampler(CallsTraced { at_start: true });
        let _installed = builder.exporter(Memory::new()).install().unwrap();
        twig();
    });
}

#[test]
fn a_sampler_of_the_process_may_call_traced_functions_at_the_end() {
    let test = "a_sampler_of_the_process_may_call_traced_functions_at_the_end";
    in_a_process_of_its_own(test, || {
        let builder = builder().sampler(CallsTraced { at_start: false });
        let _installed = builder.exporter(Memory::new()).install().unwrap();
        twig();
        block_on(task!("future", async { leaf() }));
    });
}

#[test]
fn a_sampler_of_the_process_may_call_traced_functions_when_it_judges_a_part() {
    let test = "a_sampler_of_the_process_may_call_traced_functions_when_it_judges_a_part";
    in_a_process_of_its_own(test, || {
        let builder = builder().sampler(CallsTraced { at_start: false });
        let _installed = builder.exporter(Memory::new()).install().unwrap();
        open!(_root = "root");
        for _ in 0..35_000 {
            open!(_call = "call");
            traced::ok!();
        }
    });
}

/// Holds spans back until it is told to send them, and says goodbye.
#[derive(Debug)]
struct HoldsBack {
    held: Vec<Span>,
    memory: Memory,
    goodbyes: Arc<Mutex<u32>>,
}

impl Export for HoldsBack {
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.held.extend_from_slice(spans);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.memory.export(&std::mem::take(&mut self.held))
    }
}

impl Drop for HoldsBack {
    fn drop(&mut self) {
        *self.goodbyes.lock().unwrap() += 1;
    }
}

#[test]
fn an_exporter_that_holds_spans_back_is_flushed_and_dropped_in_time() {
    let test = "an_exporter_that_holds_spans_back_is_flushed_and_dropped_in_time";
    in_a_process_of_its_own(test, || {
        let (memory, goodbyes) = (Memory::new(), Arc::new(Mutex::new(0)));
        let exporter =
            HoldsBack { held: Vec::new(), memory: memory.clone(), goodbyes: goodbyes.clone() };
        let installed =
            builder().sampler(AlwaysOn).exporter(exporter).interval(NEVER).install().unwrap();
        trace();
        assert!(flush());
        assert_eq!((memory.take().len(), *goodbyes.lock().unwrap()), (2, 0));
        trace();
        drop(installed);
        assert_eq!((memory.take().len(), *goodbyes.lock().unwrap()), (2, 1));
    });
}
