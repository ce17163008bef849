//! `OTEL_TRACES_SAMPLER` and its argument.

use super::values::{RATIO, one_of, word};
use super::variables::{Setting, Source, Variables};
use crate::sampling::{AlwaysOff, AlwaysOn, ParentBased, Sampler, TraceIdRatio};

/// A sampler of the specification.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standard {
    pub(crate) root: Root,
    pub(crate) parent_based: bool,
}

/// What decides about traces that begin here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Root {
    AlwaysOn,
    AlwaysOff,
    Ratio(f64),
}

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";

const fn standard(root: Root, parent_based: bool) -> Standard {
    Standard { root, parent_based }
}

const KNOWN: [(&str, Standard); 6] = [
    ("always_on", standard(Root::AlwaysOn, false)),
    ("always_off", standard(Root::AlwaysOff, false)),
    ("traceidratio", standard(Root::Ratio(1.0), false)),
    ("parentbased_always_on", standard(Root::AlwaysOn, true)),
    ("parentbased_always_off", standard(Root::AlwaysOff, true)),
    ("parentbased_traceidratio", standard(Root::Ratio(1.0), true)),
];

/// What somebody asked for, if anybody did.
pub(super) fn read(variables: &mut Variables<'_>) -> Setting<Option<Standard>> {
    let Some(text) = variables.text(SAMPLER) else { return Setting::default_of(None) };
    let Some(mut standard) = word(&text, &KNOWN) else {
        variables.warn(SAMPLER, text, one_of(&KNOWN), "using the default sampler");
        return Setting::default_of(None);
    };
    if let Root::Ratio(ratio) = &mut standard.root {
        *ratio = variables.read(&[ARGUMENT], &RATIO, 1.0).value;
    }
    Setting { value: Some(standard), source: Source::Variable(SAMPLER) }
}

impl Standard {
    pub(crate) fn sampler(self) -> Box<dyn Sampler> {
        match (self.root, self.parent_based) {
            (Root::AlwaysOn, false) => Box::new(AlwaysOn),
            (Root::AlwaysOff, false) => Box::new(AlwaysOff),
            (Root::Ratio(ratio), false) => Box::new(TraceIdRatio::new(ratio)),
            (Root::AlwaysOn, true) => Box::new(ParentBased::new(AlwaysOn)),
            (Root::AlwaysOff, true) => Box::new(ParentBased::new(AlwaysOff)),
            (Root::Ratio(ratio), true) => Box::new(ParentBased::new(TraceIdRatio::new(ratio))),
        }
    }

    /// As the variables would say it.
    pub(crate) fn name(self) -> String {
        let prefix = if self.parent_based { "parentbased_" } else { "" };
        match self.root {
            Root::AlwaysOn => format!("{prefix}always_on"),
            Root::AlwaysOff => format!("{prefix}always_off"),
            Root::Ratio(ratio) => format!("{prefix}traceidratio {ratio}"),
        }
    }
}
