//! What a place is for filters, for readers of the trace and for other libraries: `level`, `kind`, `attach`.

use super::{Options, equals, no_value};
use crate::report::nearest;
use proc_macro2::{Ident, Span};
use syn::parse::ParseStream;
use syn::{Expr, Lit};

/// As they are written, and as the runtime calls them; `tracing` counts the levels from one.
const LEVELS: [(&str, &str); 5] = [
    ("trace", "Trace"),
    ("debug", "Debug"),
    ("info", "Info"),
    ("warn", "Warn"),
    ("error", "Error"),
];

const KINDS: [(&str, &str); 5] = [
    ("server", "Server"),
    ("client", "Client"),
    ("producer", "Producer"),
    ("consumer", "Consumer"),
    ("internal", "Internal"),
];

pub(super) fn level(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    let value: Expr = equals(key, input, "\"debug\"")?.parse()?;
    options.level = Some(match integer(&value) {
        Some((number @ 1..=5, _)) => LEVELS[number - 1].1,
        Some((number, span)) => {
            let message = format!("no level {number}; levels are 1 (trace) to 5 (error)");
            return Err(syn::Error::new(span, message));
        }
        None => one_of("level", &LEVELS, &value)?,
    });
    Ok(())
}

pub(super) fn kind(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    let value: Expr = equals(key, input, "server")?.parse()?;
    options.kind = Some(one_of("kind", &KINDS, &value)?);
    Ok(())
}

pub(super) fn attach(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    options.attach = true;
    no_value(key, input)
}

/// `"debug"`, `debug`, `DEBUG` and `tracing::Level::DEBUG` are the same.
fn one_of(
    option: &str,
    accepted: &[(&str, &'static str)],
    value: &Expr,
) -> syn::Result<&'static str> {
    let names = || accepted.iter().map(|(name, _)| *name);
    let all = names().collect::<Vec<_>>().join(", ");
    let Some((word, span)) = word(value) else {
        return Err(syn::Error::new_spanned(value, format!("`{option}` is one of {all}")));
    };
    let lower = word.to_lowercase();
    if let Some((_, runtime_name)) = accepted.iter().find(|(name, _)| *name == lower) {
        return Ok(runtime_name);
    }
    let hint = match nearest(&lower, names()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("it is one of {all}"),
    };
    Err(syn::Error::new(span, format!("unknown {option} `{word}`; {hint}")))
}

fn word(value: &Expr) -> Option<(String, Span)> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some((text.value(), text.span())),
            _ => None,
        },
        Expr::Path(path) => {
            let last = path.path.segments.last()?;
            Some((last.ident.to_string(), last.ident.span()))
        }
        _ => None,
    }
}

fn integer(value: &Expr) -> Option<(usize, Span)> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => Some((number.base10_parse().ok()?, number.span())),
            _ => None,
        },
        _ => None,
    }
}
