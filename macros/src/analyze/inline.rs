//! The arguments of `span!`, `section!`, `event!` and `record!`.

use crate::model::{Callsite, Field, Form, Inline, InlineKind, Name};
use crate::options::{fields, leading_crate_path, threshold};
use crate::report::{Report, here};
use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token};

pub(crate) fn parse(kind: InlineKind, input: TokenStream, report: &Report) -> Inline {
    let mut inline = empty(kind);
    let read = |input: ParseStream<'_>| read(&mut inline, input, report);
    if let Err(error) = read.parse2(input) {
        report.add(error);
    }
    repeated_keys(&inline.fields, report);
    inline
}

fn empty(kind: InlineKind) -> Inline {
    let name = Name::Literal(LitStr::new("record", Span::mixed_site()));
    let callsite = Callsite::named(name);
    Inline { kind, crate_path: None, at_root: false, callsite, fields: Vec::new() }
}

fn read(inline: &mut Inline, input: ParseStream<'_>, report: &Report) -> syn::Result<()> {
    inline.crate_path = leading_crate_path(input)?;
    match inline.kind {
        InlineKind::Record => inline.at_root = root_marker(input)?,
        _ => inline.callsite.name = Name::Literal(name(input)?),
    }
    if inline.kind == InlineKind::Section {
        inline.callsite.slow_ns = slow(input)?;
    }
    inline.fields = fields::list(input, report);
    if inline.kind == InlineKind::Record && inline.fields.is_empty() {
        return Err(here(input, "nothing to record; write `key = value`"));
    }
    Ok(())
}

fn name(input: ParseStream<'_>) -> syn::Result<LitStr> {
    if !input.peek(LitStr) {
        return Err(here(input, "expected the name, a string literal, first"));
    }
    let name = input.parse()?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(name)
}

/// `@root, `.
fn root_marker(input: ParseStream<'_>) -> syn::Result<bool> {
    if input.parse::<Option<Token![@]>>()?.is_none() {
        return Ok(false);
    }
    let target: Ident = input.parse()?;
    if target != "root" {
        let message = format!("unknown target `@{target}`; there is `@root`, the local root");
        return Err(syn::Error::new(target.span(), message));
    }
    input.parse::<Token![,]>()?;
    Ok(true)
}

/// `slow = "50ms", `.
fn slow(input: ParseStream<'_>) -> syn::Result<Option<u64>> {
    let fork = input.fork();
    let is_slow = fork.call(Ident::parse_any).is_ok_and(|key| key == "slow");
    if !is_slow || !fork.peek(Token![=]) {
        return Ok(None);
    }
    input.parse::<Ident>()?;
    input.parse::<Token![=]>()?;
    let slow_ns = threshold(input)?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(Some(slow_ns))
}

fn repeated_keys(fields: &[Field], report: &Report) {
    for (position, field) in fields.iter().enumerate() {
        if fields[..position].iter().any(|earlier| earlier.key == field.key) {
            report.error(field.key_span, format!("the key `{}` is given twice", field.key));
        }
        debug_assert!(!matches!(field.form, Form::Declared));
    }
}
