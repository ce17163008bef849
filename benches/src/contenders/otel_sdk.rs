//! `opentelemetry_sdk` by hand: a span per call, and its context attached so that spans nest.

use super::Contender;
use crate::decision::Decision;
use crate::executor::yield_once;
use opentelemetry::context::FutureExt;
use opentelemetry::trace::{
    Link, SpanBuilder, SpanKind, TraceContextExt, TraceId, Tracer, TracerProvider,
};
use opentelemetry::{Context, ContextGuard, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SamplingResult, SdkTracer, SdkTracerProvider,
    ShouldSample, SpanData, SpanExporter,
};
use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub(super) struct OtelSdk;

impl Contender for OtelSdk {
    const NAME: &'static str = "otel-sdk";

    fn root(work: impl FnOnce()) {
        let _span = open("root");
        work();
    }

    #[inline(never)]
    fn leaf(number: u64) {
        let _span = open("leaf");
        black_box(number);
    }

    #[inline(never)]
    fn leaf_recorded(number: u64, text: &str) {
        let number_value = i64::try_from(number).unwrap_or(i64::MAX);
        let _span = attach(tracer().span_builder("leaf").with_attributes([
            KeyValue::new("number", number_value),
            KeyValue::new("text", text.to_owned()),
        ]));
        black_box((number, text));
    }

    #[inline(never)]
    fn tree(depth: u32) -> u64 {
        let _span = open("tree");
        if depth == 0 { black_box(1) } else { Self::tree(depth - 1) + Self::tree(depth - 1) + 1 }
    }

    fn root_task(work: impl Future<Output = ()>) -> impl Future<Output = ()> {
        work.with_context(context("root"))
    }

    fn yielding(number: u64) -> impl Future<Output = ()> {
        let work = async move {
            yield_once().await;
            black_box(number);
        };
        work.with_context(context("yielding"))
    }

    fn ready(number: u64) -> impl Future<Output = ()> {
        let work = async move {
            black_box(number);
        };
        work.with_context(context("ready"))
    }

    fn flush() {
        if let Some(sdk) = SDK.get() {
            flush(&sdk.provider);
        }
    }

    fn accounted() -> Option<u64> {
        Some(EXPORTED.load(Relaxed))
    }
}

fn open(name: &'static str) -> ContextGuard {
    context(name).attach()
}

fn attach(span: SpanBuilder) -> ContextGuard {
    Context::current_with_span(tracer().build(span)).attach()
}

fn context(name: &'static str) -> Context {
    Context::current_with_span(tracer().start(name))
}

struct Sdk {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

static SDK: OnceLock<Sdk> = OnceLock::new();
static EXPORTED: AtomicU64 = AtomicU64::new(0);

pub(super) fn install() {
    SDK.get_or_init(|| {
        let provider = provider(&EXPORTED);
        let tracer = provider.tracer("benches");
        Sdk { provider, tracer }
    });
}

fn tracer() -> &'static SdkTracer {
    &SDK.get().expect("the SDK is installed before it is measured").tracer
}

/// A provider with the batch processor, whose exporter counts.
pub(super) fn provider(exported: &'static AtomicU64) -> SdkTracerProvider {
    // Everything that one measurement makes finds room: the default of 2,048 would lose most of it, and
    // what is lost is cheap.
    let batches = BatchConfigBuilder::default().with_max_queue_size(1 << 16).build();
    let processor =
        BatchSpanProcessor::builder(Counter(exported)).with_batch_config(batches).build();
    SdkTracerProvider::builder().with_sampler(Switched).with_span_processor(processor).build()
}

pub(super) fn flush(provider: &SdkTracerProvider) {
    provider.force_flush().expect("an exporter that counts does not fail");
}

#[derive(Clone, Debug)]
struct Switched;

impl ShouldSample for Switched {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let sampler = match Decision::present() {
            Decision::Keep | Decision::DropAtEnd => Sampler::AlwaysOn,
            Decision::OffAtStart => Sampler::AlwaysOff,
        };
        sampler.should_sample(parent, trace_id, name, kind, attributes, links)
    }
}

#[derive(Debug)]
struct Counter(&'static AtomicU64);

impl SpanExporter for Counter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.fetch_add(black_box(batch).len() as u64, Relaxed);
        Ok(())
    }
}
