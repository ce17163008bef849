//! The monotonic clock as a number: nanoseconds since this process first asked.

use crate::sync::OnceLock;
use std::time::Instant;

static ANCHOR: OnceLock<Instant> = OnceLock::new();

/// The present moment; never zero.
#[inline]
pub(super) fn now_ns() -> u64 {
    let anchor = *ANCHOR.get_or_init(Instant::now);
    let since = Instant::now().saturating_duration_since(anchor);
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX).saturating_add(1)
}
