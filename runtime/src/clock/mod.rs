//! Time, read as cheaply as the machine allows and translated later.
//!
//! A span stores *ticks*. What a tick is depends on the [`Source`]: a step of the processor's own counter
//! where the kernel itself keeps time by it, else a nanosecond of [`std::time::Instant`]. The first call
//! of anything here decides, without any set-up before it; from then on [`ticks`] is one relaxed load,
//! one branch that is always predicted, and the read.
//!
//! Ticks become time in two places. The application's thread asks how long something took
//! ([`elapsed_ns`], for slow thresholds); the collector asks when it was ([`Calibration`]). Both learn
//! how long a tick is by comparing two [`reading`]s of all clocks, the first of which was taken when
//! the source was chosen: no one ever waits for a calibration.
//!
//! - `tsc`: the counter, and the only `unsafe` of this room; `no_tsc` stands in where there is none.
//! - `instant`: nanoseconds of the monotonic clock since this process first asked.
//! - `trust`: whether the kernel trusts the counter.
//! - `reading`: the clocks side by side, at one moment.
//! - `ratio`: nanoseconds per tick, in fixed point; `slope`: one as it was measured.
//! - `elapsed`: the ratio of the whole process.
//! - `lately`: the time of day for those who ask often.
//! - `steering`: what a new reading changes, jumps and steps of clocks included.
//! - `calibration`: ticks to Unix time, for the collector.

mod calibration;
mod elapsed;
mod instant;
#[cfg(feature = "otel")]
mod lately;
mod ratio;
mod reading;
mod slope;
mod steering;
mod trust;

#[cfg(all(
    any(
        all(target_arch = "x86_64", target_os = "linux"),
        all(target_arch = "aarch64", any(target_os = "linux", target_os = "macos")),
    ),
    not(miri),
))]
mod tsc;
#[cfg(not(all(
    any(
        all(target_arch = "x86_64", target_os = "linux"),
        all(target_arch = "aarch64", any(target_os = "linux", target_os = "macos")),
    ),
    not(miri),
)))]
#[path = "no_tsc.rs"]
mod tsc;

pub(crate) use calibration::Calibration;
pub(crate) use elapsed::elapsed_ns;
#[cfg(feature = "otel")]
pub(crate) use lately::now;

use crate::sync::{AtomicU8, Relaxed};

/// Where ticks come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(dead_code, reason = "no target has all of them")]
pub enum Source {
    /// The time stamp counter of an `x86_64` processor.
    Tsc = 1,
    /// The virtual counter of an `aarch64` processor.
    Counter = 2,
    /// The standard library's monotonic clock: everywhere else, and where the kernel distrusts the counter.
    Instant = 3,
}

impl Source {
    #[inline]
    fn ticks(self) -> u64 {
        if self == tsc::NATIVE { tsc::read() } else { instant::now_ns() }
    }
}

const UNDECIDED: u8 = 0;

static SOURCE: AtomicU8 = AtomicU8::new(UNDECIDED);

/// The present moment, in ticks; never zero.
///
/// Readings of one thread do not go backwards. Readings of two threads are as close as the cores'
/// counters are, and the processor may take one a few instructions early: whoever subtracts, saturates.
#[inline(always)]
pub(crate) fn ticks() -> u64 {
    // Nothing else is published through this word: with Relaxed, at worst a thread asks the kernel again.
    if SOURCE.load(Relaxed) == tsc::NATIVE as u8 { tsc::read() } else { ticks_otherwise() }
}

/// The same where [`has_counter`] was seen to be true: the read alone.
#[inline(always)]
pub(crate) fn counter() -> u64 {
    tsc::read()
}

/// Whether ticks are read from the processor.
pub(crate) fn has_counter() -> bool {
    source() != Source::Instant
}

#[cold]
#[inline(never)]
fn ticks_otherwise() -> u64 {
    source().ticks()
}

/// Where ticks come from in this process.
pub(crate) fn source() -> Source {
    match SOURCE.load(Relaxed) {
        UNDECIDED => decide(),
        word if word == tsc::NATIVE as u8 => tsc::NATIVE,
        _ => Source::Instant,
    }
}

/// Takes ticks from `wanted` from now on; false, and no change, where that does not exist on this target.
///
/// This is for an override at start and for tests. It changes the unit of ticks: spans that are open, or
/// recorded and not yet translated, come out with wrong times.
pub(crate) fn force(wanted: Source) -> bool {
    let exists = wanted == tsc::NATIVE || wanted == Source::Instant;
    if exists {
        reading::first(wanted);
        SOURCE.store(wanted as u8, Relaxed);
        elapsed::forget();
    }
    exists
}

/// Threads that come here together ask the kernel more than once; none waits for another's answer.
#[cold]
fn decide() -> Source {
    let chosen = if trust::counter_is_trusted() { tsc::NATIVE } else { Source::Instant };
    reading::first(chosen);
    // An override that came in between stands.
    match SOURCE.compare_exchange(UNDECIDED, chosen as u8, Relaxed, Relaxed) {
        Ok(_) => chosen,
        Err(_) => source(),
    }
}

#[cfg(test)]
mod tests;
