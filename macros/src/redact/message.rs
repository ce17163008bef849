//! What an error says of itself: the literal that `thiserror` reads too, or `#[public(message = "…")]`.

use super::decision::Policy;
use super::model::{ErrorText, Shape};
use super::template::{Piece, Template};
use crate::report::Report;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, LitStr, Meta, Token};

/// Gives the shape its text, and marks it as expected.
pub(super) fn take(shape: &mut Shape, attrs: &[Attribute], own: Option<&Policy>, report: &Report) {
    shape.is_expected = own.is_some_and(|own| own.is_expected);
    if let Some(message) = own.and_then(|own| own.message.as_ref()) {
        let template = Template::of(message);
        names_fields(&template, shape, report);
        shape.error = Some(ErrorText::Template(template));
        return;
    }
    shape.error = attrs.iter().find_map(of_thiserror);
}

/// A literal of our own names fields that exist; that of `#[error]` is checked by its own derive.
fn names_fields(template: &Template, shape: &Shape, report: &Report) {
    for piece in &template.pieces {
        let is_known = match piece {
            Piece::Text(_) => true,
            Piece::Field(name) => shape.fields.iter().any(|field| member(field) == *name),
            Piece::Other => false,
        };
        if !is_known {
            let message = "a message names fields, as in `{name}` or `{0}`, and nothing else";
            report.error(template.span, message);
        }
    }
}

/// The name by which a message means a field.
pub(super) fn member(field: &super::model::Field) -> String {
    use syn::ext::IdentExt;
    match &field.member {
        syn::Member::Named(name) => name.unraw().to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

/// `#[error("…")]` and `#[error(transparent)]`; what is behind the literal is none of a message's literals.
fn of_thiserror(attribute: &Attribute) -> Option<ErrorText> {
    let Meta::List(list) = &attribute.meta else { return None };
    if !list.path.is_ident("error") {
        return None;
    }
    let read = |input: ParseStream<'_>| {
        let text = if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            // A name may be given to an expression behind the literal.
            let mut template = Template::of(&literal);
            let behind = aliases(input)?;
            for piece in &mut template.pieces {
                if matches!(piece, Piece::Field(name) if behind.contains(name)) {
                    *piece = Piece::Other;
                }
            }
            Some(ErrorText::Template(template))
        } else {
            let word: proc_macro2::Ident = input.parse()?;
            (word == "transparent").then_some(ErrorText::Transparent)
        };
        input.parse::<proc_macro2::TokenStream>()?;
        Ok(text)
    };
    read.parse2(list.tokens.clone()).ok().flatten()
}

/// `, name = expression`: a hole of this name is not a field.
fn aliases(input: ParseStream<'_>) -> syn::Result<Vec<String>> {
    let mut names = Vec::new();
    while input.parse::<Option<Token![,]>>()?.is_some() {
        if input.peek(syn::Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            names.push(input.parse::<syn::Ident>()?.to_string());
            input.parse::<Token![=]>()?;
        } else {
            // Positional: `{0}` means this expression, and not the field.
            names.push(names.len().to_string());
        }
        while !input.is_empty() && !input.peek(Token![,]) {
            let _: proc_macro2::TokenTree = input.parse()?;
        }
    }
    Ok(names)
}
