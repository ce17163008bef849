//! `OTEL_BSP_*`, and what it means for a pipeline that has no queue of spans.
//!
//! - The schedule delay is how often the collector comes, if no outbox fills before.
//! - The export timeout is how long one batch may take, its retries included.
//! - The queue's size becomes memory, a kibibyte a span, and never less than a mebibyte.
//! - The batch's size is how many spans a request holds at most.

use super::exporters::Destination;
use super::values::{BYTES, DURATION, POSITIVE, TIMEOUT};
use super::variables::{Setting, Variables};
use std::time::Duration;

/// What the variables say about the collector.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) interval: Setting<Duration>,
    pub(crate) export_timeout: Setting<Duration>,
    pub(crate) memory_limit: Setting<usize>,
    /// Without a number, as many as fit into a body.
    pub(crate) spans_in_request: Setting<Option<usize>>,
}

/// The defaults of the pipeline.
const INTERVAL: Duration = Duration::from_secs(1);
/// Where somebody looks.
const CONSOLE_INTERVAL: Duration = Duration::from_millis(200);
pub(crate) const EXPORT_TIMEOUT: Duration = Duration::from_secs(30);
pub(crate) const MEMORY_LIMIT: usize = crate::pipeline::memory::DEFAULT_LIMIT_BYTES;

const QUEUE: &str = "OTEL_BSP_MAX_QUEUE_SIZE";
const SPAN_BYTES: usize = 1 << 10;
const LEAST_MEMORY: usize = 1 << 20;

impl Batch {
    pub(super) fn read(variables: &mut Variables<'_>, destinations: &[Destination]) -> Self {
        let default = (BYTES.show)(&MEMORY_LIMIT);
        let queue = variables.find(&[QUEUE], &POSITIVE, &format!("{default} of memory"));
        let by_queue = queue.map(|queue| queue.map(|spans| spans.saturating_mul(SPAN_BYTES)));
        let by_queue = by_queue.map(|bytes| bytes.map(|bytes| bytes.max(LEAST_MEMORY)));
        let by_queue = by_queue.unwrap_or(Setting::default_of(MEMORY_LIMIT));
        let otherwise = (BYTES.show)(&by_queue.value);
        let memory_limit = variables.find(&["TRACED_MEMORY_LIMIT"], &BYTES, &otherwise);
        Self {
            interval: variables.read(
                &["OTEL_BSP_SCHEDULE_DELAY"],
                &DURATION,
                default_interval(destinations),
            ),
            export_timeout: variables.read(&["OTEL_BSP_EXPORT_TIMEOUT"], &TIMEOUT, EXPORT_TIMEOUT),
            memory_limit: memory_limit.unwrap_or(by_queue),
            spans_in_request: variables
                .find(&["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"], &POSITIVE, "as many as fit into a body")
                .map_or(Setting::default_of(None), |size| size.map(Some)),
        }
    }
}

/// How often spans are sent where nobody says it.
pub(crate) fn default_interval(destinations: &[Destination]) -> Duration {
    if destinations == [Destination::Console] { CONSOLE_INTERVAL } else { INTERVAL }
}
