//! What must not come out.

/// A secret in each of the shapes that secrets have.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    pub(crate) text: String,
    pub(crate) number: i64,
    pub(crate) optional: Option<String>,
    pub(crate) many: Vec<String>,
    pub(crate) variant: bool,
}

impl Secret {
    /// There is something everywhere.
    pub(crate) fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            number: -1,
            optional: Some(text.to_owned()),
            many: vec![text.to_owned(); 3],
            variant: true,
        }
    }

    /// Another length, sign, variant and number of elements, and nothing where there may be nothing.
    pub(crate) fn other() -> Self {
        Self {
            text: String::new(),
            number: 7_000_000,
            optional: None,
            many: vec![],
            variant: false,
        }
    }
}
