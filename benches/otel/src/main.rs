//! What it costs to be in one trace with other OpenTelemetry libraries: the look at what is attached, for each
//! span of ours; a local root that others can see; and a span of another library, through our provider
//! and through the SDK's.
//!
//! `cargo run --release -p traced-benches-otel`: the least of many interleaved rounds, in nanoseconds.

use opentelemetry::Context;
use opentelemetry::trace::{Span, TraceContextExt, Tracer, TracerProvider};
use std::hint::black_box;
use std::time::Instant;
use traced::sampling::{End, Head, Sampler, Start, Verdict};
use traced::test::Capturing;
use traced::traced;

/// Records everything and keeps nothing, so that no pipeline is measured.
#[derive(Debug)]
struct Forget;

impl Sampler for Forget {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, _: &End) -> Verdict {
        Verdict::Drop
    }
}

#[traced]
fn root(work: impl FnOnce()) {
    work();
}

#[traced]
fn leaf() {
    black_box(());
}

const TIMES: u32 = 1000;
const ROUNDS: u32 = 300;

/// Nanoseconds for each of `TIMES` calls.
fn time(mut work: impl FnMut()) -> f64 {
    let begun = Instant::now();
    (0..TIMES).for_each(|_| work());
    begun.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES)
}

/// The least of each over all rounds.
fn least<const N: usize>(mut round: impl FnMut() -> [f64; N]) -> [f64; N] {
    let mut least = [f64::INFINITY; N];
    for _ in 0..ROUNDS {
        for (least, now) in least.iter_mut().zip(round()) {
            *least = least.min(now);
        }
    }
    least
}

/// A leaf in a root, and a root.
fn ours() -> [f64; 2] {
    let mut leaves = f64::INFINITY;
    root(|| leaves = time(leaf));
    [leaves, time(|| root(|| {}))]
}

/// A span that is opened, attached, detached and ended.
fn theirs(tracer: &impl Tracer<Span: Send + Sync + 'static>) {
    let context = Context::current_with_span(tracer.start("foreign"));
    let attached = context.clone().attach();
    drop(attached);
    context.span().end();
}

/// The same without a context.
fn bare(tracer: &impl Tracer) {
    tracer.start("foreign").end();
}

/// As many as a request may have in a segment of ours, where they wait for the verdict.
const IN_A_SEGMENT: u32 = 10;

/// A segment of ours with so many of them.
fn segment(mut work: impl FnMut()) -> f64 {
    time(|| root(|| (0..IN_A_SEGMENT).for_each(|_| work())))
}

/// The same for the SDK: below a span of its own that is attached, as ours are.
fn in_a_trace(
    tracer: &impl Tracer<Span: Send + Sync + 'static>,
    work: impl FnOnce() -> f64,
) -> f64 {
    let _attached = Context::current_with_span(tracer.start("root")).attach();
    work()
}

fn main() {
    let forgetting = || Capturing::new().sampler(Forget);
    forgetting().run(|| {
        let [leaf, root] = least(ours);
        println!("a leaf of ours, nobody looks       {leaf:7.1}");
        println!("a root of ours, nobody looks       {root:7.1}");
    });
    traced::otel::install();
    forgetting().run(|| {
        let [leaf, root] = least(ours);
        println!("a leaf of ours, with a look        {leaf:7.1}");
        println!("a root of ours, shown to others    {root:7.1}");
    });
    let ours = traced::otel::TracerProvider::new().tracer("bench");
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
    let sdk = provider.tracer("bench");
    let measure = || {
        [
            segment(|| {}),
            segment(|| theirs(&ours)),
            segment(|| bare(&ours)),
            in_a_trace(&sdk, || time(|| theirs(&sdk))),
            in_a_trace(&sdk, || time(|| bare(&sdk))),
        ]
    };
    forgetting().run(|| {
        let [empty, with_context, alone, sdk_with_context, sdk_alone] = least(measure);
        let [with_context, alone] =
            [with_context, alone].map(|full| (full - empty) / f64::from(IN_A_SEGMENT));
        println!("a foreign span and context, ours   {with_context:7.1}");
        println!("a foreign span and context, SDK    {sdk_with_context:7.1}");
        println!("a foreign span, ours               {alone:7.1}");
        println!("a foreign span, SDK                {sdk_alone:7.1}");
    });
}
