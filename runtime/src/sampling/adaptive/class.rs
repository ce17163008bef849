//! Why a segment is worth keeping, besides standing for others.

use std::fmt;

/// What kind of segment it is, for its share of the budget.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Class {
    /// Its local root failed.
    Error,
    /// Something in it took longer than its place allows, or the root much longer than its likes.
    Slow,
    /// Something in it had not happened for ten minutes.
    Rare,
    /// Somebody asked to [keep](crate::keep!) it.
    Forced,
    /// Something in it failed, and was dealt with before the root ended.
    Handled,
    /// None of these.
    Baseline,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Error, Self::Slow, Self::Rare, Self::Forced, Self::Handled, Self::Baseline];

    /// The most of both budgets that its segments get for being what they are, those that chance kept not
    /// counted. The baseline has what the others leave, and a twentieth that nobody can take.
    pub(super) fn ceiling(self) -> f64 {
        match self {
            Self::Error => 0.5,
            Self::Slow => 0.2,
            Self::Rare | Self::Forced => 0.1,
            Self::Handled | Self::Baseline => 0.05,
        }
    }
}

/// In lower case: `error`.
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Slow => "slow",
            Self::Rare => "rare",
            Self::Forced => "forced",
            Self::Handled => "handled",
            Self::Baseline => "baseline",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceilings_fit_under_one_roof() {
        let sum: f64 = Class::ALL.into_iter().map(Class::ceiling).sum();
        assert!(sum <= 1.0 + 1e-9, "{sum}");
    }
}
