//! Where `#[section(…)]` stands, in tokens and in syntax.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Path};

/// Whether a section is somewhere in these tokens, also where nobody parses them.
pub(super) fn is_anywhere(tokens: &TokenStream) -> bool {
    first(tokens).is_some()
}

/// Where the first one is.
pub(super) fn first(tokens: &TokenStream) -> Option<Span> {
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match (&token, tokens.peek()) {
            (TokenTree::Group(group), _) => first(&group.stream()),
            (TokenTree::Punct(hash), Some(TokenTree::Group(brackets))) if hash.as_char() == '#' => {
                name_of_section(brackets)
            }
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The tokens without sections, for who cannot or need not time them.
pub(crate) fn strip(tokens: &TokenStream) -> TokenStream {
    if !is_anywhere(tokens) {
        return tokens.clone();
    }
    let mut left = TokenStream::new();
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match (token, tokens.peek()) {
            (TokenTree::Punct(hash), Some(TokenTree::Group(brackets)))
                if hash.as_char() == '#' && name_of_section(brackets).is_some() =>
            {
                tokens.next();
            }
            (TokenTree::Group(group), _) => {
                let mut stripped = Group::new(group.delimiter(), strip(&group.stream()));
                stripped.set_span(group.span());
                left.extend([TokenTree::Group(stripped)]);
            }
            (token, _) => left.extend([token]),
        }
    }
    left
}

/// `[section(…)]` and `[traced::section(…)]`.
fn name_of_section(brackets: &Group) -> Option<Span> {
    if brackets.delimiter() != Delimiter::Bracket {
        return None;
    }
    let mut last = None;
    for token in brackets.stream() {
        match token {
            TokenTree::Ident(name) => last = Some(name),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            _ => break,
        }
    }
    last.filter(|last| last == "section").map(|last| last.span())
}

pub(super) fn is_section(attribute: &Attribute) -> bool {
    is_path(attribute.path())
}

fn is_path(path: &Path) -> bool {
    path.segments.len() <= 2 && path.segments.last().is_some_and(|last| last.ident == "section")
}

/// Takes the section off, if there is one.
pub(super) fn take(attrs: &mut Vec<Attribute>) -> Option<Attribute> {
    let at = attrs.iter().position(is_section)?;
    Some(attrs.remove(at))
}

/// What stands on an expression, or on what it begins with.
///
/// `#[section] x = h();` times the statement, although syn binds the attribute to `x`.
pub(super) fn take_leftmost(expr: &mut Expr) -> Option<Attribute> {
    match expr {
        Expr::Assign(assign) => take_leftmost(&mut assign.left),
        Expr::Binary(binary) => take_leftmost(&mut binary.left),
        Expr::Cast(cast) => take_leftmost(&mut cast.expr),
        Expr::Range(range) => take_leftmost(range.start.as_mut()?),
        expr => take(attrs_of(expr)?),
    }
}

/// A section on what an operation begins with, where no statement can be meant.
pub(super) fn on_operand(expr: &mut Expr) -> Option<Span> {
    let is_operation =
        matches!(expr, Expr::Assign(_) | Expr::Binary(_) | Expr::Cast(_) | Expr::Range(_));
    if !is_operation {
        return None;
    }
    take_leftmost(expr).map(|attribute| attribute.path().span())
}

macro_rules! attrs_of {
    ($expr:ident: $($kind:ident)*) => {
        match $expr {
            $(Expr::$kind(expr) => Some(&mut expr.attrs),)*
            _ => None,
        }
    };
}

pub(super) fn attrs_of(expr: &mut Expr) -> Option<&mut Vec<Attribute>> {
    attrs_of! { expr:
        Array Assign Async Await Binary Block Break Call Cast Closure Const Continue Field ForLoop Group If
        Index Infer Let Lit Loop Macro Match MethodCall Paren Path Range RawAddr Reference Repeat Return
        Struct Try TryBlock Tuple Unary Unsafe While Yield
    }
}
