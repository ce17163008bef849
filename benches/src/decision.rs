//! What the samplers of all contenders answer at present.
//!
//! A process has one pipeline with one sampler, so the sampler is told what the workload wants.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Decision {
    /// Sampled, recorded, exported.
    Keep,
    /// Recorded, and dropped when the root has ended.
    DropAtEnd,
    /// Not sampled and not recorded.
    OffAtStart,
}

static PRESENT: AtomicU8 = AtomicU8::new(Decision::Keep as u8);

impl Decision {
    pub(crate) fn make_present(self) {
        PRESENT.store(self as u8, Relaxed);
    }

    #[inline]
    pub(crate) fn present() -> Self {
        match PRESENT.load(Relaxed) {
            0 => Self::Keep,
            1 => Self::DropAtEnd,
            _ => Self::OffAtStart,
        }
    }
}
