//! Traces across processes: a context is written into headers, and read back from them.
//!
//! - `formats`: which formats, in what order; `OTEL_PROPAGATORS` chooses for the process.
//! - `trace_context` and `trace_state`: W3C Trace Context, Level 2. `baggage`: W3C Baggage.
//! - `b3`, `jaeger`, `datadog`: what others send.
//! - `headers`: maps, lists and closures that headers are read from and written to.
//!
//! Reading is strict and bounded: a header that breaks a rule of its format is no header, and the trace
//! begins anew. Whatever was read is passed on and never recorded by itself.
//!
//! ```
//! use std::collections::HashMap;
//! use traced::{propagation, traced};
//!
//! #[traced]
//! fn call_the_next_service() -> HashMap<String, String> {
//!     let mut headers = HashMap::new();
//!     propagation::inject(&mut headers);
//!     headers
//! }
//!
//! # #[cfg(not(feature = "off"))]
//! # traced::test::capture(|| {
//! let received = [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
//! let caller = propagation::extract(&received);
//! let sent = caller.in_scope(call_the_next_service);
//! assert!(sent["traceparent"].starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
//! # });
//! ```

mod b3;
mod baggage;
mod datadog;
mod formats;
mod headers;
mod hex;
mod jaeger;
mod trace_context;
mod trace_state;

pub use baggage::Baggage;
pub use formats::{Format, Propagators, UnknownFormat};
pub use headers::{Carrier, Headers};
pub use trace_state::{Malformed, TraceState};

use crate::context::{Context, current};
use crate::hook;
use crate::sync::{LazyLock, OnceLock};

static CHOSEN: OnceLock<Propagators> = OnceLock::new();
static DEFAULT: LazyLock<Propagators> = LazyLock::new(Propagators::default);

/// The formats of this process: those that were [chosen](choose), or `tracecontext,baggage`.
pub fn propagators() -> &'static Propagators {
    CHOSEN.get().unwrap_or_else(|| &DEFAULT)
}

/// Chooses the formats of this process, once; `false` if they were chosen before.
pub fn choose(propagators: Propagators) -> bool {
    CHOSEN.set(propagators).is_ok()
}

/// Writes the innermost span into a carrier: any map from names to values, or a list of both.
pub fn inject(carrier: &mut (impl Carrier + ?Sized)) {
    inject_with(|name, value| carrier.set(name, value));
}

/// Hands the headers of the innermost span to a closure, for carriers that are no map.
///
/// ```
/// let mut request = String::from("GET / HTTP/1.1\r\n");
/// traced::propagation::inject_with(|name, value| {
///     request.extend([name, ": ", value, "\r\n"]);
/// });
/// ```
pub fn inject_with(mut set: impl FnMut(&'static str, &str)) {
    let context = current();
    // What others put into OpenTelemetry's context comes along in place of what came in.
    let along = hook::baggage().unwrap_or_else(|| context.baggage());
    propagators().write(&context, &along, &mut set);
}

/// What a carrier says; [`Context::none`] if it says nothing, or nothing that makes sense.
pub fn extract(headers: &(impl Headers + ?Sized)) -> Context {
    propagators().extract(headers)
}

/// The same for headers that are no map: the closure looks up all values of a name, in their order.
///
/// ```
/// # struct Message { properties: Vec<(String, Vec<u8>)> }
/// # let message = Message { properties: Vec::new() };
/// let sender = traced::propagation::extract_with(|name| {
///     let found = message.properties.iter().find(|(key, _)| key == name)?;
///     std::str::from_utf8(&found.1).ok()
/// });
/// assert!(sender.is_none());
/// ```
pub fn extract_with<V>(get: impl Fn(&'static str) -> V) -> Context
where
    V: IntoIterator,
    V::Item: AsRef<str>,
{
    propagators().extract(&headers::With(get))
}
