//! What this program was built with.

/// Features that decide where spans can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "one for each feature")]
pub(crate) struct Built {
    pub(crate) otlp: bool,
    pub(crate) console: bool,
    pub(crate) grpc: bool,
    pub(crate) zipkin: bool,
}

impl Built {
    pub(crate) const NOW: Self = Self {
        otlp: cfg!(feature = "otlp"),
        console: cfg!(feature = "console"),
        grpc: cfg!(feature = "grpc"),
        zipkin: cfg!(feature = "zipkin"),
    };
}
