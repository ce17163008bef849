//! Where in the source a span comes from, by OpenTelemetry's conventions.

use super::span::{About, Attribute, Key};

/// The function, unless the place was named by its user, the file and the line. Nothing for a place that is in nobody's
/// source, as that of requests is: it would be a path of the machine that compiled us.
pub(crate) fn code_attributes(about: &About) -> Vec<(Key, Attribute)> {
    if about.file.is_empty() {
        return Vec::new();
    }
    let function =
        about.name.function().map(|name| ("code.function.name".into(), Attribute::Text(name)));
    let file = ("code.file.path".into(), Attribute::from(about.file));
    let line = ("code.line.number".into(), Attribute::I64(about.line.into()));
    function.into_iter().chain([file, line]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callsite::Name;

    #[test]
    fn a_place_in_nobodys_source_says_nothing_about_it() {
        let place = |file| About::new(Name::Literal("GET /orders/{id}"), "traced_http", file, 7);
        assert!(code_attributes(&place("")).is_empty());
        let keys = |(key, _): &(Key, Attribute)| key.to_string();
        let said: Vec<_> = code_attributes(&place("src/main.rs")).iter().map(keys).collect();
        assert_eq!(said, ["code.file.path", "code.line.number"]);
    }
}
