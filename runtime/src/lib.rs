//! One attribute makes the calls of a function OpenTelemetry spans.
//!
//! ```
//! use traced::traced;
//!
//! #[traced]
//! fn charge(order: u64, #[public] currency: &str) -> Result<(), std::io::Error> {
//!     traced::event!("validated", checks = 3);
//!     Ok(())
//! }
//!
//! # #[cfg(not(feature = "off"))] {
//! let spans = traced::test::capture(|| charge(7, "EUR").unwrap());
//! // The name is the path: this example is a function in `main`.
//! assert_eq!(spans.named("main::charge").attribute("order"), Some(&7.into()));
//! # }
//! ```
//!
//! Numbers are recorded; text is not, unless somebody wrote `#[public]` beside it. Without a pipeline
//! ([`builder`]) an annotated function costs one load and one branch.

#[cfg(test)]
mod alone;
mod app;
mod bridge;
mod callsite;
mod clock;
#[cfg(feature = "init")]
mod config;
mod context;
mod deadline;
#[cfg(feature = "init")]
mod doctor;
mod early;
mod exchange;
mod export;
mod future;
mod hook;
mod id;
mod lasting;
mod links;
#[cfg(feature = "manifest")]
pub mod manifest;
mod message;
mod note;
mod observed;
mod order;
mod pipeline;
mod polls;
mod probe;
mod recorder;
pub mod redact;
mod report;
mod returned;
mod section;
mod segment;
#[cfg(any(feature = "init", feature = "otlp"))]
mod small_file;
mod span;
mod stream;
mod sync;
mod told;
mod value;
#[cfg(feature = "init")]
mod versions;

#[cfg(feature = "otel")]
pub mod otel;
pub mod propagation;
pub mod sampling;
#[cfg(feature = "tokio")]
pub mod task;

pub mod test;

#[cfg(all(fuzzing, feature = "app"))]
pub mod __fuzz;
#[doc(hidden)]
pub mod __integration;
#[doc(hidden)]
pub mod __private;

pub use app::builder::{Builder, builder};
#[cfg(feature = "init")]
pub use app::init::init;
pub use callsite::{About, FilterError, Level, SpanKind, filter};
#[cfg(feature = "init")]
pub use config::exporters::Destination;
pub use context::{Attached, Context, IntoContext, current, in_current};
#[cfg(feature = "init")]
pub use doctor::{Report, doctor};
#[cfg(feature = "otlp")]
pub use export::otlp;
#[cfg(feature = "sdk")]
pub use export::sdk;
pub use export::{Export, console, memory, span as data};
pub use future::{Instrument, Traced};
pub use id::{SpanId, TraceId};
pub use message::Message;
pub use note::link;
pub use pipeline::install::{Ended, InstallError, Installed, flush, flush_within};
pub use pipeline::outbox::Dropped;
pub use pipeline::stats::{Stats, stats};
pub use redact::Redact;
pub use section::Section;
pub use span::{Guard, Span};
pub use stream::InSpan;
pub use traced_macros::{Public, Redact, SafeDebug};
pub use traced_macros::{event, record, section, span, traced, untraced};

#[cfg(feature = "manifest")]
pub use manifest::{manifest, suggest};

/// Keeps a committed file true that lists what this workspace may record: `assert_manifest!("traced.manifest.json",
/// deny(opaque, implicit))`, in a test. See [`manifest`](mod@manifest).
#[cfg(feature = "manifest")]
#[macro_export]
macro_rules! assert_manifest {
    ($file:literal) => {
        $crate::assert_manifest!($file, deny())
    };
    ($file:literal, deny($($what:ident),* $(,)?)) => {
        $crate::manifest::check(
            ::core::env!("CARGO_MANIFEST_DIR"),
            $file,
            &[$($crate::__manifest_deny!($what)),*],
        )
    };
}

#[cfg(feature = "manifest")]
#[doc(hidden)]
#[macro_export]
macro_rules! __manifest_deny {
    (opaque) => {
        $crate::manifest::Deny::Opaque
    };
    (implicit) => {
        $crate::manifest::Deny::Implicit
    };
}

/// The innermost span failed, although nothing returned an `Err`: `traced::fail!("out_of_stock")`.
///
/// The literal becomes its `error.type`.
#[macro_export]
macro_rules! fail {
    ($error_type:literal) => {
        $crate::__private::fail($error_type)
    };
}

/// An error that is handled is an event of the innermost span: `traced::record_error!(&error)`. Its type is told,
/// and what the policy of its type tells.
#[macro_export]
macro_rules! record_error {
    ($error:expr) => {{
        #[allow(unused_imports, reason = "one of the two is used")]
        use $crate::__private::{HandledByName as _, HandledByPolicy as _};
        match $error {
            error => (&$crate::__private::Handled(&error)).record_error(),
        }
    }};
}

/// The innermost span went well, whatever else is said about it.
#[macro_export]
macro_rules! ok {
    () => {
        $crate::__private::ok()
    };
}

/// Keeps this trace, whatever the sampler would say at its end.
#[macro_export]
macro_rules! keep {
    () => {
        $crate::__private::keep()
    };
}
