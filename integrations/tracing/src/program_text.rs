//! Whether text is part of the program: a literal, and no data.
//!
//! A `tracing` macro hands its message over as something that can be formatted, whether it is a literal or not. A literal
//! is written in one piece, from where the program's constants lie: memory that nobody can write to. Text that
//! was made at run time lies on the heap or on a stack.
//!
//! One piece of constant text may also be the name of an enum's variant, by a derived `Debug`, which tells a value. So a
//! message has more than one word.

use std::fmt::{self, Debug, Write};
use std::ops::Range;
use std::sync::OnceLock;

/// The message, if it is a literal.
pub(crate) fn literal(message: &dyn Debug, read: impl FnOnce(&str)) {
    let mut pieces = Pieces { read: Some(read), seen: Seen::Nothing };
    // Twice: whether there is a second piece is known at the end.
    if write!(pieces, "{message:?}").is_ok() && pieces.seen == Seen::OneLiteral {
        let mut reader = Reader(pieces.read);
        write!(reader, "{message:?}").ok();
    }
}

#[derive(PartialEq)]
enum Seen {
    Nothing,
    OneLiteral,
    Else,
}

struct Pieces<R> {
    read: Option<R>,
    seen: Seen,
}

impl<R> Write for Pieces<R> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if piece.is_empty() {
            return Ok(());
        }
        let is_first = self.seen == Seen::Nothing;
        let is_literal = is_first && piece.contains(' ') && is_constant(piece);
        self.seen = if is_literal { Seen::OneLiteral } else { Seen::Else };
        if is_literal { Ok(()) } else { Err(fmt::Error) }
    }
}

struct Reader<R>(Option<R>);

impl<R: FnOnce(&str)> Write for Reader<R> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if let Some(read) = self.0.take_if(|_| !piece.is_empty() && is_constant(piece)) {
            read(piece);
        }
        Ok(())
    }
}

/// Whether this text lies where nobody can write.
fn is_constant(text: &str) -> bool {
    static CONSTANTS: OnceLock<Vec<Range<usize>>> = OnceLock::new();
    let begin = text.as_ptr().addr();
    let constants = CONSTANTS.get_or_init(constants);
    constants.iter().any(|range| range.start <= begin && begin + text.len() <= range.end)
}

#[cfg(target_os = "linux")]
fn constants() -> Vec<Range<usize>> {
    std::fs::read_to_string("/proc/self/maps")
        .map(|maps| of_this_program(&maps))
        .unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn constants() -> Vec<Range<usize>> {
    Vec::new()
}

/// The parts of the file that this code comes from which cannot be written.
#[cfg(target_os = "linux")]
fn of_this_program(maps: &str) -> Vec<Range<usize>> {
    let here = "a text of this program".as_ptr().addr();
    let all: Vec<_> = maps.lines().filter_map(mapping).collect();
    let Some(file) = all.iter().find(|(range, ..)| range.contains(&here)).map(|(_, _, file)| file)
    else {
        return Vec::new();
    };
    let is_ours = |writable: bool, of: &str| !writable && of == *file && of.starts_with('/');
    all.iter()
        .filter(|(_, writable, of)| is_ours(*writable, of))
        .map(|(range, ..)| range.clone())
        .collect()
}

/// A line like `55d0-55d4 r--p 00000000 fe:00 131 /usr/bin/shop`: where, whether it can be written, and the file.
#[cfg(target_os = "linux")]
fn mapping(line: &str) -> Option<(Range<usize>, bool, &str)> {
    let mut words = line.splitn(6, ' ');
    let (begin, end) = words.next()?.split_once('-')?;
    let range = usize::from_str_radix(begin, 16).ok()?..usize::from_str_radix(end, 16).ok()?;
    let is_writable = words.next()?.contains('w');
    Some((range, is_writable, words.nth(3)?.trim_start()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn read(message: &dyn Debug) -> Option<String> {
        let mut found = None;
        literal(message, |text| found = Some(text.to_owned()));
        found
    }

    #[derive(Debug)]
    enum Plan {
        Gold,
    }

    #[test]
    fn a_literal_is_known() {
        assert_eq!(read(&format_args!("the cache is cold")).as_deref(), Some("the cache is cold"));
    }

    #[test]
    fn what_was_formatted_is_not_one() {
        let name = String::from("jane doe");
        assert_eq!(read(&format_args!("{name}")), None);
        assert_eq!(read(&format_args!("hello {name}")), None);
        assert_eq!(read(&format_args!("{name} is here")), None);
        assert_eq!(read(&format_args!("{name:?}")), None);
        assert_eq!(read(&name), None);
        let number = std::hint::black_box(7);
        assert_eq!(read(&format_args!("order {number} is here")), None);
    }

    #[test]
    fn what_a_value_chose_among_literals_is_not_one() {
        let plan = std::hint::black_box(Plan::Gold);
        assert_eq!(read(&format_args!("{plan:?}")), None);
        assert_eq!(read(&format_args!("the plan is {plan:?}")), None);
        let is_admin = std::hint::black_box(true);
        assert_eq!(read(&format_args!("the user is admin: {is_admin}")), None);
    }

    #[test]
    fn text_on_a_stack_or_the_heap_is_not_constant() {
        let heap = String::from("some text of more words");
        let stack = *b"some text of more words";
        assert!(!is_constant(&heap));
        assert!(!is_constant(std::str::from_utf8(&stack).unwrap()));
        assert!(is_constant("some text of more words"));
    }
}
