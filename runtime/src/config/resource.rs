//! `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`: who sends the spans.

use super::pairs;
use super::values::{Kind, TEXT};
use super::variables::{Setting, Variables};

/// What the variables say about who we are.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) service_name: Setting<Option<String>>,
    pub(crate) attributes: Setting<Vec<(String, String)>>,
}

impl Identity {
    pub(super) fn read(variables: &mut Variables<'_>) -> Self {
        let name = variables.find(&["OTEL_SERVICE_NAME"], &TEXT, "none");
        let attributes = variables.find(&["OTEL_RESOURCE_ATTRIBUTES"], &ATTRIBUTES, "none of it");
        Self {
            service_name: name.map_or(Setting::default_of(None), |name| name.map(Some)),
            attributes: attributes.unwrap_or(Setting::default_of(Vec::new())),
        }
    }
}

/// One mistake makes the whole list bad: that is what the specification says.
const ATTRIBUTES: Kind<Vec<(String, String)>> = Kind {
    parse: pairs::parse,
    show: |pairs| {
        pairs.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
    },
    is_secret: false,
};
