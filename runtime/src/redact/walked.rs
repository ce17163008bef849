//! What a policy told of a value that is gone by now.

use super::{Fields, Redact};
use crate::segment::prepared::Scratch;

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
        let mut words = Scratch::default();
        words.prepare(0, &crate::value::Value::Walk(value));
        Self(words)
    }
}

impl Redact for Walked {
    fn redact(&self, out: &mut Fields<'_>) {
        out.repeat(&self.0);
    }
}
