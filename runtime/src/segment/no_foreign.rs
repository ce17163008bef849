//! What stands in for spans of other libraries where none can come: without feature `otel`. It waits for nothing.

use crate::sampling::Decision;
use crate::segment::shared::Shared;

/// None of them.
#[derive(Default)]
pub(super) struct Parked;

#[allow(clippy::unused_self, reason = "with feature `otel` they answer")]
impl Parked {
    pub(super) fn bytes(&self) -> u64 {
        0
    }

    pub(super) fn count(&self) -> u32 {
        0
    }
}

#[allow(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "with feature `otel` they go"
)]
impl Shared {
    pub(super) fn settle_foreign(&self, _: Parked, _: Decision) {}
}
