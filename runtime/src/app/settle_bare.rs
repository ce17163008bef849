//! Code and defaults become what is installed; without feature `init` no variable is read.

use super::privacy;
use super::resource::{FromVariables, executable, resource};
use super::said::Said;
use crate::callsite::Filter;
use crate::pipeline::install::{InstallError, Installed, install};
use crate::pipeline::plan::Plan;
use crate::propagation::{self, Propagators};
use crate::sampling::Adaptive;
use crate::segment::cap;

pub(super) fn install_what(said: Said) -> Result<Installed, InstallError> {
    if said.exporters.is_empty() {
        return Err(InstallError::NoExporter);
    }
    privacy::apply_said(said.guarded)?;
    if let Some(formats) = said.propagators {
        propagation::choose(Propagators::new(formats));
    }
    let filter = said.filter.as_deref().map_or(Ok(Filter::default()), Filter::parse);
    let filter = filter.map_err(InstallError::Filter)?;
    let resource = resource(&said.who, FromVariables::default(), executable().as_deref());
    let mut plan = Plan { resource, ..Plan::new(said.exporters) };
    plan.interval = said.interval.unwrap_or(plan.interval);
    plan.memory_limit = said.memory_limit.unwrap_or(plan.memory_limit);
    plan.limits = said.limits.unwrap_or(plan.limits);
    plan.shutdown_limit = said.shutdown_limit.unwrap_or(plan.shutdown_limit);
    plan.code_attributes = said.code_attributes.unwrap_or(plan.code_attributes);
    let budget = said.budget.unwrap_or_default();
    let sampler = said.sampler.unwrap_or_else(|| Box::new(Adaptive::within(budget)));
    if let Some(spans) = said.spans_per_trace {
        cap::set(spans);
    }
    install(sampler, filter, plan)
}
