//! What a policy told of a value that is gone by now.

use super::{Fields, Redact};
use crate::segment::prepared::Scratch;
use crate::value::Value;

/// A value that an expression made, asked for its policy before it was dropped.
///
/// The one place where redaction allocates: what is to outlive its value must lie somewhere.
pub struct Walked(Scratch);

impl std::fmt::Debug for Walked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Walked(..)")
    }
}

impl Walked {
    /// Asks now; a panic of the policy is contained.
    pub fn of(value: &dyn Redact) -> Self {
        Self::of_value(&Value::Walk(value))
    }

    pub(crate) fn of_value(value: &Value<'_>) -> Self {
        let mut words = Scratch::default();
        words.prepare(0, value);
        Self(words)
    }

    pub(crate) fn into_words(self) -> Vec<u64> {
        self.0.into_words()
    }
}

impl Redact for Walked {
    fn redact(&self, out: &mut Fields<'_>) {
        out.repeat(&self.0);
    }
}
