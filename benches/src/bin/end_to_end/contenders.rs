//! Who takes part, each as its users set it up, with its own defaults.

use crate::{Outcome, Task};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::borrow::Cow;
use std::hint::black_box;
use tracing_subscriber::layer::SubscriberExt;

const LEAVES: u64 = 100;
const WAVES: u64 = 100;
const TRACES_OF_A_WAVE: u64 = 10;
const TEXT: &str = "a text of usual length";

/// Its set-up, what it does in each trace, what it does after each wave, and at its end.
pub(crate) type Contender = fn(endpoint: &str) -> Contest;

/// How a contender contends.
pub(crate) struct Contest {
    trace: fn(),
    /// The same without attributes.
    plain: fn(),
    flush: Box<dyn Fn()>,
    end: Box<dyn FnOnce()>,
}

/// The first so many are ours.
pub(crate) const OURS: usize = 2;

pub(crate) const CONTENDERS: &[(&str, Contender)] = &[
    ("traced", ours),
    ("traced, no code.*", ours_without_code),
    ("fastrace", fastrace),
    ("tracing + opentelemetry", tracing_otel),
];

/// Does a task, and says on standard output what it cost.
pub(crate) fn run(name: &str, task: Task, endpoint: &str) {
    // What a peer's crate does before `main`, in every program that it is linked into, is nobody's cost but its own.
    let before = cpu_ns();
    let (_, set_up) = CONTENDERS.iter().find(|(other, _)| *other == name).expect("a contender");
    let contest = set_up(endpoint);
    let traces = match task {
        Task::Steady => {
            for _ in 0..WAVES {
                (0..TRACES_OF_A_WAVE).for_each(|_| (contest.trace)());
                (contest.flush)();
            }
            WAVES * TRACES_OF_A_WAVE
        }
        Task::Burst | Task::FullBurst => {
            let traces = 1_000_000 / (LEAVES + 1);
            // A thread of its own, which ends when it is done, as those of programs do.
            let trace = if task == Task::Burst { contest.plain } else { contest.trace };
            std::thread::spawn(move || (0..traces).for_each(|_| trace())).join().expect("no panic");
            traces
        }
    };
    (contest.end)();
    let Outcome { cpu_ns, peak_kib, spans } =
        Outcome { cpu_ns: cpu_ns() - before, peak_kib: peak_kib(), spans: traces * (LEAVES + 1) };
    println!("{cpu_ns} {peak_kib} {spans}");
}

fn cpu_ns() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or(0)
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

mod of_traced {
    use std::hint::black_box;

    #[traced::traced(skip_all)]
    pub(super) fn root(work: impl FnOnce()) {
        work();
    }

    // A hundred equal siblings would go out as eighteen spans, and the peers send them all.
    #[traced::traced(uncompressed)]
    #[inline(never)]
    pub(super) fn leaf(number: u64, #[public] text: &str) {
        black_box((number, text));
    }

    #[traced::traced(skip_all, uncompressed)]
    #[inline(never)]
    pub(super) fn plain(number: u64) {
        black_box(number);
    }
}

fn ours(endpoint: &str) -> Contest {
    set_up_ours(endpoint, true)
}

fn ours_without_code(endpoint: &str) -> Contest {
    set_up_ours(endpoint, false)
}

fn set_up_ours(endpoint: &str, code: bool) -> Contest {
    let settings = traced::otlp::Settings::new(endpoint);
    let exporter = traced::otlp::Otlp::new(&settings).expect("settings that make sense");
    let installed = traced::builder()
        .sampler(traced::sampling::ParentBased::new(traced::sampling::AlwaysOn))
        .code_attributes(code)
        .exporter(exporter)
        .install()
        .expect("nobody else installs a pipeline in this process");
    Contest {
        trace: || {
            of_traced::root(|| (0..LEAVES).for_each(|number| of_traced::leaf(number, TEXT)));
        },
        plain: || of_traced::root(|| (0..LEAVES).for_each(of_traced::plain)),
        flush: Box::new(|| {
            traced::flush();
        }),
        end: Box::new(|| drop(installed)),
    }
}

mod of_fastrace {
    use std::hint::black_box;

    #[fastrace::trace(name = "leaf", properties = { "number": "{number}", "text": "{text}" })]
    #[inline(never)]
    pub(super) fn leaf(number: u64, text: &str) {
        black_box((number, text));
    }

    #[fastrace::trace(name = "plain")]
    #[inline(never)]
    pub(super) fn plain(number: u64) {
        black_box(number);
    }
}

fn exporter(endpoint: &str) -> SpanExporter {
    SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .build()
        .expect("an exporter")
}

fn fastrace(endpoint: &str) -> Contest {
    let scope = opentelemetry::InstrumentationScope::builder("benches").build();
    let resource = Cow::Owned(Resource::builder().build());
    let reporter =
        fastrace_opentelemetry::OpenTelemetryReporter::new(exporter(endpoint), resource, scope);
    fastrace::set_reporter(reporter, fastrace::collector::Config::default());
    Contest {
        trace: || {
            let root = fastrace::Span::root("root", fastrace::prelude::SpanContext::random());
            let _parent = root.set_local_parent();
            (0..LEAVES).for_each(|number| of_fastrace::leaf(number, TEXT));
        },
        plain: || {
            let root = fastrace::Span::root("root", fastrace::prelude::SpanContext::random());
            let _parent = root.set_local_parent();
            (0..LEAVES).for_each(of_fastrace::plain);
        },
        flush: Box::new(fastrace::flush),
        end: Box::new(fastrace::flush),
    }
}

mod of_tracing {
    use std::hint::black_box;

    #[tracing::instrument(skip_all)]
    pub(super) fn root(work: impl FnOnce()) {
        work();
    }

    #[tracing::instrument]
    #[inline(never)]
    pub(super) fn leaf(number: u64, text: &str) {
        black_box((number, text));
    }

    #[tracing::instrument(skip_all)]
    #[inline(never)]
    pub(super) fn plain(number: u64) {
        black_box(number);
    }
}

fn tracing_otel(endpoint: &str) -> Contest {
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter(endpoint)).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("benches"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
        .expect("nobody else subscribes in this process");
    let flushed = provider.clone();
    Contest {
        trace: || {
            of_tracing::root(|| (0..LEAVES).for_each(|number| of_tracing::leaf(number, TEXT)));
        },
        plain: || of_tracing::root(|| (0..LEAVES).for_each(of_tracing::plain)),
        flush: Box::new(move || {
            black_box(flushed.force_flush()).expect("flushed");
        }),
        end: Box::new(move || {
            let _ = provider.shutdown();
        }),
    }
}
