//! Exporters and processors that were written for the OpenTelemetry SDK for Rust.
//!
//! ```
//! use opentelemetry_sdk::trace::SpanExporter;
//! use traced::{InstallError, Installed, sdk};
//!
//! fn install(theirs: impl SpanExporter + 'static) -> Result<Installed, InstallError> {
//!     traced::builder().exporter(sdk::Exporter::new(theirs)).install()
//! }
//! ```
//!
//! - [`Exporter`]: any `SpanExporter`.
//! - [`Processor`]: any `SpanProcessor`, by its `on_end`: for programs that have a pipeline of the SDK already.
//!
//! - [`Decides`]: any `ShouldSample`.
//!
//! The first two run on the collector's thread and need no async runtime, unless the exporter itself does.

mod block_on;
mod convert;
mod exporter;
#[cfg(feature = "grpc")]
pub(crate) mod grpc;
mod processor;
mod sampler;
#[cfg(feature = "zipkin")]
pub(crate) mod zipkin;

pub use exporter::{Exporter, Exporting};
pub use processor::Processor;
pub use sampler::Decides;
