//! Lists of `key = value`: `fields(…)`, and the arguments of `event!`, `record!`, `span!` and `section!`.

use super::Options;
use crate::model::{Field, Form};
use crate::redact::attribute;
use crate::redact::decision::{Decision, Policy};
use crate::report::{Report, here};
use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, ExprLit, ExprPath, Lit, LitStr, Token, parenthesized, token};

/// What a key without a value stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BareKey {
    /// An attribute to be recorded later.
    Declares,
    /// The variable of that name.
    NamesVariable,
}

pub(super) fn fields(
    options: &mut Options,
    option: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    if !input.peek(token::Paren) {
        let message = "`fields` needs a list, as in `fields(key = value)`";
        return Err(syn::Error::new(option.span(), message));
    }
    let list;
    parenthesized!(list in input);
    let read = read_fields(options, &list);
    // What follows a mistake would be reported as another one.
    list.parse::<TokenStream>()?;
    read
}

fn read_fields(options: &mut Options, list: ParseStream<'_>) -> syn::Result<()> {
    while !list.is_empty() {
        options.fields.push(field(list, BareKey::Declares)?);
        comma(list)?;
    }
    Ok(())
}

/// A list up to the end; mistakes are reported and the rest of the list is left out.
pub(crate) fn list(input: ParseStream<'_>, report: &Report) -> Vec<Field> {
    let mut fields = Vec::new();
    while !input.is_empty() {
        match one(input) {
            Ok(field) => fields.push(field),
            Err(error) => report.add(error),
        }
        comma_or_next(input, report);
    }
    fields
}

/// One of such a list.
pub(crate) fn one(input: ParseStream<'_>) -> syn::Result<Field> {
    field(input, BareKey::NamesVariable)
}

/// The comma behind it, or whatever comes before the next one.
pub(crate) fn comma_or_next(input: ParseStream<'_>, report: &Report) {
    if let Err(error) = comma(input) {
        report.add(error);
        super::skip_to_next_option(input);
    }
}

fn comma(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() {
        return Ok(());
    }
    match input.parse::<Option<Token![,]>>()? {
        Some(_) => Ok(()),
        None => Err(here(input, missing_comma(input))),
    }
}

fn missing_comma(input: ParseStream<'_>) -> String {
    match input.fork().call(Ident::parse_any) {
        Ok(key) => format!("expected `,` between values: `, {key}`"),
        Err(_) => "expected `,` between values".to_owned(),
    }
}

fn field(input: ParseStream<'_>, bare_key: BareKey) -> syn::Result<Field> {
    let policy = policy_before(input)?;
    if input.peek(Token![%]) || input.peek(Token![?]) {
        return sigil_and_path(input, policy);
    }
    let (key, key_span, path) = key(input)?;
    if input.parse::<Option<Token![=]>>()?.is_some() {
        let form = match value(input, policy)? {
            Form::ByType(value) if bare_key == BareKey::Declares && is_empty(&value) => {
                Form::Declared
            }
            form => form,
        };
        return Ok(Field { key, key_span, form });
    }
    let form = match (path, bare_key) {
        (Some(path), BareKey::NamesVariable) => plain(path, policy),
        (_, BareKey::Declares) if policy.is_none() => Form::Declared,
        _ => return Err(here(input, "expected `= value`")),
    };
    Ok(Field { key, key_span, form })
}

/// `tracing::field::Empty` is how `tracing` says that a value comes later.
fn is_empty(value: &Expr) -> bool {
    let Expr::Path(path) = value else { return false };
    let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    names.next().is_some_and(|last| last == "Empty")
        && names.next().is_none_or(|module| module == "field")
}

