//! What is known about traffic of one kind: how much of it there is, which part of it is sampled, and how long it
//! takes.
//!
//! The kind is the root's place with its route. There are at most [`KEYS`] of them; whoever finds no room
//! near where it belongs is counted with "the others". A slot whose kind was not seen for ten minutes is free
//! for another. Everything here is one word that stands for itself: threads may be a moment behind one
//! another, which costs accuracy and nothing else.

use crate::sync::{AtomicBool, AtomicU32, AtomicU64, Relaxed, thread_local};
use std::cell::Cell;
use std::fmt;

/// How many kinds are told apart.
pub(super) const KEYS: usize = 256;
/// The slot of those that found no room.
const OTHERS: usize = KEYS;
/// How far from where it belongs a kind is looked for.
const REACH: usize = 16;
/// Counts are kept apart for so many groups of threads, so that they do not fight for a word.
pub(super) const SHARDS: usize = 8;

/// All kinds of traffic.
pub(super) struct Keys {
    slots: [Slot; KEYS + 1],
    shards: [Shard; SHARDS],
}

/// One kind.
#[derive(Default)]
pub(super) struct Slot {
    /// Zero where it is free.
    id: AtomicU64,
    /// Seconds at its last sign of life.
    pub(super) seen: AtomicU32,
    /// Arrivals in a second, averaged; an `f32`.
    rate: AtomicU32,
    /// Which part of them is sampled; an `f32`.
    part: AtomicU32,
    /// Whether others decide which of its traces are sampled.
    is_joined: AtomicBool,
    /// Above this duration it is slow, see [`Slot::is_slow`].
    slow_line: AtomicU32,
}

/// Arrivals since they were last looked at.
#[repr(align(128))]
struct Shard([AtomicU32; KEYS + 1]);

thread_local! {
    static SHARD: Cell<usize> = const { Cell::new(usize::MAX) };
}

pub(super) fn shard() -> usize {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let assigned = SHARD.try_with(|shard| {
        if shard.get() == usize::MAX {
            shard.set(NEXT.fetch_add(1, Relaxed) as usize % SHARDS);
        }
        shard.get()
    });
    assigned.unwrap_or(0)
}

impl Keys {
    pub(super) fn new() -> Box<Self> {
        Box::new(Self {
            slots: std::array::from_fn(|_| Slot::default()),
            shards: std::array::from_fn(|_| Shard(std::array::from_fn(|_| AtomicU32::new(0)))),
        })
    }

    /// The slot of a kind, by any number that is the kind's own.
    pub(super) fn find(&self, id: u64) -> usize {
        let id = spread(id).max(1);
        // The upper bits, because the lower ones of an address say little.
        #[allow(clippy::cast_possible_truncation, reason = "eight bits")]
        let home = (id >> 56) as usize % KEYS;
        let reach = || (home..home + REACH).map(|at| at % KEYS);
        reach()
            .find(|at| self.slots[*at].id.load(Relaxed) == id)
            .unwrap_or_else(|| self.settle(id, reach()))
    }

    #[cold]
    fn settle(&self, id: u64, reach: impl Iterator<Item = usize>) -> usize {
        for at in reach {
            let slot = &self.slots[at].id;
            match slot.compare_exchange(0, id, Relaxed, Relaxed) {
                Ok(_) => return at,
                Err(other) if other == id => return at,
                Err(_) => {}
            }
        }
        OTHERS
    }

    pub(super) fn slot(&self, at: usize) -> &Slot {
        &self.slots[at]
    }

    /// One more of this kind.
    pub(super) fn count(&self, at: usize) {
        self.shards[shard()].0[at].fetch_add(1, Relaxed);
    }

    /// Every kind there is, with its arrivals since this was last asked.
    pub(super) fn arrivals(&self) -> impl Iterator<Item = (&Slot, u32)> {
        let taken = |at: usize| self.shards.iter().map(|shard| shard.0[at].swap(0, Relaxed)).sum();
        let known = self.slots.iter().enumerate();
        known
            .filter(|(at, slot)| *at == OTHERS || slot.id.load(Relaxed) != 0)
            .map(move |(at, slot)| (slot, taken(at)))
    }

    /// Every kind there is.
    pub(super) fn known(&self) -> impl Iterator<Item = &Slot> {
        let is_known = |at: usize, slot: &Slot| at == OTHERS || slot.id.load(Relaxed) != 0;
        self.slots
            .iter()
            .enumerate()
            .filter(move |(at, slot)| is_known(*at, slot))
            .map(|(_, slot)| slot)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("known", &(self.known().count() - 1)).finish_non_exhaustive()
    }
}

impl Slot {
    /// Others decide which of its traces are sampled.
    pub(super) fn note_joined(&self) {
        if !self.is_joined.load(Relaxed) {
            self.is_joined.store(true, Relaxed);
        }
    }

