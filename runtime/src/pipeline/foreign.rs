//! Finished spans of other libraries on their way into the pipeline.
//!
//! They come one at a time from any thread and go with the next batch. Whoever offers one tries a few
//! shelves in turn and waits for none: a span that finds them all busy, or the bound reached, is counted.

use crate::export::span::{Attribute, Key, Span};
use crate::pipeline::collector;
use crate::pipeline::outbox::{Dropped, Outbox};
#[cfg(all(unix, not(loom)))]
use crate::sync::MutexGuard;
use crate::sync::{AtomicUsize, Mutex, PoisonError, Relaxed};

const SHELVES: usize = 8;
/// All of them together hold at most so many spans.
const MAX_SPANS: usize = 1 << 16;
/// And so many bytes, estimated.
const MAX_BYTES: usize = 8 << 20;

static SHELF: [Mutex<Vec<Span>>; SHELVES] = [const { Mutex::new(Vec::new()) }; SHELVES];
static SPANS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);

/// Puts a finished span in, without ever waiting; whether there was room. Without a pipeline it is forgotten.
pub(crate) fn offer(span: Span) -> bool {
    if !collector::is_on_duty() {
        return false;
    }
    let counts = Outbox::of_process().counts();
    counts.created(1);
    let bytes = size(&span);
    let waiting = SPANS.fetch_add(1, Relaxed);
    if waiting >= MAX_SPANS || BYTES.fetch_add(bytes, Relaxed) + bytes > MAX_BYTES {
        if waiting < MAX_SPANS {
            BYTES.fetch_sub(bytes, Relaxed);
        }
        return refuse(Dropped::OutboxFull);
    }
    if !put(span) {
        BYTES.fetch_sub(bytes, Relaxed);
        return refuse(Dropped::Contended);
    }
    counts.committed(1);
    if waiting == 0 || waiting + 1 == MAX_SPANS / 4 {
        collector::call_first(waiting);
    }
    true
}

fn refuse(reason: Dropped) -> bool {
    SPANS.fetch_sub(1, Relaxed);
    Outbox::of_process().counts().dropped(reason, 1);
    false
}

fn put(span: Span) -> bool {
    // Spans of one trace mostly come from one thread, and another's begin elsewhere.
    #[allow(clippy::cast_possible_truncation, reason = "a few bits of it")]
    let first = span.trace_id.to_u128() as usize % SHELVES;
    for shelf in SHELF[first..].iter().chain(&SHELF[..first]) {
        if let Ok(mut spans) = shelf.try_lock() {
            spans.push(span);
            return true;
        }
    }
    false
}

/// Takes all of them.
pub(crate) fn take() -> Vec<Span> {
    let mut all = Vec::new();
    if SPANS.load(Relaxed) == 0 {
        return all;
    }
    for shelf in &SHELF {
        all.append(&mut shelf.lock().unwrap_or_else(PoisonError::into_inner));
    }
    SPANS.fetch_sub(all.len(), Relaxed);
    BYTES.fetch_sub(all.iter().map(size).sum(), Relaxed);
    all
}

/// The locks of this file, while the process forks.
#[cfg(all(unix, not(loom)))]
pub(crate) struct Held([MutexGuard<'static, Vec<Span>>; SHELVES]);

#[cfg(all(unix, not(loom)))]
pub(crate) fn hold() -> Held {
    Held(SHELF.each_ref().map(|shelf| shelf.lock().unwrap_or_else(PoisonError::into_inner)))
}

#[cfg(all(unix, not(loom)))]
impl Held {
    /// In a forked child: the parent sends what was waiting.
    pub(crate) fn begin_again(mut self) {
        self.0.iter_mut().for_each(|shelf| shelf.clear());
        SPANS.store(0, Relaxed);
        BYTES.store(0, Relaxed);
    }
}

/// About how much memory a span holds.
pub(crate) fn size(span: &Span) -> usize {
    let events = span.events.iter().map(|event| 64 + event.name.len() + sizes(&event.attributes));
    let links = span.links.iter().map(|link| 64 + sizes(&link.attributes));
    size_of::<Span>()
        + span.name.len()
        + sizes(&span.attributes)
        + events.chain(links).sum::<usize>()
}

fn sizes(attributes: &[(Key, Attribute)]) -> usize {
    let size = |(key, value): &(Key, Attribute)| {
        let inside = match value {
            Attribute::I64(_) | Attribute::F64(_) | Attribute::Bool(_) => 0,
            Attribute::Text(text) => text.len(),
            Attribute::I64s(all) => 8 * all.len(),
            Attribute::F64s(all) => 8 * all.len(),
            Attribute::Bools(all) => all.len(),
            Attribute::Texts(all) => all.iter().map(|text| size_of::<String>() + text.len()).sum(),
        };
        size_of::<(Key, Attribute)>() + key.len() + inside
    };
    attributes.iter().map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{SpanId, TraceId};

    #[test]
    fn without_a_pipeline_a_span_is_forgotten() {
        assert!(!offer(Span::new("foreign", TraceId::from_u128(1), SpanId::from_u64(1))));
        assert!(take().is_empty());
    }

    #[test]
    fn what_a_span_holds_is_in_its_size() {
        let mut span = Span::new("foreign", TraceId::from_u128(1), SpanId::from_u64(1));
        let before = size(&span);
        span.attributes.push(("key".into(), "x".repeat(1000).as_str().into()));
        assert!(size(&span) > before + 1000);
    }
}
