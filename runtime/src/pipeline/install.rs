//! The guard, and the one pipeline of the process.

use crate::callsite::{self, Filter};
use crate::pipeline::collector::{Collector, Plan};
use crate::sampling::Sampler;
use crate::sync::OnceLock;
use std::fmt;
use std::time::Duration;

/// What a program sets up once.
#[derive(Debug)]
pub(crate) struct Pipeline {
    sampler: Box<dyn Sampler>,
    collector: Collector,
}

static PIPELINE: OnceLock<Pipeline> = OnceLock::new();

/// The sampler of the process, once there is one.
pub(crate) fn sampler() -> Option<&'static dyn Sampler> {
    PIPELINE.get().map(|pipeline| &*pipeline.sampler)
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
    let collector = Collector::start(plan).map_err(InstallError::Thread)?;
    PIPELINE.set(Pipeline { sampler, collector }).map_err(|refused| {
        refused.collector.shut_down(Duration::from_secs(1));
        InstallError::AlreadyInstalled
    })?;
    callsite::set_filter(filter);
    callsite::listen_for_ever();
    Ok(Installed { is_active: true })
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
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyInstalled => f.write_str("a pipeline is installed already"),
            Self::NoExporter => f.write_str(
                "no exporter was given: call `.exporter(…)`, or build `traced` with feature `app`",
            ),
            Self::Thread(error) => write!(f, "the collector's thread could not start: {error}"),
        }
    }
}

impl std::error::Error for InstallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Thread(error) => Some(error),
            Self::AlreadyInstalled | Self::NoExporter => None,
        }
    }
}

/// How long a shutdown may take in all.
const DEADLINE: Duration = Duration::from_secs(5);

/// Tracing is on. When this is dropped, what was kept is sent, and every place is switched off.
#[must_use = "tracing ends where this is dropped: `let _traced = …`"]
#[derive(Debug)]
pub struct Installed {
    is_active: bool,
}

impl Installed {
    /// The guard of nothing: tracing is switched off, or somebody else holds its guard.
    #[cfg_attr(not(feature = "init"), allow(dead_code, reason = "a variable says so"))]
    pub(crate) const fn inactive() -> Self {
        Self { is_active: false }
    }

    /// Whether the drop of this ends tracing.
    pub fn is_active(&self) -> bool {
        self.is_active
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        if !self.is_active {
            return;
        }
        if callsite::none_was_used() {
            // Whether that was meant shows when somebody asks for a span.
            callsite::expect_nobody();
        }
        callsite::set_switched_off(true);
        if let Some(pipeline) = PIPELINE.get() {
            pipeline.collector.shut_down(DEADLINE);
        }
    }
}

/// Sends what was kept until now, and waits for it for at most five seconds; whether that was enough.
pub fn flush() -> bool {
    PIPELINE.get().is_none_or(|pipeline| pipeline.collector.flush(DEADLINE))
}
