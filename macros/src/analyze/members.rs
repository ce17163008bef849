//! What is traced in a block of items, and what is passed over.

use crate::model::Function;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Attribute;

/// Whether nobody would want a span for it: a `const fn` or a naked one, which cannot have one, or a getter.
pub(crate) fn is_passed_over(function: &Function) -> bool {
    function.sig.constness.is_some()
        || function.attrs.iter().any(is_naked)
        || is_getter(&function.body)
}

/// `#[unsafe(naked)]`.
pub(crate) fn is_naked(attribute: &Attribute) -> bool {
    let mut tokens = attribute.meta.to_token_stream().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(word)), None) => word == "naked",
        (Some(TokenTree::Ident(word)), Some(TokenTree::Group(group))) => {
            word == "unsafe" && group.stream().to_string() == "naked"
        }
        _ => false,
    }
}

/// What `#[traced]` and `#[untraced]` on a member say.
pub(crate) struct Own {
    /// The options of its own `#[traced(…)]`.
    pub(crate) options: Option<TokenStream>,
    pub(crate) untraced: bool,
}

/// Takes them off.
pub(crate) fn take_own(attrs: &mut Vec<Attribute>) -> Own {
    let mut own = Own { options: None, untraced: false };
    attrs.retain(|attribute| {
        if is_called(attribute, "untraced") {
            own.untraced = true;
        } else if is_called(attribute, "traced") {
            let options = match &attribute.meta {
                syn::Meta::List(list) => list.tokens.clone(),
                _ => TokenStream::new(),
            };
            own.options.get_or_insert_default().extend(options);
        } else {
            return true;
        }
        false
    });
    own
}

pub(crate) fn is_called(attribute: &Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == name)
}

/// `self.field`, `&self.field`, `self.field.clone()`, or a literal, and nothing else.
fn is_getter(body: &TokenStream) -> bool {
    let mut tokens = body.clone().into_iter();
    let Some(TokenTree::Group(braces)) = tokens.next() else { return false };
    if braces.delimiter() != Delimiter::Brace || tokens.next().is_some() {
        return false;
    }
    let tokens: Vec<_> = braces.stream().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Literal(_)] => true,
        [TokenTree::Ident(word)] => word == "true" || word == "false",
        [TokenTree::Punct(minus), TokenTree::Literal(_)] => minus.as_char() == '-',
        [TokenTree::Punct(and), TokenTree::Ident(mutable), rest @ ..]
            if and.as_char() == '&' && mutable == "mut" =>
        {
            is_field(rest)
        }
        [TokenTree::Punct(and), rest @ ..] if and.as_char() == '&' => is_field(rest),
        [
            rest @ ..,
            TokenTree::Punct(dot),
            TokenTree::Ident(method),
            TokenTree::Group(arguments),
        ] if dot.as_char() == '.' && method == "clone" && arguments.stream().is_empty() => {
            is_field(rest)
        }
        tokens => is_field(tokens),
    }
}

/// `self.a.0.b`.
fn is_field(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Ident(receiver), rest @ ..] = tokens else { return false };
    receiver == "self"
        && !rest.is_empty()
        && rest.chunks(2).all(|pair| match pair {
            [TokenTree::Punct(dot), TokenTree::Ident(_) | TokenTree::Literal(_)] => {
                dot.as_char() == '.'
            }
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::is_getter;

    #[test]
    fn getters_are_known_by_their_body() {
        let is = |body: &str| is_getter(&body.parse().expect("tokens"));
        for getter in [
            "{ self.a }",
            "{ &self.a }",
            "{ &mut self.a.b }",
            "{ self.0 }",
            "{ self.a.clone() }",
            "{ 7 }",
            "{ -7 }",
            "{ true }",
            "{ \"a\" }",
        ] {
            assert!(is(getter), "{getter}");
        }
        for other in [
            "{}",
            "{ self }",
            "{ self.a() }",
            "{ self.a.len() }",
            "{ self.a + 1 }",
            "{ self.a; }",
            "{ other.a }",
            "{ f(1) }",
        ] {
            assert!(!is(other), "{other}");
        }
    }
}
