//! Conditions on what only `#[traced]` understands: `#[cfg_attr(p, public)] a: &str`.
//!
//! The compiler decides about `p` later than we look, so that the function becomes two, of which it keeps
//! one.

use crate::model::Function;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, FnArg, Meta, Token, parse_quote};

/// Attributes that no compiler knows.
const OURS: [&str; 5] = ["public", "redact", "skip", "untraced", "traced"];

/// The two functions, each under its condition.
pub(crate) struct Arms {
    pub(crate) with: (Attribute, Function),
    pub(crate) without: (Attribute, Function),
}

/// Divides a function at its first condition that is ours to resolve.
pub(crate) fn divide(function: &Function) -> Option<Arms> {
    let lists = function.sig.inputs.iter().map(parameter_attrs).chain([&function.attrs]);
    let condition = lists.flatten().find_map(|attribute| Some(conditional(attribute)?.0))?;
    let condition = condition.to_string();
    let resolved = |holds: bool| {
        let mut function = function.clone();
        for input in &mut function.sig.inputs {
            resolve(parameter_attrs_mut(input), &condition, holds);
        }
        resolve(&mut function.attrs, &condition, holds);
        function
    };
    let tokens: TokenStream = condition.parse().ok()?;
    Some(Arms {
        with: (parse_quote!(#[cfg(#tokens)]), resolved(true)),
        without: (parse_quote!(#[cfg(not(#tokens))]), resolved(false)),
    })
}

/// Under the condition its attributes, otherwise none of them.
fn resolve(attrs: &mut Vec<Attribute>, condition: &str, holds: bool) {
    let resolved = attrs.drain(..).flat_map(|attribute| match conditional(&attribute) {
        Some((found, attributes)) if found.to_string() == condition => {
            if holds {
                attributes
            } else {
                Vec::new()
            }
        }
        _ => vec![attribute],
    });
    *attrs = resolved.collect();
}

/// The condition, and the attributes that it brings, of which one is ours.
fn conditional(attribute: &Attribute) -> Option<(TokenStream, Vec<Attribute>)> {
    if !attribute.path().is_ident("cfg_attr") {
        return None;
    }
    let Meta::List(list) = &attribute.meta else { return None };
    let parse = |input: ParseStream<'_>| {
        let condition: Meta = input.parse()?;
        input.parse::<Token![,]>()?;
        let metas = Punctuated::<Meta, Token![,]>::parse_terminated(input)?;
        Ok((condition, metas))
    };
    let (condition, metas) = parse.parse2(list.tokens.clone()).ok()?;
    let is_ours = |meta: &Meta| {
        let last = meta.path().segments.last();
        last.is_some_and(|last| OURS.iter().any(|name| last.ident == name))
    };
    if !metas.iter().any(is_ours) {
        return None;
    }
    let attributes = metas.iter().map(|meta| parse_quote!(#[#meta])).collect();
    Some((condition.into_token_stream(), attributes))
}

fn parameter_attrs(input: &FnArg) -> &Vec<Attribute> {
    match input {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(parameter) => &parameter.attrs,
    }
}

fn parameter_attrs_mut(input: &mut FnArg) -> &mut Vec<Attribute> {
    match input {
        FnArg::Receiver(receiver) => &mut receiver.attrs,
        FnArg::Typed(parameter) => &mut parameter.attrs,
    }
}
