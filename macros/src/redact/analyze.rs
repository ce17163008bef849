//! A type as it was written becomes one in which everything is decided, and what is undecided is told.

use super::attribute::{read, together};
use super::decision::{Decision, Policy};
use super::message;
use super::model::{Body, Field, FieldTold, RedactedType, Shape, Told, Variant};
use crate::report::Report;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Index, Member, Path};

/// What `rest` decides.
type Rest = Option<Decision>;

pub(super) fn redacted_type(input: DeriveInput, report: &Report) -> RedactedType {
    let crate_path = crate_path(&input.attrs, report);
    let policies = read(&input.attrs, report);
    let own = together(policies, report);
    let rest = rest(own.as_ref(), report);
    let body = match input.data {
        Data::Struct(data) => {
            let mut shape = shape(&data.fields, &rest, report);
            message::take(&mut shape, &input.attrs, own.as_ref(), report);
            Body::Struct(shape)
        }
        Data::Enum(data) => {
            let variants = data.variants.iter();
            Body::Enum(variants.map(|v| variant(v, &rest, report)).collect())
        }
        Data::Union(data) => {
            let message = "a union has no policy: nobody knows which of its fields is meant; put it into a \
                           struct, under `#[redact]` or `#[skip]`";
            report.error(data.union_token.span, message);
            Body::Enum(Vec::new())
        }
    };
    RedactedType { name: input.ident, generics: input.generics, body, crate_path }
}

/// `#[traced(crate = path)]`.
pub(super) fn crate_path(attrs: &[Attribute], report: &Report) -> Option<Path> {
    let mut found = None;
    for attribute in attrs.iter().filter(|attribute| attribute.path().is_ident("traced")) {
        let read = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                found = Some(meta.value()?.parse()?);
            } else if meta.input.peek(syn::Token![=]) {
                let _: syn::Expr = meta.value()?.parse()?;
            } else if meta.input.peek(syn::token::Paren) {
                let list;
                syn::parenthesized!(list in meta.input);
                let _: proc_macro2::TokenStream = list.parse()?;
            }
            Ok(())
        });
        if let Err(error) = read {
            report.add(error);
        }
    }
    found
}

fn rest(own: Option<&Policy>, report: &Report) -> Rest {
    let own = own?;
    let decision = own.decision.clone()?;
    if own.is_for_rest {
        return Some(decision);
    }
    if own.message.is_none() && !matches!(decision, Decision::Vouched { .. }) {
        let message = format!(
            "on a type, `{name}` decides for what is undecided in it: write `#[{name}(rest)]`",
            name = decision.name()
        );
        report.error(own.span, message);
    }
    None
}

fn variant(variant: &syn::Variant, rest: &Rest, report: &Report) -> Variant {
    let policies = read(&variant.attrs, report);
    let own = together(policies, report);
    if let Some(own) = own.as_ref().filter(|own| own.is_for_rest) {
        report.error(own.span, "`rest` stands on the type");
    }
    let mut shape = shape(&variant.fields, rest, report);
    message::take(&mut shape, &variant.attrs, own.as_ref(), report);
    let decision = own.as_ref().and_then(|own| own.decision.clone());
    let is_error = shape.error.is_some() || shape.is_expected;
    let told = match decision.or_else(|| if is_error { None } else { rest.clone() }) {
        Some(Decision::Public) => Told::Name,
        Some(Decision::Redact(super::decision::Mask::Marker)) => Told::Marker,
        Some(Decision::Skip) => Told::Nothing,
        Some(_) => {
            let span = own.as_ref().map_or(variant.ident.span(), |own| own.span);
            let message = "the name of a variant is `#[public]`, `#[redact]` or `#[skip]`";
            report.error(span, message);
            Told::Nothing
        }
        // Its author wrote down what it says.
        None if is_error => Told::Name,
        None => {
            let message = format!(
                "`{name}` is undecided: the name of a variant is data too; write `#[public]`, `#[redact]` or \
                 `#[skip]` on it, or decide for all by `#[public(rest)]` or `#[redact(rest)]` on the type",
                name = variant.ident
            );
            report.error(variant.ident.span(), message);
            Told::Nothing
        }
    };
    let rename = own.and_then(|own| own.rename).map(|rename| rename.value());
    let told_as = rename.unwrap_or_else(|| variant.ident.unraw().to_string());
    if let (true, [content]) = (shape.is_newtype, &mut shape.fields[..]) {
        // The name of what it is in is that of the variant.
        shape.is_newtype = false;
        content.key.clone_from(&told_as);
    }
    if told != Told::Name {
        // What is hidden has no fields that could say more.
        shape.fields.clear();
    }
    Variant { name: variant.ident.clone(), told_as, told, shape }
}

fn shape(fields: &Fields, rest: &Rest, report: &Report) -> Shape {
    let is_newtype = matches!(fields, Fields::Unnamed(unnamed) if unnamed.unnamed.len() == 1);
    let last = fields.iter().last().map(|field| field.ty.clone());
    let fields = fields.iter().enumerate();
    let fields = fields.map(|(position, f)| field(position, f, rest, report)).collect();
    Shape { fields, last, is_newtype, error: None, is_expected: false }
}

fn field(position: usize, field: &syn::Field, rest: &Rest, report: &Report) -> Field {
    let own = together(read(&field.attrs, report), report);
    if let Some(own) = &own {
        misplaced(own, report);
    }
    let member = match &field.ident {
        Some(name) => Member::Named(name.clone()),
        None => Member::Unnamed(Index::from(position)),
    };
    let key = match &field.ident {
        Some(name) => name.unraw().to_string(),
        None => position.to_string(),
    };
    let decision = own.as_ref().and_then(|own| own.decision.clone());
    let told = match (decision, rest) {
        (Some(decision), _) => FieldTold::ByAttribute(decision),
        (None, Some(Decision::Public)) => FieldTold::Rest,
        (None, Some(decision)) => FieldTold::ByAttribute(decision.clone()),
        (None, None) => FieldTold::ByType,
    };
    let (class, rename) = own.map_or((None, None), |own| (own.class, own.rename));
    let is = |name| field.attrs.iter().any(|attribute| attribute.path().is_ident(name));
    Field {
        member,
        key: rename.map_or(key, |rename| rename.value()),
        ty: field.ty.clone(),
        told,
        class,
        span: field.ty.span(),
        is_source: is("source")
            || is("from")
            || field.ident.as_ref().is_some_and(|name| name == "source"),
    }
}

fn misplaced(own: &Policy, report: &Report) {
    if own.is_for_rest {
        report.error(own.span, "`rest` stands on the type");
    }
    if own.is_expected {
        report.error(own.span, "`expected` stands on an error, or on a variant of one");
    }
    if let Some(message) = &own.message {
        report.error(message.span(), "`message` stands on an error, or on a variant of one");
    }
}
