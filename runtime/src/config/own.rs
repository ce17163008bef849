//! `TRACED`, `TRACED_CODE_ATTRIBUTES`, and `OTEL_LOG_LEVEL` as we understand it.

use super::values::{Kind, one_of, word};
use super::variables::{Setting, Source, Variables};
use crate::callsite::Filter;
use crate::report::Importance;

/// The filter, and how it was written.
#[derive(Clone, Debug)]
pub(crate) struct FilterRules {
    pub(crate) text: Setting<String>,
    pub(crate) filter: Filter,
}

const FILTER: &str = "TRACED";

impl FilterRules {
    pub(super) fn read(variables: &mut Variables<'_>) -> Self {
        let default =
            Self { text: Setting::default_of("info".to_owned()), filter: Filter::default() };
        let Some(text) = variables.text(FILTER) else { return default };
        match Filter::parse(&text) {
            Ok(filter) => {
                Self { text: Setting { value: text, source: Source::Variable(FILTER) }, filter }
            }
            Err(mistake) => {
                variables.warn(FILTER, text, mistake.to_string(), "using info");
                default
            }
        }
    }
}

const LEVELS: [(&str, Importance); 9] = [
    ("none", Importance::Silence),
    ("error", Importance::Error),
    ("warn", Importance::Warning),
    ("info", Importance::Info),
    ("debug", Importance::Debug),
    // How other SDKs call them.
    ("off", Importance::Silence),
    ("warning", Importance::Warning),
    ("trace", Importance::Debug),
    ("all", Importance::Debug),
];

/// From which importance on we write lines to standard error.
pub(super) const CHATTINESS: Kind<Importance> = Kind {
    parse: |text| word(text, &LEVELS).ok_or_else(|| one_of(&LEVELS[..5])),
    show: |importance| {
        let name = LEVELS.iter().find(|(_, known)| known == importance);
        name.map_or("info", |(name, _)| *name).to_owned()
    },
    is_secret: false,
};

const SWITCHES: [(&str, bool); 4] =
    [("on", true), ("off", false), ("true", true), ("false", false)];

/// On or off.
pub(super) const SWITCH: Kind<bool> = Kind {
    parse: |text| word(text, &SWITCHES).ok_or_else(|| one_of(&SWITCHES[..2])),
    show: |is_on| if *is_on { "on".to_owned() } else { "off".to_owned() },
    is_secret: false,
};
