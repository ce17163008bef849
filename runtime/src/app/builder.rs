//! What code says about tracing. What it leaves open the variables say, and what they leave open the defaults.

use super::said::Said;
use super::settle::install_what;
#[cfg(feature = "init")]
use crate::config::exporters::Destination;
use crate::context::Context;
use crate::export::Export;
#[cfg(all(feature = "init", feature = "otlp"))]
use crate::export::otlp::{Compression, Pem, Protocol};
use crate::export::span::{Attribute, Key, Limits};
use crate::pipeline::install::{InstallError, Installed};
use crate::propagation::Format;
use crate::redact::Cap;
use crate::sampling::{Budget, Sampler};
use std::error::Error;
use std::time::Duration;

/// Sets up tracing for the process; ends with [`Builder::install`].
///
/// Whatever is not said here, the variables `OTEL_*` and `TRACED_*` say (with feature `init`), and whatever they
/// leave open the defaults: code outweighs variables, as in the SDKs of OpenTelemetry. Only
/// `OTEL_SDK_DISABLED=true` outweighs code: it is there to switch off a program that nobody wants to build anew.
#[derive(Debug, Default)]
#[must_use = "nothing is set up before `install`"]
pub struct Builder {
    pub(super) said: Said,
}

/// Sets up tracing for the process, in words of code.
///
/// ```
/// use std::time::Duration;
/// use traced::memory::Memory;
///
/// # fn main() -> Result<(), traced::InstallError> {
/// let spans = Memory::new();
/// let _traced = traced::builder()
///     .service_name("orders")
///     .resource("deployment.environment.name", "staging")
///     .filter("info,orders::db=off")
///     .interval(Duration::from_millis(200))
///     .exporter(spans.clone())
///     .install()?;
/// # Ok(())
/// # }
/// ```
pub fn builder() -> Builder {
    Builder::default()
}

impl Builder {
    /// What the service is called: `OTEL_SERVICE_NAME`. Without it: `unknown_service:` and the name of the executable.
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.said.who.service_name = Some(name.into()).filter(|name| !name.is_empty());
        self
    }

    /// What else is said about the service with every request: `OTEL_RESOURCE_ATTRIBUTES`.
    pub fn resource(mut self, key: impl Into<Key>, value: impl Into<Attribute>) -> Self {
        self.said.who.attributes.push((key.into(), value.into()));
        self
    }

    /// Decides which traces are recorded and kept: `OTEL_TRACES_SAMPLER`, `TRACED_SAMPLING`. Without it:
    /// [`Adaptive`](crate::sampling::Adaptive), within the [budget](Builder::budget).
    pub fn sampler(mut self, sampler: impl Sampler) -> Self {
        self.said.sampler = Some(Box::new(sampler));
        self
    }

    /// How much may go out in a second, where no other sampler decides: `TRACED_BUDGET`. Without it: 100 traces
    /// and 1 MiB.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.said.budget = Some(budget);
        self
    }

    /// The most spans of one trace that this process sends, but for a tenth more that are remarkable; the rest is
    /// counted on its local root, as `traced.omitted_spans`. Without it: 10,000.
    pub fn spans_per_trace(mut self, spans: u32) -> Self {
        self.said.spans_per_trace = Some(spans);
        self
    }

    /// Where finished spans go, instead of where the variables say. Each exporter that is given gets all of them;
    /// what the first one takes counts as exported.
    pub fn exporter(mut self, exporter: impl Export) -> Self {
        self.said.exporters.push(Box::new(exporter));
        self
    }

    /// How often spans are sent, if no outbox fills before: `OTEL_BSP_SCHEDULE_DELAY`. Without it: every second.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.said.interval = Some(interval);
        self
    }

    /// How many bytes of spans may wait in all: `TRACED_MEMORY_LIMIT`. Without it: 32 MiB.
    pub fn memory_limit(mut self, bytes: usize) -> Self {
        self.said.memory_limit = Some(bytes);
        self
    }

    /// How long the end of tracing may take at most, by a shutdown, the drop of its guard or the end of the process:
    /// what is not sent by then is lost, and counted. Without it: five seconds.
    pub fn shutdown_within(mut self, limit: Duration) -> Self {
        self.said.shutdown_limit = Some(limit);
        self
    }

    /// Sends what is there, for as long as a [shutdown](Builder::shutdown_within) may take, when SIGTERM or SIGINT would end the process; then it
    /// ends by that signal, without any destructor, as it would have. A signal that the program handles itself
    /// stays with it: then it is the program that ends, and drops the guard. On Unix alone.
    pub fn flush_on_signals(mut self) -> Self {
        self.said.flush_on_signals = true;
        self
    }

    /// How much a span may hold: `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT` and its like.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.said.limits = Some(limits);
        self
    }

    /// Which places record, in the words of [`filter`](crate::filter()): `TRACED`. Without it: `info`.
    pub fn filter(mut self, rules: impl Into<String>) -> Self {
        self.said.filter = Some(rules.into());
        self
    }

    /// Whether spans say where in the source they come from (`code.function.name`, `code.file.path`,
    /// `code.line.number`): `TRACED_CODE_ATTRIBUTES`. Without it they do.
    pub fn code_attributes(mut self, wanted: bool) -> Self {
        self.said.code_attributes = Some(wanted);
        self
    }

    /// In which headers traces go from process to process, each format once: `OTEL_PROPAGATORS`. Without it: those
    /// of W3C, `traceparent` and `baggage`.
    pub fn propagators(mut self, formats: impl IntoIterator<Item = Format>) -> Self {
        self.said.propagators = Some(formats.into_iter().collect());
        self
    }

    /// What any value may tell at most, whatever its policy says: `TRACED_REDACT`, which is obeyed as well. Without
    /// it: what its policy says.
    pub fn redact(mut self, cap: Cap) -> Self {
        self.said.guarded.cap = Some(cap);
        self
    }

    /// The key of `#[redact(hash)]`, at least 16 random bytes: `TRACED_HASH_KEY_FILE`. Without it, and without
    /// feature `hash`, the marker is told. Hashed values remain personal data: who has the key can try them.
    pub fn hash_key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.said.guarded.hash_key = Some(key.into());
        self
    }

    /// Hands each error that ends a recorded span to the application, whole, with the span that it ends: for its own
    /// log, where the trace id joins the two. Spans themselves tell of an error what its policy allows.
    ///
    /// ```
    /// # use traced::memory::Memory;
    /// # fn main() -> Result<(), traced::InstallError> {
    /// let _traced = traced::builder()
    ///     .on_error(|error, span| eprintln!("{error} in trace {}", span.trace_id()))
    ///     # .exporter(Memory::new())
    ///     .install()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It is called on the thread that failed, where the function returns. What it does with the text is under no
    /// policy.
    pub fn on_error(mut self, hook: impl Fn(&dyn Error, &Context) + Send + Sync + 'static) -> Self {
        self.said.guarded.on_error = Some(Box::new(hook));
        self
    }

    /// Makes this the pipeline of the process, until the guard is dropped.
    ///
    /// Variables that were not understood are told on standard error, each in one line, with what is used instead;
    /// then follows one line with what was set up.
    pub fn install(self) -> Result<Installed, InstallError> {
        let flush_on_signals = self.said.flush_on_signals;
        let installed = install_what(self.said)?;
        if flush_on_signals {
            installed.flush_on_signals();
        }
        Ok(installed)
    }
}

