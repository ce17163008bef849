//! Compression: many calls of one place in a row become one record.
//!
//! A *run* is what spans without children leave that were opened one after the other under one parent, at one
//! place, and ended well: records of one kind without anything between them. Its first sixteen stay. The rest are
//! one record, as if it had been [folded](super::fold): how many they were, from the first one's begin to the
//! last one's end, with the sum, the least and the greatest of their durations. If they are very many, all but the
//! very first join it too, which stays as an example: fifteen more of a million tell little, and what a loop sends
//! has to stay small.
//!
//! Nothing of this happens when a span ends. A chunk looks at what it has just written where its window
//! ends, once in some 250 spans, and takes back the words of the run that it is in the middle of. So a loop of a
//! million calls stays in 8 KiB. Runs that were over by then, or never filled a window, are compressed by the
//! collector in the words that it has taken.

use crate::callsite::find;
use crate::id::SpanRef;
use crate::segment::chunk::state;
use crate::segment::fold::FOLDED_WORDS;
use crate::segment::part::Emission;
use crate::segment::record::{HEADER, Kind, MAX_LENGTH, RECORD, flag, head, length_of, site_of};
use crate::segment::shared::Route;
use crate::segment::thread::Hot;
use crate::sync::{AtomicU64, Relaxed};
use std::cell::Cell;

/// So many of a run stay as they are.
const STAY: u32 = 16;
/// A run is worth a record if it has so many more.
const WORTH: u32 = 4;
/// Of a run of so many calls one stays.
const LONG: u64 = 1024;
const FOLDED_RECORD: usize = RECORD + FOLDED_WORDS;
/// What the spans of a run have in common in word 0: they are spans, nothing is remarkable about them, and it
/// is the same place.
const COMMON: u64 = 0xff | flag::REMARKABLE | 0x00ff_ffff << 24;

/// A word of a record: the chunk's own, or the collector's copy.
trait Word {
    fn get(&self) -> u64;
    fn set(&self, word: u64);
}

impl Word for AtomicU64 {
    #[inline]
    fn get(&self) -> u64 {
        self.load(Relaxed)
    }

    #[inline]
    fn set(&self, word: u64) {
        self.store(word, Relaxed);
    }
}

impl Word for Cell<u64> {
    #[inline]
    fn get(&self) -> u64 {
        Cell::get(self)
    }

    #[inline]
    fn set(&self, word: u64) {
        Cell::set(self, word);
    }
}

/// Spans in a row.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
    common: u64,
    parent: usize,
    spans: u32,
    /// The first span that does not stay, or the record that stands for such spans already.
    rest: usize,
    is_folded: bool,
}

impl Run {
    #[inline]
    fn of(words: &[impl Word; RECORD], at: usize) -> Option<Self> {
        let head = words[0].get();
        let (common, end) = (head & COMMON, at + length_of(head));
        let is_plain = common & !(0x00ff_ffff << 24) == Kind::Span as u64 && words[2].get() != 0;
        let is_folded = head & flag::FOLDED != 0;
        let parent = SpanRef(words[3].get()).position();
        is_plain.then_some(Self { start: at, end, common, parent, spans: 1, rest: at, is_folded })
    }

    /// The run with what follows it, if that belongs to it.
    #[inline]
    fn with(self, next: Self) -> Option<Self> {
        if self.common != next.common || self.parent != next.parent {
            return None;
        }
        let takes_next = !self.is_folded && (next.is_folded || self.spans <= STAY);
        let rest = if takes_next { next.start } else { self.rest };
        let is_folded = self.is_folded || next.is_folded;
        Some(Self { end: next.end, spans: self.spans + 1, rest, is_folded, ..self })
    }

    fn is_worth_it(&self) -> bool {
        let has_more = if self.is_folded {
            self.rest + FOLDED_RECORD < self.end
        } else {
            self.spans >= STAY + WORTH
        };
        has_more && self.may_be_compressed()
    }

    fn may_be_compressed(&self) -> bool {
        find(site_of(self.common)).is_none_or(|site| !site.about().uncompressed)
    }

