//! What the variables of the environment say: `OTEL_*` as the OpenTelemetry specification defines them, and our
//! own `TRACED_*`.
//!
//! All of it is a pure function of a lookup, so that tests need no environment. Each value knows who said it.
//! An empty variable is an unset one; a bad value is told once, with what is used instead, and treated as unset.
//!
//! - [`variables`]: lookups, sources and warnings; [`values`], [`pairs`], [`url`]: what values look like;
//!   [`choices`]: lists of known words.
//! - The families: [`resource`], [`exporters`], [`otlp`], [`zipkin`], [`batch`], [`limits`], [`sampler`],
//!   [`propagators`], [`privacy`], [`own`].

pub(crate) mod batch;
pub(crate) mod built;
mod choices;
pub(crate) mod exporters;
pub(crate) mod limits;
pub(crate) mod lines;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
mod own;
mod pairs;
pub(crate) mod privacy;
pub(crate) mod propagators;
pub(crate) mod resource;
pub(crate) mod sampler;
#[cfg(all(test, feature = "otlp"))]
mod tests;
pub(crate) mod url;
pub(crate) mod values;
pub(crate) mod variables;
pub(crate) mod zipkin;

use crate::propagation::Format;
use crate::report::Importance;
use crate::sampling::{Budget, Rule};
use batch::Batch;
use built::Built;
use exporters::{Destination, Surroundings};
use limits::LimitSettings;
#[cfg(feature = "otlp")]
use otlp::Otlp;
use own::FilterRules;
use privacy::Privacy;
use resource::Identity;
use sampler::Choice;
use values::BOOLEAN;
use variables::{Lookup, Setting, Variables, Warning};
use zipkin::Zipkin;

/// Everything that the variables say.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) disabled: Setting<bool>,
    pub(crate) chattiness: Setting<Importance>,
    pub(crate) identity: Identity,
    pub(crate) destinations: Setting<Vec<Destination>>,
    #[cfg(feature = "otlp")]
    pub(crate) otlp: Otlp,
    pub(crate) zipkin: Zipkin,
    pub(crate) batch: Batch,
    pub(crate) limits: LimitSettings,
    pub(crate) sampler: Setting<Choice>,
    pub(crate) budget: Setting<Budget>,
    pub(crate) sampling_rules: Setting<Vec<Rule>>,
    pub(crate) propagators: Setting<Vec<Format>>,
    pub(crate) filter: FilterRules,
    pub(crate) code_attributes: Setting<bool>,
    pub(crate) privacy: Privacy,
    pub(crate) warnings: Vec<Warning>,
}

impl Config {
    /// All that variables say, looked up here.
    pub(crate) fn read(lookup: Lookup<'_>, built: Built, surroundings: Surroundings) -> Self {
        let mut variables = Variables::new(lookup);
        let v = &mut variables;
        let destinations = exporters::read(v, built, surroundings);
        let mut config = Self {
            disabled: v.read(&["OTEL_SDK_DISABLED"], &BOOLEAN, false),
            chattiness: v.read(&["OTEL_LOG_LEVEL"], &own::CHATTINESS, Importance::Info),
            identity: Identity::read(v),
            #[cfg(feature = "otlp")]
            otlp: Otlp::read(v, built),
            zipkin: Zipkin::read(v),
            batch: Batch::read(v, &destinations.value),
            destinations,
            limits: LimitSettings::read(v),
            sampler: sampler::read(v),
            budget: v.read(&["TRACED_BUDGET"], &sampler::BUDGET, Budget::default()),
            sampling_rules: v.read(&["TRACED_SAMPLING_RULES"], &sampler::RULES, Vec::new()),
            propagators: propagators::read(v),
            filter: FilterRules::read(v),
            privacy: Privacy::read(v),
            code_attributes: v.read(&["TRACED_CODE_ATTRIBUTES"], &own::SWITCH, true),
            warnings: Vec::new(),
        };
        config.warnings = variables.warnings;
        config
    }

    /// What the process's own environment says.
    pub(crate) fn of_process() -> Self {
        use std::io::IsTerminal;
        let lookup = |name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned());
        let surroundings = Surroundings { has_terminal: std::io::stderr().is_terminal() };
        Self::read(&lookup, Built::NOW, surroundings)
    }
}
