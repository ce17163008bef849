//! Who takes part.
//!
//! Each contender does the same work in the way that its users write it: by its attribute where it has one.
//!
//! - [`traced`](self::traced), [`fastrace`](self::fastrace)
//! - [`tracing_otel`]: `tracing` with `tracing-opentelemetry`, [`otel_sdk`]: `opentelemetry_sdk` by hand
//! - [`nothing`]: the work alone
//! - [`floor`]: the work and the least that a recorded span could be

mod fastrace;
mod floor;
mod nothing;
mod otel_sdk;
mod traced;
mod tracing_otel;

use crate::workload::Shape;
use std::future::Future;

/// One way to make calls spans.
pub(crate) trait Contender {
    const NAME: &'static str;

    /// A span at the root of a trace.
    fn root(work: impl FnOnce());
    /// A span without attributes.
    fn leaf(number: u64);
    /// A span with both arguments recorded.
    fn leaf_recorded(number: u64, text: &str);
    /// A complete binary tree of spans; the sum counts them.
    fn tree(depth: u32) -> u64;
    /// A span around a task.
    fn root_task(work: impl Future<Output = ()>) -> impl Future<Output = ()>;
    /// A span of an async function that yields once.
    fn yielding(number: u64) -> impl Future<Output = ()>;
    /// A span of an async function that is ready at once.
    fn ready(number: u64) -> impl Future<Output = ()>;

    /// Waits until everything that was recorded has reached the exporter.
    fn flush() {}
    /// How many spans the exporter has counted so far, or the pipeline has counted as dropped at the tail.
    /// `None` where there is nothing to count.
    fn accounted() -> Option<u64> {
        None
    }
}

/// A contender as a value.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) run: fn(Shape, u64),
    pub(crate) flush: fn(),
    pub(crate) accounted: fn() -> Option<u64>,
}

impl Contestant {
    const fn of<C: Contender>() -> Self {
        Self {
            name: C::NAME,
            run: |shape, traces| shape.run::<C>(traces),
            flush: C::flush,
            accounted: C::accounted,
        }
    }
}

pub(crate) const NOTHING: &str = nothing::Nothing::NAME;
pub(crate) const FLOOR: &str = floor::Floor::NAME;
pub(crate) const TRACED: &str = traced::Traced::NAME;
pub(crate) const FASTRACE: &str = fastrace::Fastrace::NAME;

static THE_NOTHING: Contestant = Contestant::of::<nothing::Nothing>();
static THE_FLOOR: Contestant = Contestant::of::<floor::Floor>();
static THE_TRACED: Contestant = Contestant::of::<traced::Traced>();
static THE_FASTRACE: Contestant = Contestant::of::<fastrace::Fastrace>();
static THE_OTEL_SDK: Contestant = Contestant::of::<otel_sdk::OtelSdk>();
static THE_TRACING: Contestant = Contestant::of::<tracing_otel::TracingOtel>();

pub(crate) static ALL: &[&Contestant] =
    &[&THE_NOTHING, &THE_TRACED, &THE_FASTRACE, &THE_OTEL_SDK, &THE_TRACING];
pub(crate) static WITH_FLOOR: &[&Contestant] =
    &[&THE_NOTHING, &THE_FLOOR, &THE_TRACED, &THE_FASTRACE, &THE_OTEL_SDK, &THE_TRACING];
/// Those that a program leaves in its code when nobody listens.
pub(crate) static ANNOTATED: &[&Contestant] =
    &[&THE_NOTHING, &THE_TRACED, &THE_FASTRACE, &THE_TRACING];
/// Those that can drop a trace when its root has ended.
pub(crate) static THAT_DROP: &[&Contestant] = &[&THE_NOTHING, &THE_FLOOR, &THE_TRACED];

/// Everybody listens from now on, until the value is dropped.
pub(crate) fn install() -> ::traced::Installed {
    fastrace::install();
    otel_sdk::install();
    tracing_otel::install();
    traced::install()
}
