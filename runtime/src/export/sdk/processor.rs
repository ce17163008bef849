//! Any `SpanProcessor`, by its `on_end`.

use super::convert;
use crate::export::Export;
use crate::export::resource::Resource;
use crate::export::span::Span;
use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::trace::SpanProcessor;
use std::error::Error;
use std::time::Duration;

/// Any processor of the OpenTelemetry SDK, on our pipeline: for programs that have filled one with code of their own.
///
/// Each span is handed to its `on_end`. Its `on_start` is never called: it wants a span of the SDK, and ours are
/// none. A flush of ours flushes it, and the end of tracing shuts it down.
#[derive(Debug)]
pub struct Processor<P: SpanProcessor> {
    inner: P,
    scope: InstrumentationScope,
}

/// The share of a shutdown's time that a processor gets.
const SHUTDOWN: Duration = Duration::from_secs(4);

impl<P: SpanProcessor + 'static> Processor<P> {
    /// Hands spans to this processor.
    pub fn new(processor: P) -> Self {
        Self { inner: processor, scope: convert::own_scope() }
    }
}

impl<P: SpanProcessor + 'static> Export for Processor<P> {
    fn resource(&mut self, resource: &Resource) {
        self.inner.set_resource(&convert::resource(resource));
    }

    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        for span in spans {
            self.inner.on_end(convert::span(span, &self.scope));
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(self.inner.force_flush()?)
    }
}

impl<P: SpanProcessor> Drop for Processor<P> {
    fn drop(&mut self) {
        let _ = self.inner.shutdown_with_timeout(SHUTDOWN);
    }
}
