//! `#[public…]`, `#[redact…]`, `#[skip]` and `#[expected]`, each also as `#[traced(public…)]` where another
//! derive has an attribute of the same name.

use super::decision::{Decision, Mask, Policy, Shown};
use crate::report::{Report, here, nearest};
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Lit, LitInt, LitStr, Meta, Path, Token, parenthesized, token};

const NAMES: [&str; 4] = ["public", "redact", "skip", "expected"];
/// How much of the end of a text may be told.
const MAX_LAST: u8 = 4;
/// How many elements are told where nothing else is said, and at most.
const EACH: usize = 8;
const MAX_EACH: usize = 64;

/// Takes our attributes off, and reads them; what is not ours stays.
pub(crate) fn take(attrs: &mut Vec<Attribute>, report: &Report) -> Vec<Policy> {
    let (ours, others) = std::mem::take(attrs).into_iter().partition(is_ours);
    *attrs = others;
    read(&ours, report)
}

/// Reads our attributes among others.
pub(crate) fn read(attrs: &[Attribute], report: &Report) -> Vec<Policy> {
    let mut policies = Vec::new();
    for attribute in attrs.iter().filter(|attribute| is_ours(attribute)) {
        if let Err(error) = read_one(attribute, &mut policies) {
            report.add(error);
        }
    }
    policies
}

fn is_ours(attribute: &Attribute) -> bool {
    let path = attribute.path();
    path.is_ident("traced") || NAMES.iter().any(|name| path.is_ident(name))
}

