//! What a policy told of a value that is gone by now.

use super::{Fields, Redact};
use crate::segment::prepared::Scratch;
use crate::value::Value;

/// A value that an expression made, asked for its policy before it was dropped.
pub struct Walked(Option<Box<Scratch>>);

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
        let mut words = Scratch::unused();
        words.prepare(0, value);
        Self(Some(words))
    }

    /// What it told, for whoever does not record it.
    pub(crate) fn read<R>(mut self, read: impl FnOnce(&[u64]) -> R) -> R {
        match &mut self.0 {
            Some(words) => words.read(read),
            None => read(&[]),
        }
    }
}

impl Drop for Walked {
    fn drop(&mut self) {
        if let Some(words) = self.0.take() {
            words.keep();
        }
    }
}

impl Redact for Walked {
    fn redact(&self, out: &mut Fields<'_>) {
        if let Some(words) = &self.0 {
            out.repeat(words);
        }
    }
}
