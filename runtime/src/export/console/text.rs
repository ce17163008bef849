//! Lines of tinted characters, safe to print.
//!
//! One character counts as one column. That is an approximation: East Asian characters and emoji take two,
//! combining marks none. The tables that know cost more than a shifted bar.

use std::fmt::{self, Display, Write};

/// What a character is meant to say; its color is the terminal's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tint {
    Plain,
    Strong,
    Dim,
    Bar,
    Failed,
    Slow,
}

impl Tint {
    fn escape_sequence(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\x1b[1m",
            Self::Dim => "\x1b[2m",
            Self::Bar => "\x1b[36m",
            Self::Failed => "\x1b[31m",
            Self::Slow => "\x1b[33m",
        }
    }
}

/// More characters than any line shows: a value of megabytes is not walked to its end.
const MAX_CHARS: usize = 1024;

/// One line, or a part of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Text(Vec<(Tint, char)>);

impl Text {
    /// Appends what `text` displays, with everything escaped that could steer a terminal.
    pub(super) fn push(&mut self, tint: Tint, text: impl Display) {
        // The only error is a full line, and its end is out of sight anyway.
        let _ = write!(Pen { line: self, tint }, "{text}");
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    pub(super) fn width(&self) -> usize {
        self.0.len()
    }

    /// Shortens the text to a width, and shows that something is missing.
    pub(super) fn cut(&mut self, width: usize) {
        if self.width() > width {
            self.0.truncate(width.saturating_sub(1));
            self.0.push((Tint::Dim, '…'));
        }
    }

    /// Lengthens the text to a width.
    pub(super) fn pad(&mut self, width: usize) {
        self.0.resize(self.width().max(width), (Tint::Plain, ' '));
    }

    /// Writes the text as one line.
    pub(super) fn print(&self, out: &mut String, color: bool) {
        for run in self.0.chunk_by(|(left, _), (right, _)| left == right) {
            let escape_sequence = if color { run[0].0.escape_sequence() } else { "" };
            out.push_str(escape_sequence);
            out.extend(run.iter().map(|(_, character)| character));
            if !escape_sequence.is_empty() {
                out.push_str("\x1b[0m");
            }
        }
        out.push('\n');
    }
}

/// Writes into a line in one tint; the only way in.
struct Pen<'a> {
    line: &'a mut Text,
    tint: Tint,
}

impl Write for Pen<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|character| self.write_char(character))
    }

    fn write_char(&mut self, character: char) -> fmt::Result {
        if self.line.width() > MAX_CHARS {
            return Err(fmt::Error);
        }
        if steers_a_terminal(character) {
            self.line.0.extend(character.escape_default().map(|escaped| (self.tint, escaped)));
        } else {
            self.line.0.push((self.tint, character));
        }
        Ok(())
    }
}

/// Control characters start escape sequences and move the cursor; the others here break the line or turn
/// the direction of writing, so that text could pose as what stands beside it.
fn steers_a_terminal(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A duration in the unit that shows it best, cut to three digits; at most seven characters.
pub(super) fn human_duration(ns: u64) -> String {
    const MICROSECOND: u64 = 1_000;
    const MILLISECOND: u64 = 1_000 * MICROSECOND;
    const SECOND: u64 = 1_000 * MILLISECOND;
    const MINUTE: u64 = 60 * SECOND;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match ns {
        0..MICROSECOND => format!("{ns}ns"),
        MICROSECOND..MILLISECOND => three_digits(ns, MICROSECOND, "µs"),
        MILLISECOND..SECOND => three_digits(ns, MILLISECOND, "ms"),
        SECOND..MINUTE => three_digits(ns, SECOND, "s"),
        MINUTE..HOUR => format!("{}m{:02}s", ns / MINUTE, ns % MINUTE / SECOND),
        HOUR..DAY => format!("{}h{:02}m", ns / HOUR, ns % HOUR / MINUTE),
        DAY.. => format!("{}d", ns / DAY),
    }
}

fn three_digits(ns: u64, unit_ns: u64, unit: &str) -> String {
    let hundredths = ns % unit_ns * 100 / unit_ns;
    match ns / unit_ns {
        whole @ 0..10 => format!("{whole}.{hundredths:02}{unit}"),
        whole @ 10..100 => format!("{whole}.{}{unit}", hundredths / 10),
        whole => format!("{whole}{unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_show_three_digits_in_the_unit_that_fits() {
        let cases = [
            (0, "0ns"),
            (999, "999ns"),
            (1_000, "1.00µs"),
            (21_460, "21.4µs"),
            (999_999, "999µs"),
            (1_234_567, "1.23ms"),
            (128_000_000, "128ms"),
            (9_999_999_999, "9.99s"),
            (59_999_999_999, "59.9s"),
            (60_000_000_000, "1m00s"),
            (3_599_000_000_000, "59m59s"),
            (3_660_000_000_000, "1h01m"),
            (u64::MAX, "213503d"),
        ];
        for (ns, shown) in cases {
            assert_eq!(human_duration(ns), shown);
        }
    }

    #[test]
    fn text_longer_than_its_place_ends_in_an_ellipsis() {
        let mut text = Text::default();
        text.push(Tint::Plain, "überall");
        text.cut(7);
        text.print_to("überall\n");
        text.cut(4);
        text.print_to("übe…\n");
    }

    #[test]
    fn a_huge_value_is_not_walked_to_its_end() {
        let mut text = Text::default();
        text.push(Tint::Plain, "x".repeat(1 << 20));
        assert!(text.width() <= MAX_CHARS + 1);
    }

    #[test]
    fn what_steers_a_terminal_is_escaped_and_the_rest_stays() {
        let mut text = Text::default();
        text.push(Tint::Plain, "a\x1b[31mb\r\n\u{9b}2J\u{202e}ünï✓");
        text.print_to("a\\u{1b}[31mb\\r\\n\\u{9b}2J\\u{202e}ünï✓\n");
    }

    impl Text {
        #[track_caller]
        fn print_to(&self, expected: &str) {
            let mut printed = String::new();
            self.print(&mut printed, false);
            assert_eq!(printed, expected);
        }
    }
}
