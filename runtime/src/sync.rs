//! The only file that names atomics, locks and thread-locals.
//!
//! Storage and statics are always `std`: each word of a segment has one owner at a time, and loom's
//! types have no constant constructors. What threads share (`modelled`) becomes loom's under
//! `--cfg loom`, so that the models beside the code run what ships.

#[cfg(all(any(unix, feature = "otlp"), not(loom)))]
pub(crate) use std::sync::MutexGuard;
#[cfg(all(unix, not(loom)))]
pub(crate) use std::sync::Once;
#[cfg(not(target_has_atomic = "64"))]
mod wide;

#[cfg(target_has_atomic = "64")]
pub(crate) use std::sync::atomic::AtomicU64;
pub(crate) use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize};
pub(crate) use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};
pub(crate) use std::thread_local;
#[cfg(not(target_has_atomic = "64"))]
pub(crate) use wide::AtomicU64;

/// What threads share, and loom can permute.
pub(crate) mod modelled {
    #[cfg(not(loom))]
    pub(crate) use super::AtomicU64;
    #[cfg(loom)]
    pub(crate) use loom::sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, fence},
    };
    #[cfg(not(loom))]
    pub(crate) use std::sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, fence},
    };

    /// What is held, if nobody else holds it any more.
    #[cfg(not(loom))]
    pub(crate) fn last_of<T>(held: Arc<T>) -> Option<T> {
        Arc::into_inner(held)
    }

    /// The same. Of two who let go at once, each may find the other there: what is held is then dropped.
    #[cfg(loom)]
    pub(crate) fn last_of<T>(held: Arc<T>) -> Option<T> {
        Arc::try_unwrap(held).ok()
    }
}