/// `%path` and `?path`, whose key is the path itself.
fn sigil_and_path(input: ParseStream<'_>, policy: Option<Policy>) -> syn::Result<Field> {
    let sigil = sigil(input, policy)?;
    let key_span = input.span();
    let value: Expr = input.parse()?;
    let Some(key) = path_text(&value) else {
        let message = "this value needs a key, as in `key = %value`";
        return Err(syn::Error::new_spanned(value, message));
    };
    Ok(Field { key, key_span, form: sigil(value) })
}

fn value(input: ParseStream<'_>, policy: Option<Policy>) -> syn::Result<Form> {
    if input.peek(Token![%]) || input.peek(Token![?]) {
        let sigil = sigil(input, policy)?;
        return input.parse().map(sigil);
    }
    input.parse().map(|value| plain(value, policy))
}

fn plain(value: Expr, policy: Option<Policy>) -> Form {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Form::Literal(text),
        value => match policy {
            Some(Policy { decision: Some(decision), class, .. }) => {
                Form::Decided(value, decision, class)
            }
            _ => Form::ByType(value),
        },
    }
}

fn sigil(input: ParseStream<'_>, policy: Option<Policy>) -> syn::Result<fn(Expr) -> Form> {
    if let Some(policy) = policy {
        let message =
            "`%` and `?` publish by themselves; a policy stands before a value without them";
        return Err(syn::Error::new(policy.span, message));
    }
    if input.parse::<Option<Token![%]>>()?.is_some() {
        return Ok(Form::Display);
    }
    input.parse::<Token![?]>()?;
    Ok(Form::Debug)
}

/// `#[public]`, `#[redact]`… before a value.
fn policy_before(input: ParseStream<'_>) -> syn::Result<Option<Policy>> {
    let report = Report::new();
    let mut attrs = input.call(Attribute::parse_outer)?;
    let policies = attribute::take(&mut attrs, &report);
    let policy = attribute::together(policies, &report);
    if let Some(errors) = report.into_error() {
        return Err(errors);
    }
    if let Some(other) = attrs.first() {
        let message = "only a policy may stand before a value: `#[public]`, `#[redact]`…";
        return Err(syn::Error::new_spanned(other, message));
    }
    let Some(policy) = policy else { return Ok(None) };
    match policy.decision {
        Some(Decision::Skip) => {
            Err(syn::Error::new(policy.span, "leave the value out, if it is not to be recorded"))
        }
        Some(_) if !policy.is_for_rest && policy.message.is_none() && policy.rename.is_none() => {
            Ok(Some(policy))
        }
        _ => Err(syn::Error::new(policy.span, "expected a policy of one value")),
    }
}

/// `"a.b"` or `a.b`; the latter also as the expression that it may stand for.
fn key(input: ParseStream<'_>) -> syn::Result<(String, Span, Option<Expr>)> {
    let span = input.span();
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        if text.value().is_empty() {
            return Err(syn::Error::new(text.span(), "a key is not empty"));
        }
        return Ok((text.value(), span, None));
    }
    let Ok(first) = input.call(Ident::parse_any) else {
        return Err(here(input, "expected `key = value`"));
    };
    let mut key = first.unraw().to_string();
    let mut path = Some(first);
    while input.parse::<Option<Token![.]>>()?.is_some() {
        key = format!("{key}.{}", input.call(Ident::parse_any)?.unraw());
        path = None;
    }
    let path =
        path.map(|name| Expr::Path(ExprPath { attrs: Vec::new(), qself: None, path: name.into() }));
    Ok((key, span, path))
}

/// `a.b.c` as text; `self.` says nothing to a reader of the trace.
fn path_text(value: &Expr) -> Option<String> {
    match value {
        Expr::Path(path) => Some(path.path.get_ident()?.unraw().to_string()),
        Expr::Field(field) => {
            let base = path_text(&field.base)?;
            let member = match &field.member {
                syn::Member::Named(name) => name.unraw().to_string(),
                syn::Member::Unnamed(index) => index.index.to_string(),
            };
            Some(if base == "self" { member } else { format!("{base}.{member}") })
        }
        _ => None,
    }
}
