//! Whether somebody else exports the same spans.

/// Whether the type of a subscriber names a layer of `tracing-opentelemetry`.
pub(crate) fn is_exported_by<S>() -> bool {
    std::any::type_name::<S>().contains("tracing_opentelemetry::")
}

/// Whether such a layer stands anywhere around this span: then it has a context for it.
#[cfg(feature = "tracing-opentelemetry")]
pub(crate) fn is_exported_somewhere(span: &tracing_core::span::Id) -> bool {
    tracing_core::dispatcher::get_default(|dispatch| {
        tracing_opentelemetry::get_otel_context(span, dispatch).is_some()
    })
}

#[cfg(not(feature = "tracing-opentelemetry"))]
pub(crate) fn is_exported_somewhere(_: &tracing_core::span::Id) -> bool {
    false
}

pub(crate) fn tell() {
    eprintln!(
        "traced: a layer of tracing-opentelemetry exports the spans of tracing already; traced_tracing::Bridge stays silent. \
         Remove one of the two"
    );
}