#[cfg(feature = "init")]
impl Builder {
    /// Where finished spans go: `OTEL_TRACES_EXPORTER`. Each that is named gets all of them.
    pub fn destination(mut self, destination: Destination) -> Self {
        if !self.said.destinations.contains(&destination) {
            self.said.destinations.push(destination);
        }
        self
    }
}

#[cfg(all(feature = "init", feature = "otlp"))]
impl Builder {
    /// How OTLP is spoken: `OTEL_EXPORTER_OTLP_PROTOCOL`. Without it: protobuf over HTTP.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.said.otlp.protocol = Some(protocol);
        self
    }

    /// The whole address that spans are sent to by OTLP: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`. Over HTTP it
    /// usually ends in `/v1/traces`.
    pub fn endpoint(mut self, address: impl Into<String>) -> Self {
        self.said.otlp.endpoint = Some(address.into());
        self
    }

    /// A header of every request, instead of one of this name in `OTEL_EXPORTER_OTLP_HEADERS`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.said.otlp.headers.push((name.into(), value.into()));
        self
    }

    /// How long sending a batch may take: `OTEL_EXPORTER_OTLP_TIMEOUT`. Without it: ten seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.said.otlp.timeout = Some(timeout);
        self
    }

    /// Whether requests are compressed: `OTEL_EXPORTER_OTLP_COMPRESSION`. Without it they are not.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.said.otlp.compression = Some(compression);
        self
    }

    /// Whom to trust: `OTEL_EXPORTER_OTLP_CERTIFICATE`.
    pub fn certificate(mut self, certificate: Pem) -> Self {
        self.said.otlp.certificate = Some(certificate);
        self
    }

    /// Who we are: `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and its key, `OTEL_EXPORTER_OTLP_CLIENT_KEY`.
    pub fn client_identity(mut self, certificate: Pem, key: Pem) -> Self {
        self.said.otlp.client_identity = Some((certificate, key));
        self
    }
}