fn read_one(attribute: &Attribute, policies: &mut Vec<Policy>) -> syn::Result<()> {
    if attribute.path().is_ident("traced") {
        let list = attribute.meta.require_list()?;
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let name = input.call(Ident::parse_any)?;
                policies.extend(one(&name, input)?);
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        return read.parse2(list.tokens.clone());
    }
    let Some(name) = attribute.path().get_ident() else { return Ok(()) };
    let policy = match &attribute.meta {
        Meta::Path(_) => words(name, None)?,
        Meta::List(list) => {
            (|input: ParseStream<'_>| words(name, Some(input))).parse2(list.tokens.clone())?
        }
        Meta::NameValue(pair) => {
            let message = format!("write `#[{name}]` or `#[{name}(…)]`");
            return Err(syn::Error::new(pair.eq_token.span, message));
        }
    };
    policies.push(policy);
    Ok(())
}

/// One item of `#[traced(…)]` on a field, a variant or a type.
fn one(name: &Ident, input: ParseStream<'_>) -> syn::Result<Option<Policy>> {
    if name == "crate" {
        // Read by the derive itself.
        input.parse::<Token![=]>()?;
        let _: syn::Expr = input.parse()?;
        return Ok(None);
    }
    if name == "rename" {
        let mut policy = empty(name.span());
        policy.rename = Some(text_after(name, input)?);
        return Ok(Some(policy));
    }
    if !NAMES.iter().any(|known| name == known) {
        let all = NAMES.iter().copied().chain(["rename", "crate"]);
        return Err(unknown(name, all));
    }
    if !input.peek(token::Paren) {
        return words(name, None).map(Some);
    }
    let list;
    parenthesized!(list in input);
    words(name, Some(&list)).map(Some)
}

fn empty(span: Span) -> Policy {
    Policy {
        decision: None,
        span,
        class: None,
        rename: None,
        is_for_rest: false,
        message: None,
        is_expected: false,
    }
}

/// What was said inside of the parentheses.
#[derive(Default)]
struct Said {
    how: Option<(Ident, How)>,
    max: Option<(Span, usize)>,
    reason: Option<LitStr>,
}

enum How {
    Each,
    Shown(Shown),
    Mask(Mask),
    /// Either of the two, by what it stands in.
    With(Path),
}

/// A policy from its name and the words behind it.
pub(crate) fn words(name: &Ident, input: Option<ParseStream<'_>>) -> syn::Result<Policy> {
    let mut policy = empty(name.span());
    let mut said = Said::default();
    if let Some(input) = input {
        while !input.is_empty() {
            word(name, input, &mut policy, &mut said)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
    }
    if let Some((span, _)) = &said.max {
        if !matches!(said.how, Some((_, How::Each))) {
            return Err(syn::Error::new(*span, "`max` belongs to `each`"));
        }
    }
    policy.decision = match name.to_string().as_str() {
        "public" => Some(public(name, said)?),
        "redact" => Some(redact(said)?),
        "skip" => Some(Decision::Skip),
        _ => None,
    };
    policy.is_expected = name == "expected";
    Ok(policy)
}

fn word(
    name: &Ident,
    input: ParseStream<'_>,
    policy: &mut Policy,
    said: &mut Said,
) -> syn::Result<()> {
    let Ok(word) = input.call(Ident::parse_any) else {
        return Err(here(input, format!("expected one of {}", accepted(name).join(", "))));
    };
    let written = word.unraw().to_string();
    if !accepted(name).contains(&written.as_str()) {
        return Err(unknown(&word, accepted(name).iter().copied()));
    }
    let how = match written.as_str() {
        "class" => return once(&word, &mut policy.class, text_after(&word, input)?),
        "rename" => return once(&word, &mut policy.rename, text_after(&word, input)?),
        "message" => return once(&word, &mut policy.message, text_after(&word, input)?),
        "reason" => return once(&word, &mut said.reason, text_after(&word, input)?),
        "max" => {
            let max = number_after(&word, input)?;
            return once(&word, &mut said.max, (word.span(), each_limit(&max)?));
        }
        "rest" => {
            policy.is_for_rest = true;
            return Ok(());
        }
        "each" => How::Each,
        "display" => How::Shown(Shown::Display),
        "debug" => How::Shown(Shown::Debug),
        "hash" => How::Mask(Mask::Hash),
        "len" => How::Mask(Mask::Length),
        "last" => How::Mask(Mask::Last(last(&number_after(&word, input)?)?)),
        _ => {
            equals(&word, input)?;
            How::With(input.call(Path::parse_mod_style)?)
        }
    };
    if let Some((earlier, _)) = &said.how {
        let message = format!("`{word}` and `{earlier}` exclude each other");
        return Err(syn::Error::new(word.span(), message));
    }
    said.how = Some((word, how));
    Ok(())
}

fn accepted(name: &Ident) -> &'static [&'static str] {
    match name.to_string().as_str() {
        "public" => &[
            "each", "max", "display", "debug", "with", "reason", "class", "rename", "rest",
            "message",
        ],
        "redact" => &["hash", "len", "last", "with", "class", "rename", "rest", "reason"],
        "skip" => &["rest", "reason"],
        _ => &["reason"],
    }
}

fn public(name: &Ident, said: Said) -> syn::Result<Decision> {
    let by = match said.how {
        None => return Ok(Decision::Public),
        Some((_, How::Each)) => {
            return Ok(Decision::Each { max: said.max.map_or(EACH, |(_, max)| max) });
        }
        Some((_, How::Shown(by))) => by,
        Some((_, How::With(path))) => Shown::With(path),
        Some((word, How::Mask(_))) => {
            let message = format!("`{word}` tells less than the value: write `#[redact({word})]`");
            return Err(syn::Error::new(word.span(), message));
        }
    };
    let Some(reason) = said.reason else {
        let message = "this publishes whatever the code behind it writes: say why that is safe, as in \
                       `reason = \"only the name of the state\"`";
        return Err(syn::Error::new(name.span(), message));
    };
    if reason.value().trim().is_empty() {
        return Err(syn::Error::new(reason.span(), "the reason is not empty"));
    }
    Ok(Decision::Vouched { by, reason })
}

fn redact(said: Said) -> syn::Result<Decision> {
    Ok(Decision::Redact(match said.how {
        None => Mask::Marker,
        Some((_, How::Mask(mask))) => mask,
        Some((_, How::With(path))) => Mask::With(path),
        Some((word, How::Each | How::Shown(_))) => {
            let message = format!("`{word}` publishes: write `#[public({word})]`");
            return Err(syn::Error::new(word.span(), message));
        }
    }))
}

fn last(number: &LitInt) -> syn::Result<u8> {
    let wanted = number.base10_parse::<u8>().ok().filter(|n| (1..=MAX_LAST).contains(n));
    wanted.ok_or_else(|| {
        let message = format!(
            "`last` tells between 1 and {MAX_LAST} characters, so that what is told never gives the \
             value away"
        );
        syn::Error::new(number.span(), message)
    })
}

fn each_limit(number: &LitInt) -> syn::Result<usize> {
    let wanted = number.base10_parse::<usize>().ok().filter(|n| (1..=MAX_EACH).contains(n));
    let message = || format!("`max` is between 1 and {MAX_EACH}");
    wanted.ok_or_else(|| syn::Error::new(number.span(), message()))
}

fn equals(word: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    match input.parse::<Option<Token![=]>>()? {
        Some(_) => Ok(()),
        None => Err(syn::Error::new(word.span(), format!("`{word}` needs a value"))),
    }
}

/// `= "…"`.
fn text_after(word: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    equals(word, input)?;
    if !input.peek(LitStr) {
        let message = format!("`{word}` is a string literal, so that it is the same in every run");
        return Err(here(input, message));
    }
    let text: LitStr = input.parse()?;
    if text.value().is_empty() {
        return Err(syn::Error::new(text.span(), format!("`{word}` is not empty")));
    }
    Ok(text)
}

/// `= 4`.
fn number_after(word: &Ident, input: ParseStream<'_>) -> syn::Result<LitInt> {
    equals(word, input)?;
    match input.parse::<Lit>() {
        Ok(Lit::Int(number)) => Ok(number),
        Ok(other) => Err(syn::Error::new(other.span(), format!("`{word}` is a number"))),
        Err(error) => Err(syn::Error::new(error.span(), format!("`{word}` is a number"))),
    }
}

fn once<T>(word: &Ident, slot: &mut Option<T>, value: T) -> syn::Result<()> {
    if slot.replace(value).is_some() {
        return Err(syn::Error::new(word.span(), format!("`{word}` is given twice")));
    }
    Ok(())
}

fn unknown<'a>(word: &Ident, accepted: impl Iterator<Item = &'a str> + Clone) -> syn::Error {
    let hint = nearest(&word.to_string(), accepted.clone()).map_or_else(
        || format!("there are {}", accepted.collect::<Vec<_>>().join(", ")),
        |name| format!("did you mean `{name}`?"),
    );
    syn::Error::new(word.span(), format!("unknown policy `{word}`; {hint}"))
}

/// All that was said about one value, as one.
pub(crate) fn together(policies: Vec<Policy>, report: &Report) -> Option<Policy> {
    policies.into_iter().reduce(|mut all, next| {
        if let (Some(earlier), Some(decision)) = (&all.decision, &next.decision) {
            let message = if earlier.name() == decision.name() {
                format!("`{}` is given twice", decision.name())
            } else {
                format!("`{}` and `{}` exclude each other", earlier.name(), decision.name())
            };
            report.error(next.span, message);
        }
        if all.decision.is_none() {
            (all.decision, all.span) = (next.decision, next.span);
        }
        all.class = all.class.or(next.class);
        all.rename = all.rename.or(next.rename);
        all.message = all.message.or(next.message);
        all.is_expected |= next.is_expected;
        all.is_for_rest |= next.is_for_rest;
        all
    })
}
