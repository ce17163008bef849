//! How much a future grows: an argument of 256 bytes, handed down through five async functions.

use crate::contenders::{FASTRACE, NOTHING, TRACED};

/// The future of the outermost of [`DEPTH`] functions.
pub(crate) struct FutureSize {
    pub(crate) name: &'static str,
    pub(crate) bytes: usize,
}

pub(crate) const DEPTH: usize = 5;
/// What one level may add, by DESIGN.md section 9.
pub(crate) const BUDGET_PER_LEVEL: usize = 64;

impl FutureSize {
    /// What one level adds to the bare future.
    pub(crate) fn header(&self, bare: &Self) -> usize {
        self.bytes.saturating_sub(bare.bytes) / DEPTH
    }
}

type Argument = [u8; 256];

macro_rules! five_levels {
    ($module:ident $(, #[$attribute:meta])?) => {
        mod $module {
            use super::Argument;
            use crate::executor::yield_once;

            pub(super) fn size() -> usize {
                size_of_val(&first([0; 256]))
            }

            $(#[$attribute])?
            async fn first(argument: Argument) -> u8 {
                second(argument).await
            }

            $(#[$attribute])?
            async fn second(argument: Argument) -> u8 {
                third(argument).await
            }

            $(#[$attribute])?
            async fn third(argument: Argument) -> u8 {
                fourth(argument).await
            }

            $(#[$attribute])?
            async fn fourth(argument: Argument) -> u8 {
                fifth(argument).await
            }

            $(#[$attribute])?
            async fn fifth(argument: Argument) -> u8 {
                yield_once().await;
                argument[0]
            }
        }
    };
}

five_levels!(bare);
five_levels!(with_traced, #[traced::traced(skip_all)]);
five_levels!(with_tracing, #[tracing::instrument(skip_all)]);
five_levels!(with_fastrace, #[fastrace::trace]);

/// The bare future comes first.
pub(crate) fn all() -> [FutureSize; 4] {
    [
        FutureSize { name: NOTHING, bytes: bare::size() },
        FutureSize { name: TRACED, bytes: with_traced::size() },
        FutureSize { name: FASTRACE, bytes: with_fastrace::size() },
        FutureSize { name: "tracing", bytes: with_tracing::size() },
    ]
}
