//! The guard, and the one pipeline of the process.

use crate::callsite::{self, Filter, FilterError};
use crate::hook;
use crate::pipeline::collector;
use crate::pipeline::plan::Plan;
use crate::pipeline::process;
use crate::pipeline::stats::{self, Stats};
use crate::redact::KeyError;
use crate::report::{Importance, say};
use crate::sampling::Sampler;
use crate::sync::OnceLock;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// What a program sets up once.
#[derive(Debug)]
pub(crate) struct Pipeline {
    sampler: Box<dyn Sampler>,
    /// It was asked once for each of these, and may not answer otherwise later.
    asks_for_routes: bool,
    leaves_out_below: u64,
    /// How long its end may take.
    shutdown_limit: Duration,
}

static PIPELINE: OnceLock<Pipeline> = OnceLock::new();

/// The sampler of the process, once there is one.
pub(crate) fn sampler() -> Option<&'static dyn Sampler> {
    PIPELINE.get().map(|pipeline| &*pipeline.sampler)
}

/// Whether that sampler wants to know the routes of requests.
pub(crate) fn asks_for_routes() -> bool {
    PIPELINE.get().is_some_and(|pipeline| pipeline.asks_for_routes)
}

/// Of traces that begin with a root, that sampler records none with less randomness.
pub(crate) fn leaves_out_below() -> u64 {
    PIPELINE.get().map_or(0, |pipeline| pipeline.leaves_out_below)
}

/// Makes this the pipeline of the process, until the guard is dropped.
pub(crate) fn install(
    sampler: Box<dyn Sampler>,
    filter: Filter,
    plan: Plan,
) -> Result<Installed, InstallError> {
    if PIPELINE.get().is_some() {
        return Err(InstallError::AlreadyInstalled);
    }
    let shutdown_limit = plan.shutdown_limit;
    collector::start(plan).map_err(InstallError::Thread)?;
    let asks_for_routes =
        catch_unwind(AssertUnwindSafe(|| sampler.asks_for_routes())).unwrap_or(true);
    let leaves_out_below =
        catch_unwind(AssertUnwindSafe(|| sampler.leaves_out_below())).unwrap_or(0);
    let pipeline = Pipeline { sampler, asks_for_routes, leaves_out_below, shutdown_limit };
    PIPELINE.set(pipeline).map_err(|_| InstallError::AlreadyInstalled)?;
    process::watch();
    callsite::set_filter(filter);
    callsite::listen_for_ever();
    hook::take_part();
    Ok(Installed { is_active: true })
}

/// Whether there is, or was, a pipeline.
#[cfg(feature = "init")]
pub(crate) fn is_installed() -> bool {
    PIPELINE.get().is_some()
}

/// Why nothing was set up.
#[derive(Debug)]
#[non_exhaustive]
pub enum InstallError {
    /// There is one pipeline a process, and it is there.
    AlreadyInstalled,
    /// Nobody said where spans go.
    NoExporter,
    /// The collector's thread could not be started.
    Thread(std::io::Error),
    /// The filter was not understood.
    Filter(FilterError),
    /// Code asks for what this program was built without: the feature.
    NotBuilt(&'static str),
    /// Spans cannot be sent to this address.
    Endpoint(String),
    /// HTTP does not allow a header of this name, or its value, or the exporter has its own.
    Header(String),
    /// The key of hashes cannot be used.
    HashKey(KeyError),
    /// An exporter could not be made.
    Exporter(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyInstalled => f.write_str("a pipeline is installed already"),
            Self::NoExporter => f.write_str(
                "no exporter was given: call `.exporter(…)`, or build `traced` with feature `app`",
            ),
            Self::Thread(error) => write!(f, "the collector's thread could not start: {error}"),
            Self::Filter(error) => write!(f, "the filter was not understood: {error}"),
            Self::NotBuilt(feature) => write!(
                f,
                "this program was built without feature `{feature}` of `traced`: \
                 `cargo add traced -F {feature}`"
            ),
            Self::Endpoint(problem) => f.write_str(problem),
            Self::HashKey(error) => write!(f, "{error}"),
            Self::Header(name) => {
                write!(
                    f,
                    "the header {name:?} cannot be sent: HTTP does not allow it or its value, or the exporter has its own"
                )
            }
            Self::Exporter(error) => write!(f, "an exporter could not be made: {error}"),
        }
    }
}