    /// The run with all but its first span in one record, if it is so long.
    fn if_long<W: Word>(self, words: &[W]) -> Option<Self> {
        let stands_for = words.get(self.rest + RECORD).filter(|_| self.is_folded)?.get();
        if stands_for + u64::from(STAY) < LONG || !self.may_be_compressed() {
            return None;
        }
        let rest = self.start + length_of(words.get(self.start)?.get()).max(RECORD);
        (rest < self.rest).then_some(Self { rest, ..self })
    }

    /// Puts what does not stay into one record. Returns how many records there are less.
    fn merge<W: Word>(&mut self, words: &[W]) -> u32 {
        let (mut less, mut sums) = (0, [0, 0, 0, u64::MAX, 0]);
        let (mut at, mut last) = (self.rest, 0);
        while let Some(record) = words.get(at..self.end).and_then(<[W]>::first_chunk::<RECORD>) {
            let head = record[0].get();
            let taken = record[2].get().saturating_sub(record[1].get());
            let payload = words.get(at + RECORD..).and_then(<[W]>::first_chunk::<FOLDED_WORDS>);
            let one = match payload.filter(|_| head & flag::FOLDED != 0) {
                Some(folded) => folded.each_ref().map(Word::get),
                None => [1, 0, taken, taken, taken],
            };
            sums[0] += one[0];
            sums[1] += one[1];
            sums[2] = sums[2].saturating_add(one[2]);
            sums[3] = sums[3].min(one[3]);
            sums[4] = sums[4].max(one[4]);
            last = last.max(record[2].get());
            less += 1;
            at += length_of(head).max(RECORD);
        }
        let end = self.rest + FOLDED_RECORD;
        let Some(target) = words.get(self.rest..end) else { return 0 };
        let first = target[0].get() & !((MAX_LENGTH as u64) << 48);
        target[0].set(first | flag::FOLDED | (FOLDED_RECORD as u64) << 48);
        target[2].set(last);
        for (word, sum) in target[RECORD..].iter().zip(sums) {
            word.set(sum);
        }
        (self.end, self.is_folded) = (end, true);
        less - 1
    }
}

/// Looks at records from `at` on and shows each run. Returns from where to look next time: the last run, which may
/// go on, or else what is behind all records but scopes, which may be taken back.
#[inline]
fn each_run<W: Word>(words: &[W], mut at: usize, mut show: impl FnMut(&Run)) -> usize {
    let (mut run, mut settled): (Option<Run>, usize) = (None, at);
    while let Some(record) = words.get(at..).and_then(<[W]>::first_chunk::<RECORD>) {
        let head = record[0].get();
        let here = Run::of(record, at);
        let longer = run.and_then(|run| run.with(here?));
        if let (Some(over), None) = (run, longer) {
            show(&over);
        }
        run = longer.or(here);
        let length = length_of(head);
        if length < RECORD {
            return at;
        }
        at += length;
        if head & 0xff != Kind::Scope as u64 {
            settled = at;
        }
    }
    match run {
        Some(last) => {
            show(&last);
            last.start
        }
        None => settled,
    }
}

/// Takes back the words of the run that the current chunk is in the middle of.
#[cold]
pub(crate) fn compress(hot: &Hot) {
    let (block, cursor) = (hot.block.get(), hot.cursor());
    let (Some(mark), Some(written)) = (block.first(), block.get(..cursor)) else { return };
    if hot.state.get() & state::CROWDED != 0 || !is_wanted(hot) {
        return;
    }
    // The upper half of the header's first word is ours while the chunk is written.
    let seen = usize::try_from(mark.load(Relaxed) >> 32).unwrap_or(0);
    // A run that may go on is of children of the innermost span, which are written behind it.
    let from = seen.max(hot.top.get().position()).max(HEADER);
    let mut last = None;
    let next = each_run(written, from, |run| last = Some(*run));
    mark.store(Kind::Chunk as u64 | (next as u64) << 32, Relaxed);
    let at_end = last.filter(|run| run.end == cursor && run.is_worth_it());
    if let Some(mut run) = at_end {
        let less = run.merge(written);
        hot.set_cursor(run.end);
        let mut crowd = hot.crowd.take().unwrap_or_default();
        crowd.count_folded(less);
        hot.crowd.set(Some(crowd));
    }
}

/// Forgets what was looked at: positions are used again from here on.
pub(crate) fn look_from(hot: &Hot, position: usize) {
    if let Some(mark) = hot.block.get().first() {
        mark.store(Kind::Chunk as u64 | (position as u64) << 32, Relaxed);
    }
}

