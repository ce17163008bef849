//! How often a request was sent before: retries and redirects.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Counts how often a request is sent: an extension of the request, put there outside of whatever sends it again.
/// Clones count together, so that a copy of a request is the same request.
///
/// From the second time on, spans say `http.request.resend_count`.
#[derive(Clone, Debug, Default)]
pub struct Resends(Arc<AtomicU32>);

impl Resends {
    /// A request that was never sent.
    pub fn new() -> Self {
        Self::default()
    }

    /// It is sent now; how often was it before?
    pub(crate) fn send(&self) -> u32 {
        self.0.fetch_add(1, Relaxed)
    }
}
