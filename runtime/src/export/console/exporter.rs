//! Traces drawn as they end.

use super::{Style, render};
use crate::export::Export;
use crate::export::span::Span;
use std::error::Error;
use std::io::Write;

/// Draws each batch of spans on standard error.
///
/// ```no_run
/// let _traced = traced::builder().exporter(traced::console::Console::stderr()).install();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Console {
    style: Style,
}

impl Console {
    /// As standard error can show it.
    pub fn stderr() -> Self {
        Self::with(Style::detect())
    }

    /// In this style.
    pub fn with(style: Style) -> Self {
        Self { style }
    }
}

impl Export for Console {
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        let mut drawn = render(spans, &self.style);
        // A blank line between this trace and what the next batch, or the program itself, writes.
        drawn.push('\n');
        std::io::stderr().lock().write_all(drawn.as_bytes())?;
        Ok(())
    }

    fn again(&self) -> Option<Box<dyn Export>> {
        Some(Box::new(*self))
    }
}