/// A test wants to see every span, unless it says otherwise.
fn is_wanted(hot: &Hot) -> bool {
    let shared = hot.shared.take();
    let is_wanted = match shared.as_deref().map(super::shared::Shared::route) {
        Some(Route::Capture(capture)) => capture.compresses(),
        Some(Route::Process) | None => true,
    };
    hot.shared.set(shared);
    is_wanted
}

/// Compresses all runs in the chunks that came from an outbox. Returns how many spans there are less.
pub(crate) fn compress_all(mut words: &mut [u64]) -> u64 {
    let mut less = 0;
    while let Some(header) = words.first_chunk::<HEADER>() {
        let length = usize::try_from(header[0] >> 32).unwrap_or(0);
        if length < HEADER || length > words.len() {
            break;
        }
        let (chunk, rest) = words.split_at_mut(length);
        less += compress_chunk(chunk);
        words = rest;
    }
    less
}

fn compress_chunk(chunk: &mut [u64]) -> u64 {
    let words = Cell::from_mut(chunk).as_slice_of_cells();
    let mut less = 0;
    each_run(words, HEADER, |whole| {
        let mut run = *whole;
        if run.is_worth_it() {
            less += u64::from(run.merge(words));
        }
        if let Some(mut long) = run.if_long(words) {
            less += u64::from(long.merge(words));
            run = long;
        }
        bury(&words[run.end..whole.end]);
    });
    Emission::count_less(words, less);
    less
}