impl std::error::Error for InstallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Thread(error) => Some(error),
            Self::Filter(error) => Some(error),
            Self::HashKey(error) => Some(error),
            Self::Exporter(error) => Some(&**error),
            Self::AlreadyInstalled
            | Self::NoExporter
            | Self::NotBuilt(_)
            | Self::Endpoint(_)
            | Self::Header(_) => None,
        }
    }
}

/// How long somebody waits for what is on its way, where nobody says it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// How long a shutdown may take in all.
fn shutdown_limit() -> Duration {
    PIPELINE.get().map_or(DEADLINE, |pipeline| pipeline.shutdown_limit)
}

/// Tracing is on. When this is dropped, what was kept is sent, and every place is switched off.
#[must_use = "tracing ends where this is dropped: `let _traced = …`"]
#[derive(Debug)]
pub struct Installed {
    is_active: bool,
}

impl Installed {
    /// Ends by signals are noticed too, if there is anything to send.
    #[cfg_attr(not(unix), allow(clippy::unused_self, reason = "Windows has no such signals"))]
    pub(crate) fn flush_on_signals(&self) {
        #[cfg(all(unix, not(loom)))]
        if self.is_active {
            if let Err(error) = crate::pipeline::signals::watch() {
                say(Importance::Warning, format_args!("signals are not noticed: {error}"));
            }
        }
    }

    /// The guard of nothing: tracing is switched off, or somebody else holds its guard.
    #[cfg_attr(not(feature = "init"), allow(dead_code, reason = "a variable says so"))]
    pub(crate) const fn inactive() -> Self {
        Self { is_active: false }
    }

    /// Whether the drop of this ends tracing.
    pub fn is_active(&self) -> bool {
        self.is_active
    }

    /// Ends tracing, as the drop does, and says what came of it.
    pub fn shut_down(mut self) -> Ended {
        self.end()
    }

    fn end(&mut self) -> Ended {
        if !std::mem::take(&mut self.is_active) {
            return Ended { in_time: true, stats: stats::stats() };
        }
        if callsite::none_was_used() {
            // Whether that was meant shows when somebody asks for a span.
            callsite::expect_nobody();
        }
        callsite::set_switched_off(true);
        let in_time = collector::shut_down(shutdown_limit());
        Ended { in_time, stats: stats::stats() }
    }
}

/// How tracing ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ended {
    /// Whether everything was sent, or given up, before the time was over.
    pub in_time: bool,
    /// What became of all spans; if it was not in time, some are still pending.
    pub stats: Stats,
}

impl Drop for Installed {
    fn drop(&mut self) {
        let Ended { in_time, stats } = self.end();
        if !in_time && stats.pending > 0 {
            let (spans, limit) = (stats.pending, shutdown_limit().as_secs_f64());
            say(Importance::Warning, format_args!("{spans} spans could not be sent in {limit} s"));
        }
    }
}

/// Sends what was kept until now, and waits for it for at most five seconds; whether that was enough.
pub fn flush() -> bool {
    flush_within(DEADLINE)
}

/// Sends what was kept until now, and waits for it for at most so long; whether that was enough.
pub fn flush_within(limit: Duration) -> bool {
    collector::flush(limit)
}

/// The process ends, and nobody dropped the guard.
#[cfg(all(unix, not(loom)))]
pub(crate) fn shut_down_at_exit() {
    if collector::is_running() {
        collector::shut_down(shutdown_limit());
    }
}
