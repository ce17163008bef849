//! `OTEL_TRACES_SAMPLER` and its argument, `TRACED_SAMPLING`, `TRACED_SAMPLING_RULES` and `TRACED_BUDGET`.

use super::values::{Kind, RATIO, items, one_of, word};
use super::variables::{Setting, Source, Variables};
use crate::sampling::{
    Adaptive, AlwaysOff, AlwaysOn, Budget, ParentBased, Rule, Rules, Sampler, TraceIdRatio,
};

/// What decides which traces are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Choice {
    /// What fits into a budget, and at most this part of what is ordinary.
    Adaptive(f64),
    Standard(Standard),
    /// What code says.
    InCode,
}

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

/// `TRACED_SAMPLING`: ours, whatever the specification's variable says, or one of the specification's.
const SAMPLING: &str = "TRACED_SAMPLING";
const ADAPTIVE: Kind<Option<f64>> = Kind {
    parse: |text| match text.split_once(',') {
        None if text.eq_ignore_ascii_case("adaptive") => Ok(Some(1.0)),
        None if text.eq_ignore_ascii_case("standard") => Ok(None),
        Some(("adaptive", rate)) => match rate.trim().strip_prefix("rate=").map(RATIO.parse) {
            Some(Ok(rate)) => Ok(Some(rate)),
            Some(Err(problem)) => Err(format!("the rate is {problem}")),
            None => Err(UNKNOWN_SAMPLING.to_owned()),
        },
        _ => Err(UNKNOWN_SAMPLING.to_owned()),
    },
    show: |rate| rate.map_or("standard".to_owned(), |rate| Choice::Adaptive(rate).name()),
    is_secret: false,
};
const UNKNOWN_SAMPLING: &str = "not one of adaptive, adaptive,rate=0.1 and standard";

/// `TRACED_BUDGET`.
pub(super) const BUDGET: Kind<Budget> = Kind {
    parse: |text| text.parse::<Budget>().map_err(|error| error.to_string()),
    show: Budget::to_string,
    is_secret: false,
};

/// `TRACED_SAMPLING_RULES`: one mistake makes the whole list bad.
pub(super) const RULES: Kind<Vec<Rule>> = Kind {
    parse: |text| items(text).map(Rule::parse).collect(),
    show: |rules| match rules.as_slice() {
        [] => "none".to_owned(),
        rules => rules.iter().map(Rule::to_string).collect::<Vec<_>>().join(","),
    },
    is_secret: false,
};

/// What somebody asked for, or ours.
pub(super) fn read(variables: &mut Variables<'_>) -> Setting<Choice> {
    let standard = read_standard(variables);
    let by_default = Standard { root: Root::AlwaysOn, parent_based: true };
    let otherwise =
        standard.as_ref().map_or("the default sampler".to_owned(), |it| it.value.name());
    match variables.find(&[SAMPLING], &ADAPTIVE, &otherwise) {
        Some(Setting { value: Some(rate), source }) => {
            Setting { value: Choice::Adaptive(rate), source }
        }
        Some(Setting { value: None, source }) => {
            standard.unwrap_or(Setting { value: by_default, source }).map(Choice::Standard)
        }
        None => match standard {
            Some(standard) => standard.map(Choice::Standard),
            None => Setting::default_of(Choice::Adaptive(1.0)),
        },
    }
}

fn read_standard(variables: &mut Variables<'_>) -> Option<Setting<Standard>> {
    let text = variables.text(SAMPLER)?;
    let Some(mut standard) = word(&text, &KNOWN) else {
        variables.warn(SAMPLER, text, one_of(&KNOWN), "using the default sampler");
        return None;
    };
    if let Root::Ratio(ratio) = &mut standard.root {
        *ratio = variables.read(&[ARGUMENT], &RATIO, 1.0).value;
    }
    Some(Setting { value: standard, source: Source::Variable(SAMPLER) })
}

impl Choice {
    /// What code does not say.
    pub(crate) fn sampler(self, budget: Budget, rules: &[Rule]) -> Box<dyn Sampler> {
        let sampler = self.without_rules(budget);
        if rules.is_empty() { sampler } else { Box::new(Rules::of(rules.to_vec(), sampler)) }
    }

    fn without_rules(self, budget: Budget) -> Box<dyn Sampler> {
        match self {
            Self::Standard(standard) => standard.sampler(),
            Self::Adaptive(rate) => Box::new(Adaptive::within(budget).base_rate(rate)),
            Self::InCode => Box::new(Adaptive::within(budget)),
        }
    }

    /// As the variables would say it.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Standard(standard) => standard.name(),
            Self::Adaptive(rate) if rate < 1.0 => format!("adaptive,rate={rate}"),
            Self::Adaptive(_) => "adaptive".to_owned(),
            Self::InCode => "in code".to_owned(),
        }
    }
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
