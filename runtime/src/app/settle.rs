//! Code, variables and defaults become what is installed.

use super::exporters::{self, Exporters};
use super::privacy;
use super::resource::{FromVariables, executable, resource};
use super::said::Said;
use super::start_line;
use crate::callsite::Filter;
use crate::config::Config;
use crate::config::batch::default_interval;
use crate::config::built::Built;
use crate::config::limits::LimitSettings;
use crate::config::lines::Line;
use crate::config::sampler::Choice;
use crate::config::variables::{Setting, Source};
use crate::pipeline::install::{InstallError, Installed, install, is_installed};
use crate::pipeline::plan::Plan;
use crate::propagation::{self, Propagators};
use crate::report::{self, Importance, say};
use crate::sampling::Sampler;
use crate::segment::cap;
use crate::sync::{AtomicBool, OnceLock, Relaxed};

/// What was set up, for reports.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    /// Whether anything records: it may be switched off, or not set up at all.
    pub(crate) is_active: bool,
    pub(crate) summary: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) warnings: Vec<String>,
}

static WARNED: AtomicBool = AtomicBool::new(false);
static SETTLED: OnceLock<Settled> = OnceLock::new();

/// What was set up; before that, what the variables would make of it.
#[inline]
pub(crate) fn settled() -> Settled {
    SETTLED.get().cloned().unwrap_or_else(|| {
        let config = Config::of_process();
        Settled {
            is_active: false,
            summary: "not set up; the variables would make of it".to_owned(),
            lines: config.lines(),
            warnings: config.warnings.iter().map(ToString::to_string).collect(),
        }
    })
}

pub(super) fn install_what(mut said: Said) -> Result<Installed, InstallError> {
    if is_installed() {
        return Err(InstallError::AlreadyInstalled);
    }
    let mut config = Config::of_process();
    report::set_least(config.chattiness.value);
    config.warnings.extend(privacy::apply_variables(&config.privacy, &said.guarded));
    // Whoever tries again after a mistake in code has read them.
    if !WARNED.swap(true, Relaxed) {
        for warning in &config.warnings {
            say(Importance::Warning, format_args!("{warning}"));
        }
    }
    config.propagators.overrule(said.propagators.take());
    // Whoever is switched off still hands on what callers sent.
    propagation::choose(Propagators::new(config.propagators.value.clone()));
    if config.disabled.value {
        privacy::apply_said(said.guarded)?;
        let summary = format!("switched off ({}=true)", config.disabled.source);
        return Ok(told(summary, &config, without_tracing()));
    }
    overrule(&mut config, &mut said)?;
    privacy::apply_said(std::mem::take(&mut said.guarded))?;
    let in_code = !said.exporters.is_empty();
    if config.destinations.value.is_empty() && !in_code {
        return nowhere(&config);
    }
    let from_variables = FromVariables {
        service_name: config.identity.service_name.value.as_deref(),
        attributes: &config.identity.attributes.value,
    };
    let resource = resource(&said.who, from_variables, executable().as_deref());
    let line = start_line::compose(&config, &resource, in_code);
    let sampler = said.sampler.unwrap_or_else(|| default_sampler(&config));
    let exporters = exporters::make(&config, said.exporters)?;
    let filter = config.filter.filter.clone();
    let mut plan = plan(&config, exporters, resource);
    plan.shutdown_limit = said.shutdown_limit.unwrap_or(plan.shutdown_limit);
    if let Some(spans) = said.spans_per_trace {
        cap::set(spans);
    }
    let installed = install(sampler, filter, plan)?;
    Ok(told(line, &config, installed))
}

/// Says what was set up, and remembers it.
fn told(summary: String, config: &Config, installed: Installed) -> Installed {
    say(Importance::Info, format_args!("{summary}"));
    let warnings = config.warnings.iter().map(ToString::to_string).collect();
    let is_active = installed.is_active();
    let _ = SETTLED.set(Settled { is_active, summary, lines: config.lines(), warnings });
    installed
}

/// Nothing is to be exported, so nothing is recorded.
fn nowhere(config: &Config) -> Result<Installed, InstallError> {
    match config.destinations.source {
        Source::Default => Err(InstallError::NoExporter),
        source => Ok(told(format!("switched off ({source}=none)"), config, without_tracing())),
    }
}

/// The guard of nothing. What callers sent is handed on all the same, also by libraries of others.
fn without_tracing() -> Installed {
    #[cfg(feature = "otel")]
    opentelemetry::global::set_text_map_propagator(crate::otel::TextMapPropagator::new());
    Installed::inactive()
}

/// What code says takes the place of what variables say.
fn overrule(config: &mut Config, said: &mut Said) -> Result<(), InstallError> {
    if !said.exporters.is_empty() || !said.destinations.is_empty() {
        config.destinations =
            Setting { value: std::mem::take(&mut said.destinations), source: Source::Code };
    }
    for destination in &config.destinations.value {
        if !destination.is_built(Built::NOW) {
            return Err(InstallError::NotBuilt(destination.name()));
        }
    }
    let batch = &mut config.batch;
    batch.interval.overrule(said.interval);
    batch.memory_limit.overrule(said.memory_limit);
    if batch.interval.is_default() {
        batch.interval.value = default_interval(&config.destinations.value);
    }
    config.code_attributes.overrule(said.code_attributes);
    config.sampler.overrule(said.sampler.as_ref().map(|_| Choice::InCode));
    config.budget.overrule(said.budget);
    if let Some(limits) = said.limits.take() {
        config.limits = LimitSettings::of_code(&limits);
    }
    if let Some(rules) = said.filter.take() {
        config.filter.filter = Filter::parse(&rules).map_err(InstallError::Filter)?;
        config.filter.text.overrule(Some(rules));
    }
    #[cfg(feature = "otlp")]
    exporters::overrule_otlp(&mut config.otlp, std::mem::take(&mut said.otlp))?;
    Ok(())
}

fn default_sampler(config: &Config) -> Box<dyn Sampler> {
    config.sampler.value.sampler(config.budget.value, &config.sampling_rules.value)
}

fn plan(config: &Config, exporters: Exporters, resource: crate::data::Resource) -> Plan {
    Plan {
        interval: config.batch.interval.value,
        resource,
        limits: config.limits.limits(),
        memory_limit: config.batch.memory_limit.value,
        code_attributes: config.code_attributes.value,
        ..Plan::new(exporters)
    }
}
