//! What code says about tracing. What it leaves open the variables say, and what they leave open the defaults.

use crate::callsite::Filter;
use crate::export::Export;
use crate::pipeline::collector::Plan;
use crate::pipeline::install::{InstallError, Installed, install};
use crate::sampling::{AlwaysOn, ParentBased, Sampler};
use std::time::Duration;

/// Sets up tracing for the process; ends with [`Builder::install`].
#[derive(Debug)]
#[must_use = "nothing is set up before `install`"]
pub struct Builder {
    sampler: Box<dyn Sampler>,
    exporters: Vec<Box<dyn Export>>,
    interval: Duration,
}

/// Sets up tracing for the process.
pub fn builder() -> Builder {
    Builder {
        sampler: Box::new(ParentBased::new(AlwaysOn)),
        exporters: Vec::new(),
        interval: Duration::from_secs(1),
    }
}

impl Builder {
    /// Decides which traces are recorded and kept. Without it: what callers sampled, and all that begin here.
    pub fn sampler(mut self, sampler: impl Sampler) -> Self {
        self.sampler = Box::new(sampler);
        self
    }

    /// Where finished spans go. Each exporter that is given gets all of them; what the first one takes counts as
    /// exported.
    pub fn exporter(mut self, exporter: impl Export) -> Self {
        self.exporters.push(Box::new(exporter));
        self
    }

    /// How often spans are sent, if no outbox fills before. Without it: every second.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Makes this the pipeline of the process, until the guard is dropped.
    pub fn install(self) -> Result<Installed, InstallError> {
        if self.exporters.is_empty() {
            return Err(InstallError::NoExporter);
        }
        let plan = Plan { interval: self.interval, ..Plan::new(self.exporters) };
        install(self.sampler, Filter::default(), plan)
    }
}
