//! How long whoever sends spans may wait for somebody else.

use crate::deadline;
use crate::pipeline::desk::Desk;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long those who work for the collector may wait: it is asked to end at some time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patience(Option<Arc<Desk>>);

impl Patience {
    /// As long as the collector at this desk goes on.
    pub(super) fn until_the_end(desk: &Arc<Desk>) -> Self {
        Self(Some(desk.clone()))
    }

    /// The time that is left until `deadline`, or until the collector must have ended.
    pub(crate) fn left(&self, deadline: Instant) -> Duration {
        let closing = self.0.as_ref().and_then(|desk| desk.closing());
        let deadline = closing.map_or(deadline, |closing| closing.min(deadline));
        deadline.saturating_duration_since(Instant::now())
    }

    /// Whether the collector was asked to end.
    pub(crate) fn is_short(&self) -> bool {
        self.0.as_ref().is_some_and(|desk| desk.closing().is_some())
    }

    /// Whether the collector must have ended by now.
    pub(crate) fn is_over(&self) -> bool {
        let closing = self.0.as_ref().and_then(|desk| desk.closing());
        closing.is_some_and(|closing| Instant::now() >= closing)
    }

    /// Waits so long, but not beyond the collector's end. Only on a thread that is woken then.
    pub(crate) fn pause(&self, pause: Duration) {
        let until = deadline::within(pause);
        loop {
            // Whoever asks the collector to end wakes it, and then less is left.
            let left = self.left(until);
            if left.is_zero() {
                return;
            }
            std::thread::park_timeout(left);
        }
    }
}
