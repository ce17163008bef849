//! What is said about the value returned: `err` and `ret`.

use super::{Options, equals};
use crate::model::{Description, Errors, ReturnedForm};
use crate::report::nearest;
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, LitStr, Path, Token, parenthesized, token};

const ERR: [&str; 4] = ["display", "debug", "type", "off"];
const ERR_IN_PARENTHESES: [&str; 5] = ["display", "debug", "type", "map", "expected"];
const RET: [&str; 2] = ["display", "debug"];

/// `err`, `err = display`, `err(map = path, expected = path)`.
pub(super) fn err(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    let (mut description, mut expected) = (Description::ByType, None);
    if input.peek(token::Paren) {
        let list;
        parenthesized!(list in input);
        while !list.is_empty() {
            read_one(&list, &mut description, &mut expected)?;
            list.parse::<Option<Token![,]>>()?;
        }
    } else if input.peek(Token![=]) {
        let (word, span) = word(equals(key, input, "display")?, "err", &ERR)?;
        if word == "off" {
            options.err = Some(Errors::Off);
            return Ok(());
        }
        description = described(&word).ok_or_else(|| unknown("err", &word, span, &ERR))?;
    }
    options.err = Some(Errors::On { description, expected, written: Some(key.span()) });
    Ok(())
}

fn read_one(
    list: ParseStream<'_>,
    description: &mut Description,
    expected: &mut Option<Expr>,
) -> syn::Result<()> {
    let (word, span) = word(list, "err", &ERR_IN_PARENTHESES)?;
    match word.as_str() {
        "map" => *description = Description::Map(function(list, "map", span)?),
        "expected" => *expected = Some(function(list, "expected", span)?),
        "level" => return Err(no_level("err", list, span)),
        "off" => return Err(syn::Error::new(span, "write `err = off`")),
        _ => {
            *description =
                described(&word).ok_or_else(|| unknown("err", &word, span, &ERR_IN_PARENTHESES))?;
        }
    }
    Ok(())
}

fn described(word: &str) -> Option<Description> {
    match word {
        "display" => Some(Description::Display),
        "debug" => Some(Description::Debug),
        "type" => Some(Description::Type),
        _ => None,
    }
}

/// `= path`.
fn function(list: ParseStream<'_>, word: &str, span: Span) -> syn::Result<Expr> {
    let equals = list.parse::<Option<Token![=]>>()?;
    let function = equals.filter(|_| !list.is_empty()).map(|_| list.parse::<Expr>()).transpose()?;
    match function {
        Some(function @ (Expr::Path(_) | Expr::Closure(_))) => Ok(function),
        Some(other) => {
            let message =
                "expected the path of a function, or a closure, that takes the error by reference";
            Err(syn::Error::new_spanned(other, message))
        }
        None => {
            let message =
                format!("`{word}` needs a function, as in `err({word} = MyError::{word})`");
            Err(syn::Error::new(span, message))
        }
    }
}

/// `ret`, `ret = display`, `ret = debug`, and the parentheses of `tracing`.
pub(super) fn ret(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    options.ret_span = Some(key.span());
    options.ret = Some(ReturnedForm::ByType);
    if input.peek(token::Paren) {
        let list;
        parenthesized!(list in input);
        while !list.is_empty() {
            let (word, span) = word(&list, "ret", &RET)?;
            if word == "level" {
                return Err(no_level("ret", &list, span));
            }
            options.ret = Some(returned(&word, span)?);
            list.parse::<Option<Token![,]>>()?;
        }
    } else if input.peek(Token![=]) {
        let (word, span) = word(equals(key, input, "display")?, "ret", &RET)?;
        options.ret = Some(returned(&word, span)?);
    }
    Ok(())
}

fn returned(word: &str, span: Span) -> syn::Result<ReturnedForm> {
    match word {
        "display" => Ok(ReturnedForm::Display),
        "debug" => Ok(ReturnedForm::Debug),
        _ => Err(unknown("ret", word, span, &RET)),
    }
}

/// `display`, `Display`, `fmt::Display` and `"display"` are the same.
fn word(input: ParseStream<'_>, option: &str, accepted: &[&str]) -> syn::Result<(String, Span)> {
    let span = input.span();
    let found = if input.peek(LitStr) {
        Some(input.parse::<LitStr>()?.value())
    } else if input.peek(Token![type]) {
        Some(input.call(Ident::parse_any)?.to_string())
    } else {
        let path = input.call(Path::parse_mod_style).ok();
        path.and_then(|path| path.segments.last().map(|last| last.ident.unraw().to_string()))
    };
    match found {
        Some(found) => Ok((found.to_lowercase(), span)),
        None => Err(syn::Error::new(span, format!("`{option}` takes {}", any_of(accepted)))),
    }
}

fn unknown(option: &str, word: &str, span: Span, accepted: &[&str]) -> syn::Error {
    let hint = match nearest(word, accepted.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it takes {}", any_of(accepted)),
    };
    syn::Error::new(span, format!("unknown form `{word}` of `{option}`; {hint}"))
}

fn any_of(accepted: &[&str]) -> String {
    accepted.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn no_level(option: &str, list: ParseStream<'_>, span: Span) -> syn::Error {
    // What stands behind it would be reported as another mistake.
    let _: syn::Result<proc_macro2::TokenStream> = list.parse();
    let message = format!(
        "what `{option}` says is part of the span and has no level of its own; \
         remove it, or set the span's by `level = …` beside `{option}`"
    );
    syn::Error::new(span, message)
}
