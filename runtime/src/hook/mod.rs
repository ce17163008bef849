//! What the hot path asks about the contexts of other libraries, and shows to them.
//!
//! OpenTelemetry keeps a context for each thread: whoever opens a span attaches one with it. Ours would cost
//! too much for each span. So a local root, and the outermost future of a task at each poll, attaches one
//! that stands for wherever its segment is; and each span that is opened compares the id of the span that
//! is attached *now* with the one that it knows of ([`has_moved`]). If they differ, somebody else's span
//! is the parent, or something that was captured elsewhere.
//!
//! - `otel`: with the feature of that name, as soon as our provider is installed.
//! - `absent`: without it there are no others, and all of this is nothing.

#[cfg(not(feature = "otel"))]
mod absent;
#[cfg(feature = "otel")]
mod otel;

#[cfg(not(feature = "otel"))]
pub(crate) use absent::*;
#[cfg(feature = "otel")]
pub(crate) use otel::*;

use crate::context::Context;

/// Where a span belongs that is opened now.
#[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "there are no others"))]
pub(crate) enum Look {
    /// Below whatever is innermost among our own.
    Ours,
    /// There.
    There(Context),
    /// Nowhere: somebody asked for silence.
    Suppressed,
}