/// Makes words mean nothing, so that what is behind them stays where it is.
fn bury(words: &[Cell<u64>]) {
    let mut left = words;
    while let Some(first) = left.first() {
        // What is left for the last grave is no shorter than a record.
        let length = if left.len() <= MAX_LENGTH { left.len() } else { MAX_LENGTH - RECORD };
        first.set(head(Kind::Dead, 0, 0, length));
        left = &left[length..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: u32 = 0x00ab_cdef;

    fn span(start: u64, end: u64, parent: u64, extra: usize, flags: u64) -> Vec<u64> {
        let mut words = vec![head(Kind::Span, flags, PLACE, RECORD + extra), start, end, parent];
        words.resize(RECORD + extra, 7);
        words
    }

    fn chunk(records: &[Vec<u64>]) -> Vec<u64> {
        let mut words = vec![0; HEADER];
        words.extend(records.iter().flatten());
        words[0] = Kind::Chunk as u64 | (words.len() as u64) << 32;
        words[7] = records.len() as u64;
        words
    }

    fn kinds(words: &[u64]) -> Vec<(Kind, usize, u64)> {
        let mut at = HEADER;
        let mut kinds = Vec::new();
        while at < words.len() {
            kinds.push((
                Kind::of(words[at]).unwrap(),
                length_of(words[at]),
                words[at] & flag::FOLDED,
            ));
            at += length_of(words[at]);
        }
        assert_eq!(at, words.len());
        kinds
    }

    #[test]
    fn a_run_becomes_sixteen_and_one() {
        let spans: Vec<_> = (1..=100).map(|n| span(n, 2 * n, 8, 0, 0)).collect();
        let mut words = chunk(&spans);
        assert_eq!(compress_all(&mut words), 83);
        let kinds = kinds(&words);
        assert_eq!(kinds.len(), 18);
        assert_eq!(kinds[16], (Kind::Span, FOLDED_RECORD, flag::FOLDED));
        assert_eq!(kinds[17].0, Kind::Dead);
        let folded = &words[HEADER + 16 * RECORD..][..FOLDED_RECORD];
        assert_eq!(folded[1..3], [17, 200], "from the first to the last");
        assert_eq!(folded[4..], [84, 0, (17..=100).sum(), 17, 100]);
        assert_eq!(words[7], 17);
        assert_eq!(compress_all(&mut words), 0, "and stays so");
    }

    #[test]
    fn of_a_long_run_the_first_and_one_stay() {
        for (spans, left) in [(1023, 17), (1024, 2), (5000, 2)] {
            // Words of their own that do not survive, and others that do.
            let extra = |n: u64| usize::try_from(n % 3).unwrap();
            let all = (1..=spans).map(|n| span(n, 2 * n, 8, extra(n), 0));
            let before = vec![span(1, 2, 8, 0, flag::ERROR)];
            let mut words = chunk(&before.into_iter().chain(all).collect::<Vec<_>>());
            assert_eq!(compress_all(&mut words), spans - left);
            assert_eq!(words[7], 1 + left);
            let kinds = kinds(&words);
            let stays = usize::try_from(left).unwrap();
            assert_eq!(kinds[stays], (Kind::Span, FOLDED_RECORD, flag::FOLDED));
            assert!(kinds[stays + 1..].iter().all(|(kind, ..)| *kind == Kind::Dead));
            let at = HEADER + kinds[..stays].iter().map(|(_, length, _)| length).sum::<usize>();
            let folded = &words[at..at + FOLDED_RECORD];
            assert_eq!(folded[1..3], [left, 2 * spans], "from the first to the last");
            assert_eq!(folded[4..], [spans - left + 1, 0, (left..=spans).sum(), left, spans]);
            assert_eq!(compress_all(&mut words), 0, "and stays so");
        }
    }

    #[test]
    fn what_was_merged_by_the_thread_that_wrote_it_is_short_in_the_end() {
        let mut run: Vec<_> = (1..=16).map(|n| span(n, 2 * n, 8, 0, 0)).collect();
        let mut merged = span(17, 5000, 8, FOLDED_WORDS, flag::FOLDED);
        merged[RECORD..].copy_from_slice(&[2000, 5, 90_000, 20, 300]);
        run.push(merged);
        let mut words = chunk(&run);
        assert_eq!(compress_all(&mut words), 15);
        let folded = &words[HEADER + RECORD..][..FOLDED_RECORD];
        assert_eq!(folded[1..3], [2, 5000]);
        assert_eq!(folded[4..], [2015, 5, 90_000 + (2..=16).sum::<u64>(), 2, 300]);
    }

    #[test]
    fn what_interrupts_a_run_ends_it() {
        let others = [
            span(50, 0, 8, 0, 0),
            span(50, 51, 9, 0, 0),
            span(50, 51, 8, 0, flag::ERROR),
            span(50, 51, 8, 0, flag::HANDED_OFF),
            vec![head(Kind::Event, 0, PLACE, RECORD), 1, 2, 8],
            vec![head(Kind::Span, 0, PLACE - 1, RECORD), 50, 51, 8],
        ];
        for other in others {
            let run = (1..=18).map(|n| span(n, n + 1, 8, 0, 0));
            let all: Vec<_> = run.clone().chain([other]).chain(run).collect();
            assert_eq!(compress_all(&mut chunk(&all)), 0);
        }
    }

    #[test]
    fn what_was_merged_before_takes_in_what_follows() {
        let spans: Vec<_> = (1..=40).map(|n| span(n, 2 * n, 8, 3, 0)).collect();
        let mut words = chunk(&spans);
        compress_all(&mut words);
        let dead = HEADER + 16 * 7 + FOLDED_RECORD;
        words.truncate(dead);
        words.extend((41..=50).flat_map(|n| span(n, 2 * n, 8, 0, 0)));
        words[0] = Kind::Chunk as u64 | (words.len() as u64) << 32;
        words[7] = 27;
        assert_eq!(compress_all(&mut words), 10);
        let folded = &words[dead - FOLDED_RECORD..dead];
        assert_eq!(folded[2..], [100, 8, 34, 0, (17..=50).sum(), 17, 50]);
        assert_eq!(words[7], 17);
    }

    #[test]
    fn a_very_long_run_is_buried_in_several_graves() {
        let spans: Vec<_> = (1..=20_000).map(|n| span(n, n + 1, 8, 0, 0)).collect();
        let mut words = chunk(&spans);
        assert_eq!(compress_all(&mut words), 20_000 - 2);
        assert!(kinds(&words).iter().all(|(_, length, _)| (RECORD..=MAX_LENGTH).contains(length)));
    }

    #[test]
    fn words_that_make_no_sense_are_left_alone() {
        for length in [0, 1, 7, 8, 9, 1 << 30] {
            let mut words = vec![0; 64];
            words[0] = Kind::Chunk as u64 | length << 32;
            assert_eq!(compress_all(&mut words), 0);
        }
        assert_eq!(compress_all(&mut [1, 2, 3]), 0);
    }
}
