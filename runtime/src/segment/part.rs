//! What leaves a chunk: all of it at its end, or the finished part of one that is too long or too full.
//!
//! A root that never ends would be judged never, so a chunk that has run for [`LONG_NS`], or that is full
//! although its finished spans were folded, is judged on what it has. If it is kept, everything goes out,
//! and what is still open is *carried*: its record stays where it is, because guards and futures know it by
//! position, and becomes a note of who it was. The chunk counts its parts, so that positions that are used
//! again give new ids. If it is dropped, the finished spans are forgotten in place.

use crate::callsite::{Callsite, find, rarity};
use crate::clock;
use crate::pipeline::outbox::{Dropped, Outbox};
use crate::sampling::{self, Decision};
use crate::segment::block::MAX_WORDS;
use crate::segment::chunk::state;
use crate::segment::copy;
use crate::segment::record::{
    HEADER, Kind, MAX_LENGTH, RECORD, SAMPLING_WORD, Slot, flag, head, site_of,
};
use crate::segment::shared::Shared;
use crate::segment::thread::{Hot, outbox_of};
use crate::segment::{cap, compress, open};
use crate::sync::{AtomicU64, Relaxed};
use std::cell::Cell;

/// A root that runs longer is judged in parts. It is noticed where the window grows or a task is polled.
pub(crate) const LONG_NS: u64 = 30_000_000_000;

/// The words of a chunk on their way to an outbox.
pub(crate) struct Emission<'w> {
    source: Source<'w>,
    spans: u32,
    /// Spans of the chunk that are not told by any record.
    omitted: u32,
    decision: Decision,
}

