//! Any `SpanExporter`.

use super::block_on::block_on;
use super::convert;
use crate::export::Export;
use crate::export::resource::Resource;
use crate::export::span::Span;
use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::SpanExporter;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

/// An exporter at work on one batch.
pub type Exporting<'e> = Pin<Box<dyn Future<Output = OTelSdkResult> + Send + 'e>>;

/// Any exporter of the OpenTelemetry SDK, on our pipeline: `builder().exporter(Exporter::new(theirs))`.
///
/// Its future is driven on the collector's thread, without an async runtime, and given up after 30 seconds
/// ([`Exporter::timeout`]). Exporters that need a runtime get one by [`Exporter::driven_by`].
pub struct Exporter<E: SpanExporter> {
    inner: E,
    drive: Option<Driver>,
    timeout: Duration,
    most_spans: usize,
    scope: InstrumentationScope,
    again: Option<Factory>,
}

/// Makes the same exporter anew.
#[cfg_attr(not(any(feature = "grpc", feature = "zipkin")), allow(dead_code, reason = "nobody can"))]
type Factory = Box<dyn Fn() -> Option<Box<dyn Export>> + Send>;
type Driver = Box<dyn Fn(Exporting<'_>) -> OTelSdkResult + Send>;

const TIMEOUT: Duration = Duration::from_secs(30);
/// The SDK's own default. Servers refuse messages over a few mebibytes.
const MOST_SPANS: usize = 512;

impl<E: SpanExporter + 'static> Exporter<E> {
    /// Sends spans by this exporter.
    pub fn new(exporter: E) -> Self {
        Self {
            inner: exporter,
            drive: None,
            timeout: TIMEOUT,
            most_spans: MOST_SPANS,
            scope: convert::own_scope(),
            again: None,
        }
    }

    /// How long one batch may take, unless somebody else drives the exporter.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many spans one batch may have; 512 otherwise.
    #[must_use]
    pub fn most_spans(mut self, spans: usize) -> Self {
        self.most_spans = spans;
        self
    }

    /// Drives the exporter by something else, such as a runtime that it needs:
    ///
    /// ```
    /// # use opentelemetry_sdk::{error::OTelSdkResult, trace::SpanExporter};
    /// # fn with(
    /// #     theirs: impl SpanExporter + 'static,
    /// #     block_on: impl Fn(traced::sdk::Exporting<'_>) -> OTelSdkResult + Send + 'static,
    /// # ) {
    /// let exporter = traced::sdk::Exporter::new(theirs).driven_by(move |exporting| block_on(exporting));
    /// # }
    /// ```
    ///
    /// It is called on the collector's thread, and should not take for ever.
    #[must_use]
    pub fn driven_by(
        mut self,
        drive: impl Fn(Exporting<'_>) -> OTelSdkResult + Send + 'static,
    ) -> Self {
        self.drive = Some(Box::new(drive));
        self
    }

    /// The same, where somebody may have said how many.
    #[cfg(any(feature = "grpc", feature = "zipkin"))]
    pub(super) fn most_spans_if(self, spans: Option<usize>) -> Self {
        match spans {
            Some(spans) => self.most_spans(spans),
            None => self,
        }
    }

    /// Makes the same exporter anew in a forked child.
    #[cfg(any(feature = "grpc", feature = "zipkin"))]
    pub(super) fn made_again_by(
        mut self,
        make: impl Fn() -> Option<Box<dyn Export>> + Send + 'static,
    ) -> Self {
        self.again = Some(Box::new(make));
        self
    }

    fn drive(&self, exporting: Exporting<'_>) -> OTelSdkResult {
        match &self.drive {
            Some(drive) => drive(exporting),
            None => block_on(exporting, self.timeout)
                .unwrap_or(Err(OTelSdkError::Timeout(self.timeout))),
        }
    }
}

impl<E: SpanExporter + 'static> Export for Exporter<E> {
    fn resource(&mut self, resource: &Resource) {
        self.inner.set_resource(&convert::resource(resource));
    }

    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        let batch = spans.iter().map(|span| convert::span(span, &self.scope)).collect();
        Ok(self.drive(Box::pin(self.inner.export(batch)))?)
    }

    fn most_spans(&self) -> usize {
        self.most_spans
    }

    fn flush(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(self.inner.force_flush()?)
    }

    fn again(&self) -> Option<Box<dyn Export>> {
        self.again.as_ref().and_then(|make| make())
    }
}

impl<E: SpanExporter> Drop for Exporter<E> {
    fn drop(&mut self) {
        let _ = self.inner.shutdown();
    }
}

impl<E: SpanExporter> fmt::Debug for Exporter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter").field("inner", &self.inner).finish_non_exhaustive()
    }
}
