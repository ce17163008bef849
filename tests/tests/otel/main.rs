//! Spans of other libraries that speak OpenTelemetry, and ours, in one tree. Our provider and propagator are
//! the global ones of this process.

mod attach;
mod headers;
mod parents;
mod spans;
mod tasks;

use opentelemetry::Context;
use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::trace::{FutureExt, Span as _, TraceContextExt, Tracer};
use std::sync::Once;
use traced::test::{Spans, capture, capture_async};

/// The tracer of another library.
fn library() -> BoxedTracer {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(traced::otel::install);
    global::tracer("library")
}

/// Runs `work` and returns the tree of its spans.
#[track_caller]
fn tree(work: impl FnOnce()) -> String {
    library();
    capture(work).to_string()
}

/// A span of the library that nothing happens in.
fn foreign(name: &'static str) {
    library().start(name).end();
}

/// A span of the library that is attached while `work` runs.
fn foreign_around<R>(name: &'static str, work: impl FnOnce() -> R) -> R {
    library().in_span(name, |_| work())
}

/// The same around a future.
async fn foreign_around_future<F: Future>(name: &'static str, work: F) -> F::Output {
    let context = Context::current_with_span(library().start(name));
    work.with_context(context).await
}

/// A future on a runtime of one thread.
fn on_one_thread(work: impl Future<Output = ()>) -> Spans {
    library();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, capture_async(work))
}

/// A future on a runtime of several threads.
fn on_many_threads(work: impl Future<Output = ()>) -> Spans {
    library();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(3).enable_all().build().unwrap().block_on(capture_async(work))
}