enum Source<'w> {
    /// The beginning of a block.
    Whole(&'w [AtomicU64]),
    /// The same, without what an earlier part sent.
    Rest(&'w [AtomicU64]),
    /// Whole chunks that waited for the verdict.
    Waiting(&'w [u64]),
}

impl<'w> Emission<'w> {
    /// All that a chunk holds now, `spans` of it spans.
    pub(crate) fn of(block: &'w [AtomicU64], cursor: usize, bits: u32, spans: u32) -> Self {
        let words = &block[..cursor];
        let source =
            if bits & state::PARTED == 0 { Source::Whole(words) } else { Source::Rest(words) };
        Self { source, spans, omitted: 0, decision: Decision::OPEN }
    }

    pub(crate) fn waiting(words: &'w [u64], spans: u32) -> Self {
        Self { source: Source::Waiting(words), spans, omitted: 0, decision: Decision::OPEN }
    }

    /// The same with what was decided about the segment.
    pub(crate) fn decided(self, decision: Decision) -> Self {
        Self { decision, ..self }
    }

    /// How many spans it has more than are written down.
    pub(crate) fn omitted(&self) -> u32 {
        self.omitted
    }

    /// The same of a chunk with so many spans more than are written down.
    pub(crate) fn omitting(self, omitted: u32) -> Self {
        Self { omitted, ..self }
    }

    /// Some of the spans of a chunk that was appended have joined others.
    pub(crate) fn count_less(chunk: &[Cell<u64>], less: u64) {
        if let Some(spans) = chunk.get(7) {
            spans.set(spans.get().saturating_sub(less));
        }
    }

    /// How many spans it holds.
    pub(crate) fn spans(&self) -> u32 {
        self.spans
    }

    /// At most so many words.
    pub(crate) fn words(&self) -> usize {
        match self.source {
            Source::Whole(words) | Source::Rest(words) => words.len(),
            Source::Waiting(words) => words.len(),
        }
    }

    /// The last word of the header: how many spans are in it, and how many are not.
    fn last_word(&self) -> u64 {
        u64::from(self.spans) | u64::from(self.omitted) << 32
    }

    /// Writes the words behind those that are there.
    #[inline(always)]
    pub(crate) fn append_to(&self, out: &mut Vec<u64>) {
        let start = out.len();
        match self.source {
            Source::Whole(words) => {
                // Said before it is copied, which is cheaper than after.
                if let Some(header) = words.first_chunk::<HEADER>() {
                    header[0].store(first_word(words.len()), Relaxed);
                    let sampling = &header[SAMPLING_WORD];
                    sampling.store(self.decision.applied_to(sampling.load(Relaxed)), Relaxed);
                    header[7].store(self.last_word(), Relaxed);
                }
                return copy::append(words, out);
            }
            Source::Rest(words) => append_rest(words, out),
            Source::Waiting(words) => {
                out.extend_from_slice(words);
                return decide_all(&mut out[start..], self.decision);
            }
        }
        let length = out.len() - start;
        if let Some(header) = out.get_mut(start..).and_then(<[u64]>::first_chunk_mut::<HEADER>) {
            header[0] = first_word(length);
            header[SAMPLING_WORD] = self.decision.applied_to(header[SAMPLING_WORD]);
            header[7] = self.last_word();
        }
    }
}

/// Writes the decision into the headers of chunks that have waited for it; each has its own length already.
fn decide_all(mut words: &mut [u64], decision: Decision) {
    while let Some(header) = words.first_chunk_mut::<HEADER>() {
        header[SAMPLING_WORD] = decision.applied_to(header[SAMPLING_WORD]);
        let length = usize::try_from(header[0] >> 32).unwrap_or(0).max(HEADER);
        words = words.get_mut(length..).unwrap_or_default();
    }
}

/// The first word of a chunk of this length.
const fn first_word(length: usize) -> u64 {
    Kind::Chunk as u64 | (length as u64) << 32
}

/// Runs of dead words become one gap, so that positions can still be told.
fn append_rest(words: &[AtomicU64], out: &mut Vec<u64>) {
    copy::append(&words[..HEADER.min(words.len())], out);
    let mut gap = 0;
    for (at, slot) in records(words) {
        let length = slot.length();
        if slot.kind() == Some(Kind::Dead) {
            gap += length;
            continue;
        }
        append_gap(&mut gap, out);
        copy::append(&words[at..(at + length).min(words.len())], out);
    }
}

fn append_gap(gap: &mut usize, out: &mut Vec<u64>) {
    if *gap > 0 {
        out.extend([head(Kind::Gap, 0, 0, RECORD), 0, *gap as u64, 0]);
        *gap = 0;
    }
}

/// The records of a chunk with their positions.
pub(crate) fn records(words: &[AtomicU64]) -> impl Iterator<Item = (usize, Slot<'_>)> {
    let mut at = HEADER;
    std::iter::from_fn(move || {
        let slot = Slot::new(words, at)?;
        let length = slot.length();
        // Lengths are our own, but an endless loop is not the way to learn that one is wrong.
        if length < RECORD {
            return None;
        }
        let position = at;
        at += length;
        Some((position, slot))
    })
}

/// Cuts a part off a chunk that has run for very long.
pub(crate) fn cut_if_long(hot: &Hot) {
    if hot.since.get() == 0 {
        // Nothing is old that was never looked at.
        hot.since.set(clock::ticks());
    }
    if clock::elapsed_ns(hot.since.get(), clock::ticks()) >= LONG_NS {
        cut(hot);
    }
}

/// When the collector last looked at the clock, for those who would not pay for a look of their own.
static LATELY: AtomicU64 = AtomicU64::new(0);

/// The collector looks at the clock for everybody.
pub(crate) fn note_time() {
    rarity::sweep_if_due();
    LATELY.store(clock::ticks(), Relaxed);
}

/// The same for a task, at each of its polls: one load, unless the task is older than the last look.
#[inline]
pub(crate) fn cut_if_task_is_long(hot: &Hot) {
    let lately = LATELY.load(Relaxed);
    let since = hot.since.get();
    if since == 0 {
        hot.since.set(lately);
    } else if lately > since && hot.is_recording() && clock::elapsed_ns(since, lately) >= LONG_NS {
        cut(hot);
    }
}

/// Judges the current chunk on what it has, and frees the room of what is finished.
#[cold]
pub(crate) fn cut(hot: &Hot) {
    hot.since.set(clock::ticks());
    let shared = hot.shared.take();
    let outbox = outbox_of(shared.as_deref());
    match verdict(hot, shared.as_deref()) {
        Some(decision) if decision.is_kept() => {
            if let Some(shared) = shared.as_ref().filter(|_| hot.state.get() & state::ROOT != 0) {
                shared.decide(decision, &outbox);
            }
            // What the chunk sends later follows it.
            if let Some(word) = hot.block.get().get(SAMPLING_WORD) {
                word.store(decision.applied_to(word.load(Relaxed)), Relaxed);
            }
            send_and_carry(hot, &outbox);
        }
        Some(_) => forget_finished(hot, &outbox),
        // A visitor whose root is still undecided keeps what it has, and drops the newest instead.
        None => {}
    }
    hot.shared.set(shared);
}

/// A cut that frees less is not worth the verdict and the copy.
const WORTH_CUTTING: usize = MAX_WORDS / 32;

/// The same for one that is full, unless that would be in vain: what is still open near the end of the
/// block stays there, and a chunk that could not be helped is not asked about at each of its spans.
pub(crate) fn cut_if_full(hot: &Hot) {
    let crowd = hot.crowd.take();
    let refused = crowd.as_ref().map_or(0, |crowd| crowd.refused());
    hot.crowd.set(crowd);
    let behind_innermost = hot.cursor() - hot.top.get().position();
    if behind_innermost > WORTH_CUTTING && (refused == 0 || refused.is_power_of_two()) {
        cut(hot);
    }
}

fn verdict(hot: &Hot, shared: Option<&Shared>) -> Option<Decision> {
    let bits = hot.state.get();
    if bits & state::KEPT != 0 {
        sampling::note_more(sampling::bytes_of(hot.cursor()), shared);
        return Some(Decision::of_block(hot.block.get()));
    }
    if bits & state::ROOT == 0 {
        let verdict = shared.and_then(Shared::verdict);
        if verdict.is_some_and(Decision::is_kept) {
            sampling::note_more(sampling::bytes_of(hot.cursor()), shared);
        }
        return verdict;
    }
    sampling::judge(hot.block.get(), hot.cursor(), bits, shared)
}

/// A span that is carried forgets when it began, so that it is compared with its threshold now.
fn note_slow(hot: &Hot) {
    let now = clock::ticks();
    for (_, slot) in records(&hot.block.get()[..hot.cursor()]) {
        if slot.kind() == Some(Kind::Span) && slot.end() == 0 && slot.has(flag::WATCHED) {
            let threshold = find(site_of(slot.head())).map_or(0, Callsite::slow_ns);
            if threshold > 0 && clock::elapsed_ns(slot.start(), now) >= threshold {
                slot.add_flags(flag::SLOW);
                hot.add_state(state::SLOW);
            }
        }
    }
}

fn send_and_carry(hot: &Hot, outbox: &Outbox) {
    note_slow(hot);
    let omitted = omitted(hot);
    let spans = settle_counts(hot, outbox);
    let block = hot.block.get();
    let words = Emission::of(block, hot.cursor(), hot.state.get(), spans);
    let sent = cap::sent(block) + u64::from(spans);
    outbox.commit(&words.omitting(omitted));
    cap::set_sent(block, sent);
    hot.set_spans(0);
    hot.add_state(state::KEPT | state::PARTED | state::STAND_INS);
    let old = hot.top.get();
    let new = old.next_part();
    if let Some(chunk) = block.get(4) {
        chunk.store(new.name().at(0).0, Relaxed);
    }
    hot.rename(new);
    let open = open_scopes(hot);
    let last = bury(&block[..hot.cursor()], |at, slot| {
        let is_open = match slot.kind() {
            Some(Kind::Span) if slot.end() == 0 => {
                let site = site_of(slot.head());
                if at == HEADER {
                    open::note_begun(old, slot.start());
                }
                slot.set_head(head(Kind::Carried, 0, site, slot.length()));
                slot.set_start(old.at(at).name().0);
                true
            }
            Some(Kind::Carried) => slot.end() == 0,
            Some(Kind::Scope) => open.contains(&at),
            Some(Kind::TraceState) => true,
            _ => false,
        };
        // Whoever closes it goes on in the chunk as it is now.
        slot.set_outer(new.at(slot.parent()));
        is_open
    });
    reuse_from(hot, last);
}

/// Nothing of the present part was sent, so that positions may be used again as they are.
fn forget_finished(hot: &Hot, outbox: &Outbox) {
    let spans = settle_counts(hot, outbox);
    let block = hot.block.get();
    let open = open_scopes(hot);
    let mut still_open = 0;
    let last = bury(&block[..hot.cursor()], |at, slot| match slot.kind() {
        Some(Kind::Span) if slot.end() == 0 => {
            still_open += 1;
            true
        }
        Some(Kind::Carried) => slot.end() == 0,
        Some(Kind::Scope) => open.contains(&at),
        Some(Kind::TraceState) => true,
        _ => false,
    });
    outbox.counts().uncreated(still_open);
    outbox.counts().dropped(Dropped::Sampled, spans.saturating_sub(still_open));
    hot.set_spans(still_open);
    hot.add_state(state::PARTED);
    reuse_from(hot, last);
}

/// Makes dead what nobody needs, neighbours in one, and returns where the last one ends that somebody does.
fn bury(words: &[AtomicU64], mut is_needed: impl FnMut(usize, Slot<'_>) -> bool) -> usize {
    let mut last = HEADER;
    let mut grave: Option<(Slot<'_>, usize)> = None;
    for (at, slot) in records(words) {
        let length = slot.length();
        if is_needed(at, slot) {
            last = at + length;
            grave = None;
            continue;
        }
        let (first, sum) = match grave {
            Some((first, sum)) if sum + length <= MAX_LENGTH => (first, sum + length),
            _ => (slot, length),
        };
        first.set_head(head(Kind::Dead, 0, 0, sum));
        grave = Some((first, sum));
    }
    last
}

/// How many spans of the chunk are not told by any record.
fn omitted(hot: &Hot) -> u32 {
    let crowd = hot.crowd.take();
    let omitted = crowd.as_ref().map_or(0, |crowd| crowd.omitted());
    hot.crowd.set(crowd);
    omitted
}

/// Counts what the chunk created so far, and returns how many of it are written down.
fn settle_counts(hot: &Hot, outbox: &Outbox) -> u32 {
    let created = hot.spans();
    outbox.counts().created(created);
    let crowd = hot.crowd.take();
    let lost = crowd.as_ref().map_or(0, |crowd| crowd.count_in(outbox.counts()));
    created.saturating_sub(lost)
}

fn reuse_from(hot: &Hot, cursor: usize) {
    hot.set_cursor(cursor);
    compress::look_from(hot, cursor);
    hot.state.set(hot.state.get() & !(state::CROWDED | state::CAPPED | state::ERROR | state::SLOW));
    // The next entry looks closer, and finds a new window.
    hot.set_window(&[]);
}

/// The positions of the scopes that spans of this chunk still hang on: those on the stack, and those that
/// open spans name as their parent.
fn open_scopes(hot: &Hot) -> Vec<usize> {
    let block = hot.block.get();
    let mut found = Vec::new();
    let on_stack = std::iter::once(hot.top.get().position());
    let of_open = records(&block[..hot.cursor()])
        .filter(|(_, slot)| {
            matches!(slot.kind(), Some(Kind::Span | Kind::Carried)) && slot.end() == 0
        })
        .map(|(_, slot)| slot.parent());
    for mut at in on_stack.chain(of_open) {
        while at >= HEADER && !found.contains(&at) {
            let Some(slot) = Slot::new(block, at) else { break };
            if slot.kind() == Some(Kind::Scope) {
                found.push(at);
            }
            at = slot.parent();
        }
    }
    found
}
