//! Who sends the spans: OpenTelemetry's resource, from code, variables and what everybody can know.

use super::said::Who;
use crate::export::resource::Resource;

pub(super) const SERVICE_NAME: &str = "service.name";
const SERVICE_VERSION: &str = "service.version";

/// What the variables say about it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FromVariables<'v> {
    pub(super) service_name: Option<&'v str>,
    pub(super) attributes: &'v [(String, String)],
}

/// Code outweighs variables, and either's name of the service what it says of attributes in general.
pub(super) fn resource(
    who: &Who,
    variables: FromVariables<'_>,
    executable: Option<&str>,
) -> Resource {
    let unknown = match executable {
        Some(executable) => format!("unknown_service:{executable}"),
        None => "unknown_service".to_owned(),
    };
    let mut resource = Resource::new()
        .with(SERVICE_NAME, unknown.as_str())
        .with("telemetry.sdk.name", "traced")
        .with("telemetry.sdk.language", "rust")
        .with("telemetry.sdk.version", env!("CARGO_PKG_VERSION"));
    if let Some(version) = who.package_version {
        resource.set(SERVICE_VERSION, version);
    }
    for (key, value) in variables.attributes {
        resource.set(key.clone(), value.as_str());
    }
    if let Some(name) = variables.service_name {
        resource.set(SERVICE_NAME, name);
    }
    for (key, value) in &who.attributes {
        resource.set(key.clone(), value.clone());
    }
    if let Some(name) = &who.service_name {
        resource.set(SERVICE_NAME, name.as_str());
    }
    resource
}

/// The name of the file that runs.
pub(super) fn executable() -> Option<String> {
    let path = std::env::current_exe().ok();
    let path = path.or_else(|| std::env::args_os().next().map(Into::into))?;
    Some(path.file_name()?.to_string_lossy().into_owned())
}

/// The service and its version, for people.
#[cfg(feature = "init")]
pub(super) fn shown(resource: &Resource) -> String {
    use crate::export::span::Attribute;
    let text = |key| match resource.attribute(key) {
        Some(Attribute::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let name = text(SERVICE_NAME).unwrap_or("unknown_service");
    text(SERVICE_VERSION).map_or(name.to_owned(), |version| format!("{name} {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::span::Attribute;

    fn text(resource: &Resource, key: &str) -> String {
        match resource.attribute(key) {
            Some(Attribute::Text(text)) => text.clone(),
            other => panic!("{key} is {other:?}"),
        }
    }

    #[test]
    fn a_service_without_a_name_is_unknown() {
        let who = Who::default();
        let named = resource(&who, FromVariables::default(), Some("orders"));
        assert_eq!(text(&named, SERVICE_NAME), "unknown_service:orders");
        let nameless = resource(&who, FromVariables::default(), None);
        assert_eq!(text(&nameless, SERVICE_NAME), "unknown_service");
        assert_eq!(text(&named, "telemetry.sdk.language"), "rust");
        assert_eq!(text(&named, "telemetry.sdk.name"), "traced");
    }

    #[test]
    fn code_outweighs_variables_and_a_name_outweighs_attributes() {
        let attributes = [
            (SERVICE_NAME.to_owned(), "list".to_owned()),
            (SERVICE_VERSION.to_owned(), "2".to_owned()),
            ("zone".to_owned(), "a".to_owned()),
        ];
        let mut who = Who { package_version: Some("1"), ..Who::default() };
        let mut variables = FromVariables { service_name: None, attributes: &attributes };
        let name = |who: &Who, variables| text(&resource(who, variables, None), SERVICE_NAME);

        assert_eq!(name(&who, variables), "list");
        variables.service_name = Some("variable");
        assert_eq!(name(&who, variables), "variable");
        who.attributes.push((SERVICE_NAME.into(), "attribute in code".into()));
        assert_eq!(name(&who, variables), "attribute in code");
        who.service_name = Some("code".into());
        assert_eq!(name(&who, variables), "code");

        let all = resource(&who, variables, None);
        assert_eq!(text(&all, SERVICE_VERSION), "2", "the package's version gives way");
        assert_eq!(text(&all, "zone"), "a");
        who.attributes.push(("zone".into(), "b".into()));
        assert_eq!(text(&resource(&who, variables, None), "zone"), "b");
    }
}
