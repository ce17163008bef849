//! The function as it was written, for those who read it and do not run it: rustdoc, and clippy, which
//! otherwise would miss what it says about signatures, and speak of what we add.
//!
//! A compiler that is neither gets what it would keep, because what it throws away it would have to read first.

use crate::model::{Description, Errors, Form, Observation, Outcome, Parent, Shape, TracedFn};
use crate::names::generated;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::env;
use syn::Expr;

/// Both, each under its condition, where either may be wanted.
pub(super) fn beside(traced: &TracedFn, expanded: TokenStream) -> TokenStream {
    if is_plain_compiler() {
        return expanded;
    }
    let as_written = as_written(traced);
    // Of the others rustdoc sees a signature that differs in nothing.
    if let Shape::Async = traced.shape {
        return generated! {
            #[cfg(any(doc, clippy))]
            #as_written
            #[cfg(not(any(doc, clippy)))]
            #expanded
        };
    }
    generated! {
        #[cfg(clippy)]
        #as_written
        #[cfg(not(clippy))]
        #expanded
    }
}

/// Whether what expands this is `rustc` itself, where neither `doc` nor `clippy` is ever set: clippy and rustdoc are
/// programs of their own, and so is the server that expands macros for an editor.
fn is_plain_compiler() -> bool {
    thread_local! {
        static IS_PLAIN: bool = env::current_exe()
            .is_ok_and(|program| program.file_stem().is_some_and(|name| name == "rustc"));
    }
    IS_PLAIN.with(|is_plain| *is_plain)
}

fn as_written(traced: &TracedFn) -> TokenStream {
    let values = values(traced);
    if values.is_empty() {
        return traced.function.to_token_stream();
    }
    let mut function = traced.function.clone();
    // A variable that is recorded and nothing else is used all the same.
    let used = generated! { let _ = || { #(let _ = &(#values);)* }; };
    function.body = match function.body.clone().into_iter().next() {
        Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => {
            let statements = body.stream();
            let mut with_values = Group::new(Delimiter::Brace, quote! { #used #statements });
            with_values.set_span(body.span());
            with_values.into_token_stream()
        }
        _ => {
            let body = &function.body;
            generated! { { #used #body } }
        }
    };
    function.into_token_stream()
}

/// The expressions that the options evaluate.
fn values(traced: &TracedFn) -> Vec<TokenStream> {
    let fields =
        traced.fields.iter().chain(&traced.late_fields).filter_map(|field| field.form.value());
    let parent = match &traced.parent {
        Parent::Of(parent) => Some(parent),
        Parent::Current | Parent::Root => None,
    };
    let all = fields.chain(parent).chain(&traced.links).chain(&traced.callsite.sample);
    all.chain(functions(&traced.outcome)).map(ToTokens::to_token_stream).collect()
}

/// The functions that `err` asks. A closure uses nothing that it does not mention itself, and has no type alone.
fn functions(outcome: &Outcome) -> impl Iterator<Item = &Expr> {
    let (map, expected) = match outcome {
        Outcome::Observed(Observation {
            errors: Errors::On { description, expected, .. }, ..
        }) => {
            let map = match description {
                Description::Map(function) => Some(function),
                _ => None,
            };
            (map, expected.as_ref())
        }
        _ => (None, None),
    };
    map.into_iter().chain(expected).filter(|function| matches!(function, Expr::Path(_)))
}

impl Form {
    fn value(&self) -> Option<&Expr> {
        match self {
            Self::Declared | Self::Literal(_) | Self::ByType(Expr::Lit(_)) => None,
            Self::Static(value)
            | Self::ByType(value)
            | Self::Decided(value, ..)
            | Self::Display(value)
            | Self::Debug(value) => Some(value),
        }
    }
}
