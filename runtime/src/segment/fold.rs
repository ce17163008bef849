//! Folding: how a crowded chunk finds room for what matters.
//!
//! Past half of the largest block, or past the [cap](super::cap) of spans, a span that ended is folded if its whole subtree is finished and
//! unremarkable: no error, nothing slow, nothing said about it later, nobody elsewhere hanging on it. Its
//! words are used again. The first of its place under a parent stays as a record that counts; the others
//! are added to it. So the error at iteration 900,000 still finds room.

use crate::pipeline::outbox::{Counts, Dropped};
use crate::segment::cap;
use crate::segment::chunk::HALF;
use crate::segment::part::records;
use crate::segment::record::{Kind, RECORD, Slot, flag, site_of};
use crate::segment::thread::Hot;
use crate::sync::{AtomicU64, Relaxed};
use std::collections::HashMap;

/// What a folded record has behind its four words: how many spans of the place it stands for, how many
/// spans were inside of them, and the sum, the least and the greatest of their ticks.
pub(crate) const FOLDED_WORDS: usize = 5;
/// More pairs of parent and place than this are folded without a record.
const MAX_FOLDS: usize = 256;

/// What a crowded chunk remembers.
pub(crate) struct Crowd {
    /// What is written behind this is folded.
    begins: usize,
    /// The folded record of each parent and place.
    folds: HashMap<(usize, u32), usize>,
    /// The greatest position known to hold something that cannot be folded.
    unfoldable: usize,
    folded: u32,
    refused: u32,
    /// Of spans past the cap.
    capped: u32,
}

impl Default for Crowd {
    fn default() -> Self {
        let (folds, unfoldable) = (HashMap::new(), 0);
        Self { begins: HALF, folds, unfoldable, folded: 0, refused: 0, capped: 0 }
    }
}

impl Crowd {
    /// A span found no room.
    pub(crate) fn refuse(&mut self) {
        self.refused += 1;
    }

    /// Folding begins here already.
    pub(crate) fn begin_at(&mut self, position: usize) {
        self.begins = self.begins.min(position);
    }

    /// Spans that are not told by any record.
    pub(crate) fn omitted(&self) -> u32 {
        self.refused + self.capped
    }

    /// Spans joined a record that stands for them.
    pub(crate) fn count_folded(&mut self, spans: u32) {
        self.folded += spans;
    }

    pub(crate) fn refused(&self) -> u32 {
        self.refused
    }

    /// Counts what was not written down, and returns how many spans that were.
    pub(crate) fn count_in(&self, counts: &Counts) -> u32 {
        counts.dropped(Dropped::Folded, self.folded);
        counts.dropped(Dropped::SegmentFull, self.refused);
        counts.dropped(Dropped::SpanCap, self.capped);
        self.lost()
    }

    /// How many created spans are not written down.
    pub(crate) fn lost(&self) -> u32 {
        self.folded + self.refused + self.capped
    }
}

/// Counts a span of the current chunk that found no room.
#[cold]
pub(crate) fn refuse(hot: &Hot) {
    let is_capped = cap::is_reached(hot);
    hot.set_spans(hot.spans() + 1);
    let mut crowd = hot.crowd.take().unwrap_or_default();
    if is_capped {
        crowd.capped += 1;
    } else {
        crowd.refuse();
    }
    hot.crowd.set(Some(crowd));
}

/// The span at this position has just ended: folds it, if it may be.
#[cold]
pub(crate) fn fold(hot: &Hot, position: usize) {
    let mut crowd = hot.crowd.take().unwrap_or_default();
    if position < crowd.begins {
        hot.crowd.set(Some(crowd));
        return;
    }
    let block = hot.block.get();
    if crowd.unfoldable < position {
        match subtree(block, position, hot.cursor()) {
            Subtree::Foldable { records, inside } => {
                let end = crowd.take_in(block, position, records, inside);
                hot.set_cursor(end);
            }
            Subtree::Remarkable { at } => crowd.unfoldable = at,
        }
    }
    hot.crowd.set(Some(crowd));
}

enum Subtree {
    /// So many records, and below the first so many spans, those that were folded before included.
    Foldable {
        records: u32,
        inside: u64,
    },
    Remarkable {
        at: usize,
    },
}

/// Looks at everything that was written since a span was entered.
fn subtree(block: &[AtomicU64], position: usize, cursor: usize) -> Subtree {
    let (mut count, mut inside) = (0, 0);
    let mut at = position;
    for (offset, slot) in records_from(&block[..cursor], position) {
        at = offset;
        let finished = slot.kind() == Some(Kind::Span) && slot.end() != 0;
        if !finished || slot.has(flag::REMARKABLE) {
            return Subtree::Remarkable { at };
        }
        count += 1;
        if offset > position {
            inside += if slot.has(flag::FOLDED) { stands_for(block, offset) } else { 1 };
        }
    }
    if count == 0 {
        Subtree::Remarkable { at }
    } else {
        Subtree::Foldable { records: count, inside }
    }
}

/// How many spans a folded record stands for, those inside of them included.
fn stands_for(block: &[AtomicU64], position: usize) -> u64 {
    let word = |at: usize| block.get(position + RECORD + at).map_or(0, |word| word.load(Relaxed));
    word(0) + word(1)
}

fn records_from(words: &[AtomicU64], position: usize) -> impl Iterator<Item = (usize, Slot<'_>)> {
    // The records of a chunk begin behind its header; here they begin at a span.
    let skipped = position - crate::segment::record::HEADER;
    words
        .get(skipped..)
        .into_iter()
        .flat_map(records)
        .map(move |(offset, slot)| (offset + skipped, slot))
}

impl Crowd {
    /// Folds the subtree at `position`, and returns where the chunk goes on.
    fn take_in(
        &mut self,
        block: &[AtomicU64],
        position: usize,
        records: u32,
        inside: u64,
    ) -> usize {
        let Some(slot) = Slot::new(block, position) else { return position };
        if records > 1 {
            self.folds.retain(|_, example| *example < position);
        }
        let key = (slot.parent(), site_of(slot.head()));
        let taken = slot.end().saturating_sub(slot.start());
        if let Some(example) = self.folds.get(&key) {
            add(block, *example, slot.end(), taken, inside);
            self.folded += records;
            return position;
        }
        let end = position + RECORD + FOLDED_WORDS;
        if self.folds.len() >= MAX_FOLDS || end > block.len() {
            self.folded += records;
            return position;
        }
        self.folds.insert(key, position);
        self.folded += records - 1;
        slot.add_flags(flag::FOLDED);
        slot.set_length(RECORD + FOLDED_WORDS);
        for (word, value) in
            block[position + RECORD..end].iter().zip([1, inside, taken, taken, taken])
        {
            word.store(value, Relaxed);
        }
        end
    }
}

/// Adds one span to the record that stands for its place.
fn add(block: &[AtomicU64], example: usize, end: u64, taken: u64, inner: u64) {
    let Some(slot) = Slot::new(block, example) else { return };
    let words = block.get(example + RECORD..).and_then(|words| words.first_chunk::<FOLDED_WORDS>());
    let Some([count, inside, sum, least, greatest]) = words else { return };
    let change = |word: &AtomicU64, to: u64| word.store(to, Relaxed);
    change(count, count.load(Relaxed) + 1);
    change(inside, inside.load(Relaxed) + inner);
    change(sum, sum.load(Relaxed).saturating_add(taken));
    change(least, least.load(Relaxed).min(taken));
    change(greatest, greatest.load(Relaxed).max(taken));
    slot.set_end(end);
}
