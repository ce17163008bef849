//! Where finished spans go.
//!
//! - [`span`]: what an exporter gets; [`resource`]: who it comes from; [`limits`]: how much of it goes out.
//! - [`console`]: a waterfall on the terminal.
//! - `sdk`: whatever was written for the OpenTelemetry SDK; over it OTLP/gRPC and Zipkin.
//! - [`memory`]: a list, for programs that look at their own spans.

pub(crate) mod capped;
#[cfg(any(feature = "otlp", feature = "sdk"))]
pub(crate) mod code;
pub mod console;
pub(crate) mod limits;
pub mod memory;
#[cfg(feature = "otlp")]
pub mod otlp;
pub(crate) mod resource;
#[cfg(feature = "sdk")]
pub mod sdk;
pub mod span;

use resource::Resource;
use span::Span;
use std::error::Error;
use std::fmt::Debug;

/// Takes finished spans somewhere.
///
/// Called on the collector's thread, one batch after the other, where nothing is traced. An error or a panic
/// costs the batch, whose spans are counted as dropped.
pub trait Export: Debug + Send + 'static {
    /// Says who sends the spans, before the first batch.
    fn resource(&mut self, resource: &Resource) {
        let _ = resource;
    }

    /// Takes a batch.
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>>;

    /// So many spans are given to it at once at the most; asked once, before the first batch.
    fn most_spans(&self) -> usize {
        usize::MAX
    }

    /// Sends what it holds back, because somebody flushes or tracing ends. It is dropped when tracing has ended,
    /// before that is reported to whoever waits for it.
    fn flush(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }

    /// The same exporter once more, for a child process that is forked: with connections of its own. Without one the
    /// child's spans are dropped, and counted.
    fn again(&self) -> Option<Box<dyn Export>> {
        None
    }

    /// Our own exporter, which reads records as they are.
    #[cfg(feature = "otlp")]
    #[doc(hidden)]
    fn as_otlp(&mut self) -> Option<&mut otlp::Otlp> {
        None
    }
}

impl Export for Box<dyn Export> {
    fn resource(&mut self, resource: &Resource) {
        (**self).resource(resource);
    }

    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        (**self).export(spans)
    }

    fn most_spans(&self) -> usize {
        (**self).most_spans()
    }

    fn flush(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        (**self).flush()
    }

    fn again(&self) -> Option<Box<dyn Export>> {
        (**self).again()
    }

    #[cfg(feature = "otlp")]
    fn as_otlp(&mut self) -> Option<&mut otlp::Otlp> {
        (**self).as_otlp()
    }
}
