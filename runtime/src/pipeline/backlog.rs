//! What was taken out of the outboxes and is not read yet, the oldest first.
//!
//! Outboxes are emptied whenever the collector can, also while a body is on its way: there words lie as they
//! were written. What must wait long is [compacted](super::compact), so that under one bound a few times as many
//! spans wait for a collector that is slower than the program for a while.

use super::assemble::Assembler;
use super::compact::Words;
use super::memory;
use super::outbox::Outbox;
use super::read::{Shape, survey};
use super::stats;
use crate::segment::compress::compress_all;
use std::collections::VecDeque;

/// What was taken and is not read yet.
#[derive(Default)]
pub(super) struct Backlog {
    pages: VecDeque<Page>,
    /// Words of the pages that lie as they came, and of all that is held.
    plain: usize,
    held: usize,
    spans: u64,
    taken: Vec<Words>,
    /// Where pages are compacted.
    room: Vec<u8>,
}

struct Page {
    words: Words,
    shapes: Vec<Shape>,
    spans: u64,
}

/// A page that is to be read; what it held is given back with it.
pub(super) struct Taken {
    pub(super) words: Vec<u64>,
    pub(super) shapes: Vec<Shape>,
    held: usize,
}

impl Drop for Taken {
    fn drop(&mut self) {
        memory::release(self.held);
    }
}

/// This part of what may be held waits as it came: for as long as it takes to read it, in which compacting it would
/// only be work.
const PLAIN: usize = 8;
/// With so many words in the outboxes, they are emptied before the next page is read.
const CROWDED: usize = (1 << 20) / 8;

impl Backlog {
    /// Empties all outboxes; returns how many spans have come.
    pub(super) fn drain(&mut self, assembler: &mut Assembler) -> u64 {
        let mut taken = std::mem::take(&mut self.taken);
        for outbox in Outbox::all() {
            outbox.take(&mut taken);
        }
        let come = taken.drain(..).map(|words| self.put(words, assembler)).sum();
        self.taken = taken;
        come
    }

    fn put(&mut self, words: Words, assembler: &mut Assembler) -> u64 {
        let mut shapes = Vec::new();
        let (words, spans) = match words {
            Words::Plain(mut words) => {
                stats::count_folded(compress_all(&mut words));
                let spans = survey(&words, &mut shapes, assembler);
                (self.aside(words), spans)
            }
            // A thread did so already, because there was so little room. What is said in it must be known now.
            Words::Compact(compact) => {
                let words = compact.expanded();
                let spans = survey(&words, &mut shapes, assembler);
                memory::recycle(words);
                (Words::Compact(compact), spans)
            }
        };
        if let Words::Plain(words) = &words {
            self.plain += words.len();
        }
        self.held += words.held();
        self.spans += spans;
        self.pages.push_back(Page { words, shapes, spans });
        spans
    }

    /// What is to wait long is compacted.
    fn aside(&mut self, words: Vec<u64>) -> Words {
        let is_long = self.plain > memory::limit() / PLAIN;
        if is_long { Words::put_aside(words, &mut self.room) } else { Words::Plain(words) }
    }

    /// Whether so much waits elsewhere that it is better taken first.
    pub(super) fn is_crowded(&self) -> bool {
        memory::held().saturating_sub(self.held) > CROWDED
    }

    /// How many pages wait.
    pub(super) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// How many spans they have.
    pub(super) fn spans(&self) -> u64 {
        self.spans
    }

    /// The page that has waited longest. It is given back when it was read.
    pub(super) fn next(&mut self) -> Option<Taken> {
        let Page { words, shapes, spans } = self.pages.pop_front()?;
        self.spans -= spans;
        let held = words.held();
        if let Words::Plain(words) = &words {
            self.plain -= words.len();
        }
        let words = words.into_plain();
        self.held -= held;
        Some(Taken { words, shapes, held })
    }

    /// Takes a page back that was read, for others.
    pub(super) fn give_back(mut taken: Taken) {
        memory::recycle(std::mem::take(&mut taken.words));
    }
}
