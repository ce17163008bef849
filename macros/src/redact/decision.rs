//! What an attribute says about a value.

use proc_macro2::Span;
use syn::{LitStr, Path};

/// What may be told of a value, and what else was said about it.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) decision: Option<Decision>,
    /// What is underlined.
    pub(crate) span: Span,
    pub(crate) class: Option<LitStr>,
    pub(crate) rename: Option<LitStr>,
    /// It decides for whatever is not decided.
    pub(crate) is_for_rest: bool,
    /// The message of an error, in place of that of `#[error("…")]`.
    pub(crate) message: Option<LitStr>,
    /// An error that is no failure.
    pub(crate) is_expected: bool,
}

#[derive(Clone)]
pub(crate) enum Decision {
    /// It is told as it is.
    Public,
    /// Its first elements are told, each by its type.
    Each { max: usize },
    /// What somebody vouches for is told.
    Vouched { by: Shown, reason: LitStr },
    /// Less than the value is told.
    Redact(Mask),
    /// Nothing is told, not even that it is there.
    Skip,
}

/// What becomes text or a number of a value that is neither.
#[derive(Clone)]
pub(crate) enum Shown {
    Display,
    Debug,
    With(Path),
}

/// What is told in place of a value.
#[derive(Clone)]
pub(crate) enum Mask {
    Marker,
    Length,
    Hash,
    Last(u8),
    With(Path),
}

impl Decision {
    /// As it is written.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Public | Self::Each { .. } | Self::Vouched { .. } => "public",
            Self::Redact(_) => "redact",
            Self::Skip => "skip",
        }
    }
}
