//! Without the feature there is no hash, and so there is no key.

use super::{ClassId, KeyError, Text};

/// Refused, because nothing would be done with it.
pub fn set_key(_key: &[u8]) -> Result<(), KeyError> {
    Err(KeyError::FeatureOff)
}

pub(super) fn hash(_: ClassId, _: &[u8]) -> Option<Text> {
    None
}
