//! One trace with everybody else who speaks OpenTelemetry.
//!
//! [`install`] makes ours the global `TracerProvider` and the global propagator of the `opentelemetry` crate.
//! From then on spans of other libraries and ours see each other, without anything to attach by hand:
//!
//! - A span that another library opens inside of a `#[traced]` function is its child, and goes out through
//!   the same pipeline, with its own events, links, status and scope.
//! - A `#[traced]` function that is called while another library's span is attached, or a context that was
//!   read from headers, is its child.
//! - Whoever asks the global propagator to write headers writes the innermost span, ours or theirs.
//!
//! ```
//! use opentelemetry::global;
//! use opentelemetry::trace::{TraceContextExt, Tracer};
//! use traced::traced;
//!
//! #[traced]
//! fn ours() {
//!     global::tracer("some-library").in_span("theirs", |_| ours_again());
//! }
//!
//! #[traced]
//! fn ours_again() {}
//!
//! # #[cfg(not(feature = "off"))] {
//! traced::otel::install();
//! let spans = traced::test::capture(ours);
//! assert_eq!(spans.to_string(), "main::ours(theirs(main::ours_again))");
//! # }
//! ```
//!
//! What stays imprecise, and what to do about it, is in `docs/opentelemetry.md`.

pub(crate) mod baggage;
mod convert;
mod ids;
mod propagator;
mod provider;
mod span;

pub use crate::context::IntoContext;
pub use propagator::TextMapPropagator;
pub use provider::{Tracer, TracerProvider};
pub use span::Span;

use crate::context::{self, Kin};
use crate::hook::{self, Found};
use crate::segment::thread::hot;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry::{Context, global};

/// Makes ours the global `TracerProvider` and the global propagator of the `opentelemetry` crate.
///
/// `init` does so too. A tracer is bound to the provider that is global when it is fetched, by the API itself: one that was
/// fetched before does nothing for ever, and its spans let ours pass through. Where libraries fetch theirs before
/// `init` can be called, in statics or before the configuration is known, call this first, as the first thing in `main`. It
/// needs nothing: until there is a pipeline the spans of such tracers record nothing, and from then on they
/// are in our traces. Whoever sets another provider afterwards has that one.
///
/// ```
/// # use opentelemetry::{global, trace::Tracer};
/// traced::otel::install();
/// let tracer = global::tracer("fetched early");
/// // … read the configuration …
/// # #[cfg(feature = "never")]
/// let _traced = traced::init();
/// tracer.in_span("in our traces", |_| ());
/// ```
pub fn install() {
    global::set_tracer_provider(TracerProvider::new());
    global::set_text_map_propagator(TextMapPropagator::new());
}

/// Whether a tracer of the global provider is one of ours: nobody has set another one since, and there is
/// only one `opentelemetry` between us.
pub fn is_installed() -> bool {
    provider::answers(&global::tracer_provider())
}

/// The present context of OpenTelemetry, with exactly the span in it that is innermost now, ours or another
/// library's.
///
/// `Context::current()` shows the local root of our spans in its place, unless the function says
/// `#[traced(attach)]`. Whatever is told where to belong by a context takes this one.
///
/// ```
/// # use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
/// # let tracer = traced::otel::TracerProvider::new().tracer("some-library");
/// # #[traced::traced] fn outer(tracer: &traced::otel::Tracer) {
/// let context = traced::otel::context();
/// let later = tracer.start_with_context("below outer, wherever", &context);
/// # }
/// ```
pub fn context() -> Context {
    to_otel(&context::current())
}

/// Runs `work` with this context attached, for other libraries and for ours: both hang on its span.
pub fn with_context<R>(context: &Context, work: impl FnOnce() -> R) -> R {
    let ours = context.into_context();
    ours.in_scope(|| {
        let _attached = context.clone().attach();
        work()
    })
}

fn to_otel(context: &context::Context) -> Context {
    match context.kin() {
        Kin::None => Context::current().with_remote_span_context(SpanContext::NONE),
        Kin::Local(segment, span) => hook::exact(segment, *span),
        Kin::Remote(remote) => baggage::add(Context::current(), &remote.baggage)
            .with_value(hook::Received(remote.clone()))
            .with_remote_span_context(hook::span_context(context, true)),
    }
}

impl IntoContext for &Context {
    fn into_context(self) -> context::Context {
        hot(|hot| match hook::find(hot, self) {
            Found::Nothing => context::Context::none(),
            Found::Here => context::innermost(hot),
            Found::There(context) => context,
        })
    }
}

impl IntoContext for Context {
    fn into_context(self) -> context::Context {
        (&self).into_context()
    }
}

impl IntoContext for &SpanContext {
    fn into_context(self) -> context::Context {
        (&Context::new().with_remote_span_context(self.clone())).into_context()
    }
}

impl IntoContext for SpanContext {
    fn into_context(self) -> context::Context {
        (&self).into_context()
    }
}

/// A context of ours, as the `opentelemetry` crate has them: with exactly its span.
impl From<&context::Context> for Context {
    fn from(context: &context::Context) -> Self {
        to_otel(context)
    }
}
