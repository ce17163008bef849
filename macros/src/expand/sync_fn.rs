//! A sync function: a guard around the block.

use super::values::Values;
use super::{arguments, block, callsite, opening, outcome};
use crate::analyze;
use crate::model::{Function, Outcome, TracedFn};
use crate::names::{self, Runtime, generated};
use proc_macro2::TokenStream;

pub(super) fn expand(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let Function { attrs, vis, defaultness, .. } = &traced.function;
    let sig = arguments::receive(&traced.function, &traced.arguments);
    let values = Values::of(&traced.arguments, &traced.fields, runtime);
    let site = callsite::items(&traced.callsite, values.keys(), runtime);
    let guard = names::guard();
    let enter = opening::enter(traced, &values, runtime);
    let body = body(traced, runtime);
    let allowed = arguments::allow_recording(&traced.arguments);
    generated! {
        #(#attrs)*
        #vis #defaultness #sig {
            #site
            #allowed
            let #guard = #enter;
            #body
        }
    }
}

fn body(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    match traced.outcome {
        Outcome::Ignored => ignored(traced),
        Outcome::Enclosed => enclosed(traced, runtime),
        Outcome::Observed => {
            let (result, guard) = (names::result(), names::guard());
            let enclosed = enclosed(traced, runtime);
            let observe = outcome::observe(runtime);
            generated! {
                let #result = #enclosed;
                #observe
                #guard.leave();
                #result
            }
        }
    }
}

/// The block where it stands. At its end the guard is told that this is no panic, which is cheaper than to
/// ask; after an early `return` it asks.
fn ignored(traced: &TracedFn) -> TokenStream {
    let (guard, result) = (names::guard(), names::result());
    let bindings = arguments::bind_again(&traced.arguments);
    let block = block::last(&traced.function.body);
    let signature = &traced.function.sig;
    let returned = analyze::returned(signature);
    if analyze::never_returns(signature) {
        return generated! { #bindings #block };
    }
    match returned {
        None => generated! {
            { #bindings #block }
            #[allow(unreachable_code)]
            #guard.leave();
        },
        Some(ty) if analyze::can_be_written_again(ty) => generated! {
            let #result: #ty = { #bindings #block };
            #[allow(unreachable_code)]
            #guard.leave();
            #result
        },
        Some(_) => generated! { #bindings #block },
    }
}

/// The block as a call of a closure, which is where its `return` and `?` lead.
fn enclosed(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let output = &traced.function.sig.output;
    let prologue = arguments::take(traced);
    let block = block::after(&prologue, &traced.function.body);
    generated! { #runtime::call_once(move || #output #block) }
}
