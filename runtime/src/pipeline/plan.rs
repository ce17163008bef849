//! What a collector works by, and what that of a forked child is made of.

use crate::export::Export;
use crate::export::span::{Limits, Resource};
use crate::pipeline::install::DEADLINE;
use crate::pipeline::memory;
use std::time::Duration;

/// What the collector is told at its start.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Each gets every span. What the first one takes counts as exported.
    pub(crate) exporters: Vec<Box<dyn Export>>,
    pub(crate) interval: Duration,
    pub(crate) resource: Resource,
    pub(crate) limits: Limits,
    /// Bytes of all that waits to be sent.
    pub(crate) memory_limit: usize,
    /// Whether spans say where in the source they come from.
    pub(crate) code_attributes: bool,
    /// How long the end may take.
    pub(crate) shutdown_limit: Duration,
}

impl Plan {
    pub(crate) fn new(exporters: Vec<Box<dyn Export>>) -> Self {
        Self {
            exporters,
            interval: Duration::from_secs(1),
            resource: Resource::new(),
            limits: Limits::default(),
            memory_limit: memory::DEFAULT_LIMIT_BYTES,
            code_attributes: true,
            shutdown_limit: DEADLINE,
        }
    }

    /// The same for a forked child, as far as its exporters know how to begin again.
    pub(super) fn again(&self) -> Self {
        Self {
            exporters: self.exporters.iter().filter_map(Export::again).collect(),
            interval: self.interval,
            resource: self.resource.clone(),
            limits: self.limits.clone(),
            memory_limit: self.memory_limit,
            code_attributes: self.code_attributes,
            shutdown_limit: self.shutdown_limit,
        }
    }
}
