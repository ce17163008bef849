//! What became of every span: the sums over all outboxes.

use crate::pipeline::install;
use crate::pipeline::outbox::{Counts, Dropped, Outbox};
use crate::sampling::{Sampled, Sampler};
use crate::sync::{AtomicU64, Relaxed};

/// What became of the spans of this process so far.
///
/// At any quiet moment `created = exported + Σ dropped + pending`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Spans of segments that have ended, or of parts of them.
    pub created: u64,
    /// Handed to the exporter, and taken.
    pub exported: u64,
    /// Kept, and on their way: in an outbox, or waiting for their end.
    pub pending: u64,
    dropped: [u64; Dropped::ALL.len()],
    /// What the sampler made of segments, by class; all zero if it does not count them.
    pub sampled: Sampled,
}

impl Stats {
    /// Spans that were not exported for this reason.
    pub fn dropped(&self, reason: Dropped) -> u64 {
        self.dropped[reason as usize]
    }

    /// Spans that were not exported, for whatever reason.
    pub fn dropped_in_all(&self) -> u64 {
        self.dropped.iter().sum()
    }

    pub(crate) fn add(&mut self, counts: &Counts) {
        let (created, committed, dropped) = counts.read();
        self.created += created;
        self.pending += committed;
        for (sum, count) in self.dropped.iter_mut().zip(dropped) {
            *sum += count;
        }
    }

    /// Of those that were committed, so many went out and so many failed to.
    pub(crate) fn settle(&mut self, exported: u64, failed: u64) {
        self.exported += exported;
        self.dropped[Dropped::Export as usize] += failed;
        self.pending = self.pending.saturating_sub(exported + failed);
    }

    /// Of those that were committed, so many joined others.
    pub(crate) fn settle_folded(&mut self, folded: u64) {
        self.dropped[Dropped::Folded as usize] += folded;
        self.pending = self.pending.saturating_sub(folded);
    }
}

/// The counts of threads that are gone.
static GONE: crate::sync::Mutex<Option<Stats>> = crate::sync::Mutex::new(None);
static EXPORTED: AtomicU64 = AtomicU64::new(0);
static FAILED: AtomicU64 = AtomicU64::new(0);
static FOLDED: AtomicU64 = AtomicU64::new(0);

/// What became of the spans of this process so far.
pub fn stats() -> Stats {
    let gone = GONE.lock().unwrap_or_else(crate::sync::PoisonError::into_inner);
    let mut stats = gone.clone().unwrap_or_default();
    for outbox in Outbox::all() {
        stats.add(outbox.counts());
    }
    drop(gone);
    stats.sampled = install::sampler().and_then(Sampler::sampled).unwrap_or_default();
    stats.settle_folded(FOLDED.load(Relaxed));
    stats.settle(EXPORTED.load(Relaxed), FAILED.load(Relaxed));
    stats
}

/// Remembers the counts of outboxes whose threads are gone.
pub(crate) fn bury_closed() {
    let mut gone = GONE.lock().unwrap_or_else(crate::sync::PoisonError::into_inner);
    let sum = gone.get_or_insert_default();
    Outbox::forget_closed(|counts| sum.add(counts));
}

pub(crate) fn count_exported(spans: u64) {
    EXPORTED.fetch_add(spans, Relaxed);
}

pub(crate) fn count_failed(spans: u64) {
    FAILED.fetch_add(spans, Relaxed);
}

/// Spans joined others after they were committed.
pub(crate) fn count_folded(spans: u64) {
    FOLDED.fetch_add(spans, Relaxed);
}

/// How many were exported or failed to be.
pub(crate) fn settled() -> u64 {
    EXPORTED.load(Relaxed) + FAILED.load(Relaxed)
}

/// The lock of this file, while the process forks.
#[cfg(all(unix, not(loom)))]
pub(crate) struct Held(crate::sync::MutexGuard<'static, Option<Stats>>);

#[cfg(all(unix, not(loom)))]
pub(crate) fn hold() -> Held {
    Held(GONE.lock().unwrap_or_else(crate::sync::PoisonError::into_inner))
}

#[cfg(all(unix, not(loom)))]
impl Held {
    /// In a forked child: nothing was counted yet.
    pub(crate) fn begin_again(mut self) {
        *self.0 = None;
        EXPORTED.store(0, Relaxed);
        FAILED.store(0, Relaxed);
        FOLDED.store(0, Relaxed);
    }
}
