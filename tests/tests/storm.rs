//! A hundred times the normal load, through the whole pipeline, with the default budget and the default limit of memory.

#![allow(missing_docs)]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;
use traced::Export;
use traced::data::Span;
use traced::sampling::{Adaptive, Class};
use traced::traced;
use traced_tests::{in_a_process_of_its_own, peak_kib};

/// A million where the compiler helps; `cargo run --release -p traced-tests --example storm` measures it.
const TRACES: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
const THREADS: u64 = 4;
/// Every so many traces fail, and as many have an error that is dealt with.
const FAILS: u64 = 100;

#[traced]
fn look_up(item: u64) -> Result<u64, std::io::Error> {
    if item % FAILS == 1 { Err(std::io::ErrorKind::NotFound.into()) } else { Ok(item) }
}

#[traced]
fn order(number: u64) -> Result<u64, std::io::Error> {
    if number.is_multiple_of(FAILS) {
        return Err(std::io::ErrorKind::TimedOut.into());
    }
    Ok(look_up(number).unwrap_or_default())
}

/// Counts what comes; kept, it would be the more the longer it takes.
#[derive(Clone, Debug, Default)]
struct Counted(Arc<AtomicU64>);

impl Export for Counted {
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.0.fetch_add(spans.len() as u64, Relaxed);
        Ok(())
    }
}

#[test]
fn a_storm_stays_within_budget_and_memory_and_every_trace_is_counted() {
    let test = "a_storm_stays_within_budget_and_memory_and_every_trace_is_counted";
    in_a_process_of_its_own(test, || {
        let counted = Counted::default();
        let sampler = Adaptive::new();
        let budget = sampler.budget();
        let builder = traced_tests::builder().sampler(sampler).exporter(counted.clone());
        let _installed = builder.install().unwrap();
        // What a process has before, with all of its threads.
        std::thread::scope(|threads| {
            (0..THREADS).for_each(|_| drop(threads.spawn(|| order(7))));
        });
        let (before, begun) = (peak_kib(), Instant::now());
        std::thread::scope(|threads| {
            for thread in 0..THREADS {
                threads.spawn(move || {
                    (0..TRACES / THREADS).for_each(|n| drop(order(THREADS * n + thread)));
                });
            }
        });
        assert!(traced_tests::flush());
        let seconds = begun.elapsed().as_secs_f64();

        let stats = traced::stats();
        assert_eq!(stats.created, stats.exported + stats.dropped_in_all(), "{stats:?}");
        assert_eq!(stats.exported, counted.0.load(Relaxed));
        let sampled = &stats.sampled;
        let fates = |class| {
            [
                sampled.kept(class),
                sampled.dropped_by_chance(class),
                sampled.dropped_over_budget(class),
            ]
        };
        let all: [[u64; 3]; 6] = Class::ALL.map(fates);
        assert_eq!(all.iter().flatten().sum::<u64>(), TRACES + THREADS, "{sampled:?}");
        // Half a second's worth is in the buckets at the beginning.
        let kept: u64 = all.iter().map(|[kept, ..]| kept).sum();
        #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
        let allowed = budget.traces_per_second * (seconds + 0.5) * 1.05 + THREADS as f64;
        #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
        let is_within = kept as f64 <= allowed;
        assert!(is_within, "{kept} in {seconds} s");
        // Of each class of errors at the least what lies in its full bucket down to where chance takes over.
        let [errors, handled] = [Class::Error, Class::Handled].map(|class| sampled.kept(class));
        assert!(errors >= 12 && handled >= 1, "{sampled:?}");
        if let (Some(before), Some(after)) = (before, peak_kib()) {
            assert!(after - before <= 32 << 10, "{} KiB", after - before);
        }
    });
}
