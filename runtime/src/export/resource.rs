//! Who sends the spans: the service, its version, the machine it runs on.

use super::span::{Attribute, Key};
use std::borrow::Cow;

/// What is said once for all spans of a process: OpenTelemetry's resource.
///
/// ```
/// use traced::data::Resource;
///
/// let resource = Resource::new().with("service.name", "shop").with("service.version", "1.4.2");
/// assert_eq!(resource.attribute("service.name"), Some(&"shop".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Resource {
    /// What it says; a later value of a key replaces an earlier one.
    pub attributes: Vec<(Key, Attribute)>,
    /// Where its conventions are written down.
    pub schema_url: Option<Cow<'static, str>>,
}

impl Resource {
    /// A resource that says nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, saying this too.
    #[must_use]
    pub fn with(mut self, key: impl Into<Key>, value: impl Into<Attribute>) -> Self {
        self.set(key, value);
        self
    }

    /// Says this, instead of what was said under the key before.
    pub fn set(&mut self, key: impl Into<Key>, value: impl Into<Attribute>) {
        let (key, value) = (key.into(), value.into());
        match self.attributes.iter_mut().find(|(existing, _)| *existing == key) {
            Some((_, old)) => *old = value,
            None => self.attributes.push((key, value)),
        }
    }

    /// What it says under a key.
    pub fn attribute(&self, key: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|(existing, _)| existing == key).map(|(_, value)| value)
    }
}