    pub(super) fn is_joined(&self) -> bool {
        self.is_joined.load(Relaxed)
    }

    /// Arrivals in a second.
    pub(super) fn rate(&self) -> f64 {
        f32::from_bits(self.rate.load(Relaxed)).into()
    }

    #[allow(clippy::cast_possible_truncation, reason = "an average needs no more digits")]
    pub(super) fn set_rate(&self, rate: f64) {
        self.rate.store((rate as f32).to_bits(), Relaxed);
    }

    /// Which part is sampled; nothing was decided yet about a new kind.
    pub(super) fn part(&self) -> Option<f64> {
        let bits = self.part.load(Relaxed);
        (bits != 0).then(|| f32::from_bits(bits).into())
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "the threshold is computed from what is stored"
    )]
    pub(super) fn set_part(&self, part: f64) {
        self.part.store((part as f32).to_bits(), Relaxed);
    }

    /// The slot is free for another kind. Whoever still counts for the old one adds to the new one's average,
    /// once.
    pub(super) fn forget(&self) {
        self.part.store(0, Relaxed);
        self.rate.store(0, Relaxed);
        self.slow_line.store(0, Relaxed);
        self.is_joined.store(false, Relaxed);
        self.id.store(0, Relaxed);
    }

    /// Whether a duration is more than twice what nearly all of this kind take; it counts for what follows.
    ///
    /// The line is at the slowest thousandth, in steps of a logarithm: one that is above raises it by a quarter
    /// of an octave, one that is below lowers it by a thousandth of that. It begins four times above the first.
    pub(super) fn is_slow(&self, duration_ns: u64) -> bool {
        const STEP: u32 = OCTAVE / 4;
        let (line, logarithm) = (self.slow_line.load(Relaxed), logarithm(duration_ns));
        let is_above = line != 0 && logarithm > line;
        self.slow_line.store(
            match (line, is_above) {
                (0, _) => logarithm + 2 * OCTAVE,
                (_, true) => line + STEP,
                (_, false) => line - STEP / 1000,
            },
            Relaxed,
        );
        is_above && logarithm > line + OCTAVE
    }
}

const OCTAVE: u32 = 1 << 20;

/// To the base of two, in parts of an octave, straight lines between the powers.
#[allow(clippy::cast_possible_truncation, reason = "below 64 octaves")]
fn logarithm(number: u64) -> u32 {
    let number = number.max(1);
    let power = number.ilog2();
    let between = ((u128::from(number) << 20) >> power) as u32 - OCTAVE;
    (power + 1) * OCTAVE + between
}

/// A bijection after which any number may serve as a hash.
const fn spread(number: u64) -> u64 {
    (number ^ (number >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_keeps_its_slot_and_too_many_are_the_others() {
        let keys = Keys::new();
        let slots: Vec<_> = (1..=10_000).map(|id| keys.find(id * 64)).collect();
        assert_eq!(slots, (1..=10_000).map(|id| keys.find(id * 64)).collect::<Vec<_>>());
        let own = slots.iter().filter(|at| **at != OTHERS).count();
        assert_eq!(own, KEYS, "none is shared but that of the others");
    }

    #[test]
    fn a_forgotten_slot_is_free_for_another() {
        let keys = Keys::new();
        let before = keys.known().count();
        let at = keys.find(7);
        assert_eq!(keys.known().count(), before + 1);
        keys.slot(at).forget();
        assert_eq!(keys.known().count(), before);
        assert_eq!(keys.slot(keys.find(8)).part(), None);
    }

    #[test]
    fn threads_count_together() {
        let keys = Keys::new();
        let at = keys.find(7);
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| (0..1000).for_each(|_| keys.count(at)));
            }
        });
        let sum = |keys: &Keys| keys.arrivals().map(|(_, arrivals)| arrivals).sum::<u32>();
        assert_eq!((sum(&keys), sum(&keys)), (4000, 0));
    }

    #[test]
    fn the_line_finds_the_slowest_thousandth_or_so() {
        let slot = Slot::default();
        let mut seed = 1_u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % 1000
        };
        // A long tail: a millisecond to a second, most of it at the lower end.
        let mut duration = || 1_000_000 * (1000 / (next() + 1));
        let early = (0..100_000).filter(|_| slot.is_slow(duration())).count();
        let late = (0..100_000).filter(|_| slot.is_slow(duration())).count();
        assert!((1..200).contains(&early) && (1..200).contains(&late), "{early}, {late}");
        assert_eq!((0..100_000).filter(|_| slot.is_slow(1_000_000)).count(), 0);
    }

    #[test]
    fn logarithms_rise() {
        assert_eq!(logarithm(0), logarithm(1));
        assert_eq!(logarithm(1024) - logarithm(512), OCTAVE);
        assert!(logarithm(u64::MAX) > logarithm(u64::MAX / 3));
        assert!((1..100_000).all(|number| logarithm(number) < logarithm(number + 1)));
    }
}
