//! How much the terminal can show.

use std::ffi::OsString;
use std::io::IsTerminal;

/// What a rendering may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences for color are written.
    pub color: bool,
    /// How many columns a line may take; below 60 the bars go away.
    pub width: usize,
}

/// Terminals that do not say their width are taken to have the classic one: a wrapped line destroys the
/// picture, an unused margin does not.
const TERMINAL_WIDTH: usize = 80;
/// Files and pipes do not wrap.
const FILE_WIDTH: usize = 100;

/// Outside of these a width is taken for a mistake and moved to the nearest bound.
const SENSIBLE_WIDTHS: std::ops::RangeInclusive<usize> = 20..=500;

impl Style {
    /// The style of standard error: color on a terminal unless `NO_COLOR` or `TERM=dumb` is set, and the
    /// width that `COLUMNS` states.
    pub fn detect() -> Self {
        Self::of(std::io::stderr().is_terminal(), |name| std::env::var_os(name))
    }

    fn of(is_terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let is_dumb = variable("TERM").is_some_and(|term| term == "dumb");
        // The old Windows console prints escape sequences as they are; its successors announce themselves.
        let understands_escapes = !cfg!(windows) || is_set("WT_SESSION") || is_set("TERM");
        let stated_width = variable("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok());
        let default_width = if is_terminal { TERMINAL_WIDTH } else { FILE_WIDTH };
        Self {
            color: is_terminal && understands_escapes && !is_dumb && !is_set("NO_COLOR"),
            width: stated_width.unwrap_or(default_width),
        }
    }

    /// The width to draw by.
    pub(super) fn columns(&self) -> usize {
        self.width.clamp(*SENSIBLE_WIDTHS.start(), *SENSIBLE_WIDTHS.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(is_terminal: bool, variables: &[(&str, &str)]) -> Style {
        Style::of(is_terminal, |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn a_terminal_gets_color_unless_it_is_told_not_to() {
        // `TERM` stands in each, so that Windows sees a terminal that understands escapes.
        assert!(detected(true, &[("TERM", "xterm")]).color);
        assert!(detected(true, &[("TERM", "xterm"), ("NO_COLOR", "")]).color);
        assert!(!detected(true, &[("TERM", "xterm"), ("NO_COLOR", "1")]).color);
        assert!(!detected(true, &[("TERM", "dumb")]).color);
        assert!(!detected(false, &[("TERM", "xterm")]).color);
    }

    #[test]
    fn the_width_is_what_columns_says_where_it_says_a_number() {
        assert_eq!(detected(true, &[("COLUMNS", "133")]).width, 133);
        assert_eq!(detected(true, &[("COLUMNS", "wide")]).width, TERMINAL_WIDTH);
        assert_eq!(detected(true, &[]).width, TERMINAL_WIDTH);
        assert_eq!(detected(false, &[]).width, FILE_WIDTH);
    }

    #[test]
    fn absurd_widths_are_drawn_at_the_nearest_sensible_one() {
        let columns = |width| Style { color: false, width }.columns();
        assert_eq!((columns(0), columns(72), columns(usize::MAX)), (20, 72, 500));
    }
}
