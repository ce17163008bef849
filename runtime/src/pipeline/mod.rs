//! From the thread that recorded to whoever wants to see: outboxes, the collector, what they count.
//!
//! - [`outbox`]: where a thread leaves what was kept, without waiting.
//! - [`memory`]: the one bound on what waits.
//! - [`read`]: from the words of many chunks to spans, each with what was said about it.
//! - [`assemble`]: finished spans, decoded; brings together what arrives apart.
//! - [`collector`]: the one thread that empties the outboxes and calls the exporter; [`plan`]: what it is told at its
//!   start; [`work`]: what it does in a round; `patience`: how long it may wait for others.
//! - `backlog`: what was taken and must wait; `compact`: how it takes less room.
//! - [`foreign`]: finished spans of other libraries on their way in.
//! - [`outcome`]: how the last batch went.
//! - [`stats`]: the sums over all of them.
//! - [`desk`]: where flushes are asked for and awaited.
//! - [`process`]: its end without a shutdown, and its fork; `signals`: its end by one of them.
//! - [`install`]: the builder and the guard.

pub(crate) mod assemble;
mod backlog;
pub(crate) mod collector;
pub(crate) mod compact;
mod desk;
#[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "there are no others"))]
pub(crate) mod foreign;
pub(crate) mod install;
pub(crate) mod memory;
pub(crate) mod outbox;
pub(crate) mod outcome;
#[cfg(feature = "otlp")]
pub(crate) mod patience;
pub(crate) mod plan;
#[cfg(all(unix, not(loom)))]
mod process;
#[cfg(not(all(unix, not(loom))))]
#[path = "no_process.rs"]
mod process;
pub(crate) mod read;
#[cfg(all(unix, not(loom)))]
pub(crate) mod signals;
pub(crate) mod stats;
mod work;
