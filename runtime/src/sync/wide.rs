//! Atomic words of 64 bits where the machine has none: 32-bit PowerPC and the like. Each has a lock, which nobody ever
//! holds for longer than a copy takes.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What `std` has elsewhere, as far as it is needed here. A lock orders everything, whatever order is asked for.
#[derive(Debug, Default)]
pub(crate) struct AtomicU64(Mutex<u64>);

impl AtomicU64 {
    pub(crate) const fn new(value: u64) -> Self {
        Self(Mutex::new(value))
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what was there before.
    fn change(&self, change: impl FnOnce(u64) -> u64) -> u64 {
        let mut word = self.lock();
        let before = *word;
        *word = change(before);
        before
    }

    pub(crate) fn load(&self, _: Ordering) -> u64 {
        *self.lock()
    }

    pub(crate) fn store(&self, value: u64, _: Ordering) {
        *self.lock() = value;
    }

    pub(crate) fn swap(&self, value: u64, _: Ordering) -> u64 {
        self.change(|_| value)
    }

    pub(crate) fn fetch_add(&self, value: u64, _: Ordering) -> u64 {
        self.change(|before| before.wrapping_add(value))
    }

    pub(crate) fn fetch_sub(&self, value: u64, _: Ordering) -> u64 {
        self.change(|before| before.wrapping_sub(value))
    }

    pub(crate) fn compare_exchange(
        &self,
        expected: u64,
        value: u64,
        _: Ordering,
        _: Ordering,
    ) -> Result<u64, u64> {
        let before = self.change(|before| if before == expected { value } else { before });
        if before == expected { Ok(before) } else { Err(before) }
    }

    pub(crate) fn compare_exchange_weak(
        &self,
        expected: u64,
        value: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.compare_exchange(expected, value, success, failure)
    }

    pub(crate) fn into_inner(self) -> u64 {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
