//! The literal of `#[error("…")]`, taken apart: text, and the fields in between.

use proc_macro2::Span;
use syn::LitStr;

/// A message with holes.
pub(super) struct Template {
    pub(super) pieces: Vec<Piece>,
    pub(super) span: Span,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// The name or the position of a field.
    Field(String),
    /// What no field stands for: an expression behind the literal, or a part of a field.
    Other,
}

impl Template {
    pub(super) fn of(literal: &LitStr) -> Self {
        Self { pieces: pieces(&literal.value()), span: literal.span() }
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '{' | '}' if rest.peek() == Some(&c) => {
                rest.next();
                literal.push(c);
            }
            '{' => {
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                }
                let hole: String = rest.by_ref().take_while(|c| *c != '}').collect();
                pieces.push(hole_piece(&hole));
            }
            c => literal.push(c),
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    pieces
}

/// `name`, `0` or `name:?`.
fn hole_piece(hole: &str) -> Piece {
    let name = hole.split(':').next().unwrap_or_default().trim();
    let name = name.strip_prefix("r#").unwrap_or(name);
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_name { Piece::Field(name.to_owned()) } else { Piece::Other }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn field(name: &str) -> Piece {
        Piece::Field(name.to_owned())
    }

    #[test]
    fn literals_and_fields_are_told_apart() {
        assert_eq!(pieces("no field"), [text("no field")]);
        assert_eq!(pieces("{a}"), [field("a")]);
        assert_eq!(pieces("x {a} y {0:?}"), [text("x "), field("a"), text(" y "), field("0")]);
        assert_eq!(pieces("{{a}} {r#type:>10}"), [text("{a} "), field("type")]);
        assert_eq!(pieces("{} {a.b}"), [Piece::Other, text(" "), Piece::Other]);
        assert_eq!(pieces("{unclosed"), [field("unclosed")]);
    }
}
