//! The builder, the guard, and the one pipeline of the process.

use crate::callsite::Listener;
use crate::export::Export;
use crate::pipeline::collector::{Collector, Plan};
use crate::sampling::{AlwaysOn, ParentBased, Sampler};
use crate::sync::OnceLock;
use std::fmt;
use std::time::Duration;

/// What a program sets up once.
#[derive(Debug)]
pub(crate) struct Pipeline {
    sampler: Box<dyn Sampler>,
    collector: Collector,
    _listener: Listener,
}

static PIPELINE: OnceLock<Pipeline> = OnceLock::new();

/// The sampler of the process, once there is one.
pub(crate) fn sampler() -> Option<&'static dyn Sampler> {
    PIPELINE.get().map(|pipeline| &*pipeline.sampler)
}

/// Sets up tracing for the process; ends with [`Builder::install`].
#[derive(Debug)]
#[must_use = "nothing is set up before `install`"]
pub struct Builder {
    sampler: Box<dyn Sampler>,
    exporter: Option<Box<dyn Export>>,
    interval: Duration,
}

/// Sets up tracing for the process.
pub fn builder() -> Builder {
    Builder {
        sampler: Box::new(ParentBased::new(AlwaysOn)),
        exporter: None,
        interval: Duration::from_secs(1),
    }
}

impl Builder {
    /// Decides which traces are recorded and kept. Without it: what callers sampled, and all that begin here.
    pub fn sampler(mut self, sampler: impl Sampler) -> Self {
        self.sampler = Box::new(sampler);
        self
    }

    /// Where finished spans go.
    pub fn exporter(mut self, exporter: impl Export) -> Self {
        self.exporter = Some(Box::new(exporter));
        self
    }

    /// How often spans are sent, if no outbox fills before. Without it: every second.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Makes this the pipeline of the process, until the guard is dropped.
    pub fn install(self) -> Result<Installed, InstallError> {
        if PIPELINE.get().is_some() {
            return Err(InstallError::AlreadyInstalled);
        }
        let exporter = self.exporter.ok_or(InstallError::NoExporter)?;
        let plan = Plan { interval: self.interval, ..Plan::new(vec![exporter]) };
        let collector = Collector::start(plan).map_err(InstallError::Thread)?;
        let pipeline = Pipeline { sampler: self.sampler, collector, _listener: Listener::new() };
        PIPELINE.set(pipeline).map_err(|refused| {
            refused.collector.shut_down(Duration::from_secs(1));
            InstallError::AlreadyInstalled
        })?;
        Ok(Installed(()))
    }
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
            Self::NoExporter => f.write_str("no exporter was given: call `.exporter(…)`"),
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
pub struct Installed(());

impl Drop for Installed {
    fn drop(&mut self) {
        crate::callsite::set_switched_off(true);
        if let Some(pipeline) = PIPELINE.get() {
            pipeline.collector.shut_down(DEADLINE);
        }
    }
}

/// Sends what was kept until now, and waits for it for at most five seconds; whether that was enough.
pub fn flush() -> bool {
    PIPELINE.get().is_none_or(|pipeline| pipeline.collector.flush(DEADLINE))
}
