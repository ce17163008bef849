//! Whether somebody else exports the same spans.

use tracing_core::Dispatch;
use tracing_core::span::Id;

/// Whether the type of a subscriber names a layer of `tracing-opentelemetry`.
pub(crate) fn is_exported_by<S>() -> bool {
    std::any::type_name::<S>().contains("tracing_opentelemetry::")
}

/// Whether such a layer can be found where no type names it.
pub(crate) const CAN_LOOK: bool = cfg!(feature = "tracing-opentelemetry");

/// Whether such a layer stands anywhere around this span: then it has a context for it.
#[cfg(feature = "tracing-opentelemetry")]
pub(crate) fn is_exported_somewhere(span: &Id, all: &Dispatch) -> bool {
    tracing_opentelemetry::get_otel_context(span, all).is_some()
}

#[cfg(not(feature = "tracing-opentelemetry"))]
pub(crate) fn is_exported_somewhere(_: &Id, _: &Dispatch) -> bool {
    false
}

pub(crate) fn tell() {
    eprintln!(
        "traced: a layer of tracing-opentelemetry exports the spans of tracing already; traced_tracing::Bridge stays silent. \
         Remove one of the two"
    );
}
