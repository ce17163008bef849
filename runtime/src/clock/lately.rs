//! The time of day for those who ask often: a look at the counter, and at the clock once in a millisecond.

use super::reading::Reading;
use super::{elapsed_ns, source, ticks};
use crate::sync::thread_local;
use std::cell::Cell;

thread_local! {
    /// When this thread last looked at the clock: the tick, and what time it was.
    static LOOKED: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// As long as a look is good for, so that steps of the clock are soon noticed.
const GOOD_FOR_NS: u64 = 1_000_000;

/// The tick now, and nanoseconds since 1970.
pub(crate) fn now() -> (u64, u64) {
    let now = ticks();
    let (tick, unix_ns) = LOOKED.with(Cell::get);
    let since = elapsed_ns(tick, now);
    if tick != 0 && now >= tick && since < GOOD_FOR_NS {
        return (now, unix_ns.saturating_add(since));
    }
    // Both at one moment: a thread that is put aside between them would tell a wrong time for a millisecond, and a span
    // of another library would have begun after those of ours that came later.
    let Reading { pair, unix_ns } = Reading::take(source());
    LOOKED.with(|looked| looked.set((pair.tick, unix_ns)));
    (pair.tick, unix_ns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{SystemTime, UNIX_EPOCH};

    #[test]
    fn the_time_is_that_of_the_clock_and_goes_on() {
        let of_clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let before = of_clock();
        let all: Vec<_> = (0..10_000).map(|_| now()).collect();
        let after = of_clock();
        assert!(all.is_sorted_by(|a, b| a.0 <= b.0));
        // The two clocks differ by what the ratio of ticks is wrong by, and by how long a look may have taken.
        let slack = 1_000_000_000;
        for (_, unix_ns) in all {
            assert!((before - slack..=after + slack).contains(&u128::from(unix_ns)));
        }
    }
}
