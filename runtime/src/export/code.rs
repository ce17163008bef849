//! Where in the source a span comes from, by OpenTelemetry's conventions.

use super::span::{About, Attribute, Key};

/// The function, unless the place was named by its user, the file and the line.
pub(crate) fn code_attributes(about: &About) -> Vec<(Key, Attribute)> {
    let function =
        about.name.function().map(|name| ("code.function.name".into(), Attribute::Text(name)));
    let file = ("code.file.path".into(), Attribute::from(about.file));
    let line = ("code.line.number".into(), Attribute::I64(about.line.into()));
    function.into_iter().chain([file, line]).collect()
}
