//! What code said, as plain data.

#[cfg(feature = "init")]
use crate::config::exporters::Destination;
use crate::context::Context;
use crate::export::Export;
#[cfg(all(feature = "init", feature = "otlp"))]
use crate::export::otlp::{Compression, Pem, Protocol};
use crate::export::span::{Attribute, Key, Limits};
use crate::propagation::Format;
use crate::redact::Cap;
use crate::sampling::{Budget, Sampler};
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// What code said; nothing where it is silent.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) who: Who,
    pub(super) guarded: Guarded,
    pub(super) sampler: Option<Box<dyn Sampler>>,
    pub(super) budget: Option<Budget>,
    pub(super) spans_per_trace: Option<u32>,
    pub(super) exporters: Vec<Box<dyn Export>>,
    pub(super) interval: Option<Duration>,
    pub(super) memory_limit: Option<usize>,
    pub(super) shutdown_limit: Option<Duration>,
    pub(super) flush_on_signals: bool,
    pub(super) limits: Option<Limits>,
    pub(super) filter: Option<String>,
    pub(super) code_attributes: Option<bool>,
    pub(super) propagators: Option<Vec<Format>>,
    #[cfg(feature = "init")]
    pub(super) destinations: Vec<Destination>,
    #[cfg(all(feature = "init", feature = "otlp"))]
    pub(super) otlp: SaidOfOtlp,
}

/// What is decided before anything is recorded.
#[derive(Default)]
pub(super) struct Guarded {
    pub(super) cap: Option<Cap>,
    pub(super) hash_key: Option<Vec<u8>>,
    pub(super) on_error: Option<Box<ErrorHook>>,
}

/// What the application does with an error, and the span that it ends.
pub(super) type ErrorHook = dyn Fn(&dyn Error, &Context) + Send + Sync;

/// Keys are secrets.
impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("cap", &self.cap).finish_non_exhaustive()
    }
}

/// Who sends the spans.
#[derive(Clone, Debug, Default)]
pub(super) struct Who {
    pub(super) service_name: Option<String>,
    pub(super) attributes: Vec<(Key, Attribute)>,
    /// The version that the package states, which everybody else outweighs.
    pub(super) package_version: Option<&'static str>,
}

/// How OTLP is spoken, and with whom.
#[cfg(all(feature = "init", feature = "otlp"))]
#[derive(Debug, Default)]
pub(super) struct SaidOfOtlp {
    pub(super) protocol: Option<Protocol>,
    pub(super) endpoint: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) timeout: Option<Duration>,
    pub(super) compression: Option<Compression>,
    pub(super) certificate: Option<Pem>,
    pub(super) client_identity: Option<(Pem, Pem)>,
}
