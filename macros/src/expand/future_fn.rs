//! A function that returns `impl Future` or `impl Stream`: it runs as it is, and what it returns gets the
//! span.

use super::{arguments, block, opening, outcome, record};
use crate::analyze;
use crate::model::{Function, TracedFn};
use crate::names::{self, Runtime, generated};
use proc_macro2::TokenStream;
use syn::Type;

pub(super) fn expand(traced: &TracedFn, output: Option<&Type>, runtime: &Runtime) -> TokenStream {
    let Function { attrs, vis, defaultness, .. } = &traced.function;
    let sig = arguments::receive(&traced.function, &traced.arguments);
    let site = record::site(traced, runtime);
    let described = opening::describe(traced, &record::early(traced, runtime), runtime);
    let allowed = arguments::allow_recording(&traced.arguments).filter(|_| described.is_some());
    let (future, made) = (names::future(), made(traced, runtime));
    let output = output.and_then(analyze::written_again);
    let observed = outcome::observed(traced, generated! { #future }, output.as_ref(), runtime);
    let polled = opening::count_polls(traced, observed, runtime);
    let wrapped = opening::wrap(described.is_some(), &polled, runtime);
    let body = block::function(
        traced,
        &generated! {
            #site
            #allowed
            #described
            let #future = #made;
            #wrapped
        },
    );
    generated! {
        #(#attrs)*
        #vis #defaultness #sig #body
    }
}

/// The block in a closure, which is where its `return` and `?` lead.
fn made(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let body = &traced.function.body;
    let prologue = arguments::take(traced);
    let block = block::after(&prologue, body);
    generated! { #runtime::call_once(move || #block) }
}
