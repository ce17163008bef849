//! Where spans are written down, and how the writing is handed on.
//!
//! All spans of one trace that run in this process under one local root form a *segment*. A segment is
//! written as one or more *chunks*: append-only runs of `u64` words, each with one owner at a time.
//!
//! - A synchronous root owns the chunk of its thread; a nested root puts the outer chunk aside.
//! - The outermost traced future of a task owns a chunk of its own, and swaps it with the thread's state
//!   for each poll.
//! - Whoever continues a segment elsewhere (another thread, another task) writes a chunk that *visits* it.
//!
//! A chunk begins with a [header](record::Header); records follow ([`record`]), with attributes inline
//! ([`attribute`]). An entry reserves its words and an exit fills in the end, so that an exit never needs
//! room. Storage comes from a bounded [pool](block) of `&'static [AtomicU64]`: a word has one writer at a
//! time, Relaxed stores compile to plain ones, and the one `unsafe` is the [copy] that leaves the thread.
//!
//! When the local root ends, the segment is judged: dropped by forgetting it, or kept by one copy to the
//! thread's outbox. Chunks that ended before the verdict wait in [`shared`]; those that end after follow it.
//! Many calls of one place in a row are [compressed](compress).
//! A chunk that outgrows its bounds [folds](fold) what is finished and unremarkable, and is judged in
//! [parts](part) when it is full or very long. Which roots are [open], reports find out by themselves.

pub(crate) mod attribute;
pub(crate) mod block;
pub(crate) mod cap;
pub(crate) mod chunk;
pub(crate) mod compress;
mod copy;
pub(crate) mod decode;
pub(crate) mod fold;
#[cfg(feature = "otel")]
pub(crate) mod foreign;
#[cfg(not(feature = "otel"))]
#[path = "no_foreign.rs"]
mod foreign;
pub(crate) mod open;
pub(crate) mod part;
pub(crate) mod prepared;
pub(crate) mod record;
pub(crate) mod shared;
pub(crate) mod thread;
