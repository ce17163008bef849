//! The arguments of `span!`, `section!`, `event!` and `record!`.

use crate::model::{Callsite, Field, Form, Inline, InlineKind, Name};
use crate::options::{fields, leading_crate_path, threshold};
use crate::report::{Report, here};
use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, LitStr, Token};

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
        section(inline, input, report)?;
    } else {
        inline.fields = fields::list(input, report);
    }
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

/// `slow = "50ms"` and `sql = QUERY` stand among the values.
fn section(inline: &mut Inline, input: ParseStream<'_>, report: &Report) -> syn::Result<()> {
    while !input.is_empty() {
        let ahead = input.fork();
        let key = ahead.call(Ident::parse_any).ok().filter(|_| ahead.peek(Token![=]));
        match key.map(|key| key.to_string()).as_deref() {
            Some("slow") => {
                option(input)?;
                inline.callsite.slow_ns = Some(threshold(input)?);
            }
            Some("sql") => {
                let key_span = option(input)?;
                inline.fields.push(Field { key: SQL.to_owned(), key_span, form: sql(input)? });
            }
            _ => match fields::one(input) {
                Ok(field) => inline.fields.push(field),
                Err(error) => report.add(error),
            },
        }
        fields::comma_or_next(input, report);
    }
    Ok(())
}

/// As OpenTelemetry calls it.
const SQL: &str = "db.query.text";

/// `key =`.
fn option(input: ParseStream<'_>) -> syn::Result<Span> {
    let key: Ident = input.parse()?;
    input.parse::<Token![=]>()?;
    Ok(key.span())
}

/// Text that is in the program, so that no value can be in it.
fn sql(input: ParseStream<'_>) -> syn::Result<Form> {
    let refuse = |span| {
        let message = "`sql` is text of the program: a literal, or a `&'static str`; values go into its parameters";
        syn::Error::new(span, message)
    };
    if input.peek(Token![%]) || input.peek(Token![?]) || input.peek(Token![#]) {
        return Err(refuse(input.span()));
    }
    match input.parse()? {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(Form::Literal(text)),
        text @ (Expr::Path(_) | Expr::Field(_) | Expr::Macro(_)) => Ok(Form::Static(text)),
        other => Err(refuse(other.span())),
    }
}

fn repeated_keys(fields: &[Field], report: &Report) {
    for (position, field) in fields.iter().enumerate() {
        if fields[..position].iter().any(|earlier| earlier.key == field.key) {
            report.error(field.key_span, format!("the key `{}` is given twice", field.key));
        }
        debug_assert!(!matches!(field.form, Form::Declared));
    }
}
