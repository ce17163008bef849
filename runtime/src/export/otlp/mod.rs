//! OTLP over HTTP: what OpenTelemetry's collector, and most that stores traces, understands.
//!
//! - [`Settings`]: where to, and how.

mod settings;

#[cfg(feature = "init")]
pub use crate::config::otlp::Protocol;
pub use settings::{Compression, Pem, Retry, Settings};
