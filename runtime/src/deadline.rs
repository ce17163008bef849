//! Moments by which something must have happened, whatever time somebody allows for it.

use std::time::{Duration, Instant};

/// What is longer is never. A clock cannot tell every moment that a duration could lead to, and panics.
pub(crate) const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The moment so long from now.
pub(crate) fn within(limit: Duration) -> Instant {
    Instant::now() + limit.min(NEVER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_too_long() {
        assert!(within(Duration::MAX) > within(Duration::from_secs(1)));
    }
}
