//! The `tracing` ecosystem in the traces of `traced`, and trace ids in log lines.
//!
//! ```
//! use tracing_subscriber::{fmt, layer::SubscriberExt, util::SubscriberInitExt};
//! use traced_tracing::{Bridge, Correlated};
//!
//! tracing_subscriber::registry()
//!     .with(fmt::layer().event_format(Correlated::new(fmt::format()).log_fields(["user_id"])))
//!     .with(Bridge::new().public("my_app", ["order_id"]))
//!     .init();
//! ```
//!
//! # Spans and events
//!
//! [`Bridge`] turns spans of `tracing` into spans of ours, as if somebody had written `#[traced]` there: they hang on
//! whatever is current, ours hang on them, and both leave through one pipeline. What is recorded of them obeys
//! our rule, because libraries record what they like:
//!
//! - names, levels and targets, which are literals;
//! - fields that are numbers or bools, unless their names sound secret;
//! - messages that are literals, `warn!("the cache is cold")`, as names of events. An event whose message was formatted
//!   is called after its place, `event src/pay.rs:41`;
//! - never any other text, unless [`Bridge::public`] declares the field.
//!
//! `TRACED` filters what becomes a span, by target and level as everywhere, `info` and above by default; `RUST_LOG`, or
//! whatever the subscriber's filters say, filters logs. A filter of the whole subscriber hides spans from both.
//!
//! A message is known to be a literal because its text lies in the read-only part of the program, in one piece of more
//! than one word. A message that is one value and nothing else passes if that value's text is such a constant:
//! `error!("{err}")` of an error whose `Display` writes a fixed sentence tells which sentence. So far Linux tells where
//! that memory is; elsewhere events are called after their places.
//!
//! # Log lines
//!
//! [`Correlated`] wraps a format of `tracing_subscriber::fmt`, and each line inside of a span has `trace_id` and
//! `span_id`; with feature `log`, `CorrelatedLog` does the same for a logger of the crate `log`. `traced` is no
//! logger: it never writes a line of its own.
//!
//! # Not twice
//!
//! Where a layer of `tracing-opentelemetry` is at work, each span of `tracing` would be exported by both. [`Bridge`]
//! then stays silent and says so once. It sees such a layer in the type of the subscriber below it, so it belongs
//! on top; with feature `tracing-opentelemetry` it finds one anywhere, boxed or above, when the first span is entered.

mod facts;
mod layer;
mod lines;
#[cfg(feature = "log")]
mod log_lines;
mod places;
mod program_text;
mod secret_names {
    //! Names under which a number is left out: those of `#[traced]`.

    traced::__integration::secret_names!();
}
mod stack;
mod twice;
mod values;

pub use layer::Bridge;
pub use lines::Correlated;
#[cfg(feature = "log")]
pub use log_lines::CorrelatedLog;
