//! A future is waited for on this thread, for a limited time.
//!
//! Not by parking: the collector's thread is woken that way by whoever wants it to come, and such a call must not
//! get lost here.

use crate::deadline;
use crate::sync::PoisonError;
use crate::sync::modelled::{Condvar, Mutex};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    ringing: Condvar,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.ringing.notify_one();
    }
}

impl Bell {
    /// Whether it rang before the deadline.
    fn wait_until(&self, deadline: Instant) -> bool {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        while !*rung {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.ringing.wait_timeout(rung, left);
            rung = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *rung = false;
        true
    }
}

/// What the future says, if it says it in time; otherwise it is dropped.
pub(super) fn block_on<F: Future>(future: F, limit: Duration) -> Option<F::Output> {
    let deadline = deadline::within(limit);
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        if !bell.wait_until(deadline) {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn a_future_that_is_ready_needs_no_waiting() {
        assert_eq!(block_on(async { 7 }, Duration::ZERO), Some(7));
    }

    #[test]
    fn a_future_is_polled_when_another_thread_wakes_it() {
        let mut polls = 0;
        let future = poll_fn(|cx| {
            polls += 1;
            if polls > 3 {
                return Poll::Ready(polls);
            }
            let waker = cx.waker().clone();
            std::thread::spawn(move || waker.wake());
            Poll::Pending
        });
        assert_eq!(block_on(future, LONG), Some(4));
    }

    #[test]
    fn a_future_that_nobody_wakes_is_given_up() {
        assert_eq!(block_on(std::future::pending::<()>(), Duration::from_millis(1)), None);
    }

    #[test]
    fn a_call_for_the_thread_is_not_lost() {
        std::thread::current().unpark();
        let mut polls = 0;
        let future = poll_fn(|cx| {
            polls += 1;
            let waker = cx.waker().clone();
            std::thread::spawn(move || waker.wake());
            if polls > 1 { Poll::Ready(()) } else { Poll::Pending }
        });
        assert_eq!(block_on(future, LONG), Some(()));
        // Does not sleep, because the call still stands.
        let before = Instant::now();
        std::thread::park_timeout(LONG);
        assert!(before.elapsed() < LONG);
    }
}
