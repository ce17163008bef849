//! Where finished spans go.
//!
//! - [`span`]: what an exporter gets.
//! - [`console`]: a waterfall on the terminal.
//! - [`memory`]: a list, for programs that look at their own spans.

pub mod console;
pub mod memory;
pub mod span;

use span::Span;
use std::error::Error;
use std::fmt::Debug;

/// Takes finished spans somewhere.
///
/// Called on the collector's thread, one batch after the other, where nothing is traced. An error or a panic
/// costs the batch, whose spans are counted as dropped.
pub trait Export: Debug + Send + 'static {
    /// Takes a batch.
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>>;
}
