//! A sync function: a guard around the block.

use super::{arguments, block, opening, outcome, record};
use crate::analyze;
use crate::model::{Function, Observation, Outcome, TracedFn};
use crate::names::{self, Runtime, generated};
use proc_macro2::TokenStream;

pub(super) fn expand(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let Function { attrs, vis, defaultness, .. } = &traced.function;
    let sig = arguments::receive(&traced.function, &traced.arguments);
    let site = record::site(traced, runtime);
    let guard = names::guard();
    let enter = opening::enter(traced, &record::early(traced, runtime), runtime);
    let body = body(traced, runtime);
    let allowed = arguments::allow_recording(&traced.arguments);
    let body = block::function(
        traced,
        &generated! {
            #site
            #allowed
            let #guard = #enter;
            #body
        },
    );
    generated! {
        #(#attrs)*
        #vis #defaultness #sig #body
    }
}

fn body(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    match &traced.outcome {
        Outcome::Ignored => ignored(traced, runtime),
        Outcome::Enclosed => enclosed(traced, runtime),
        Outcome::Observed(observation) => observed(traced, observation, runtime),
    }
}

fn observed(traced: &TracedFn, observation: &Observation, runtime: &Runtime) -> TokenStream {
    let (result, guard) = (names::result(), names::guard());
    let ty = analyze::returned(&traced.function.sig).and_then(analyze::written_again);
    let made =
        if observation.in_place { in_place(traced, runtime) } else { enclosed(traced, runtime) };
    let observe = outcome::observe(observation, &generated! { &#result }, runtime);
    // In place, a body may have no end.
    let allowed = observation.in_place.then(|| generated! { #[allow(unreachable_code)] });
    generated! {
        let #result: #ty = #made;
        #allowed
        #observe
        #guard.leave();
        #result
    }
}

/// The block where it stands. At its end the guard is told that this is no panic, which is cheaper than to
/// ask; after an early `return` it asks.
fn ignored(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let (guard, result) = (names::guard(), names::result());
    let signature = &traced.function.sig;
    let block = in_place(traced, runtime);
    let tail = || {
        let bindings = bindings(traced, runtime);
        let block = block::last(&traced.function.body);
        generated! { #bindings #block }
    };
    if analyze::never_returns(signature) {
        return tail();
    }
    match analyze::returned(signature) {
        None => generated! {
            #block
            #[allow(unreachable_code)]
            #guard.leave();
        },
        Some(ty)
            if !analyze::may_borrow(ty)
                && analyze::can_be_written_again(ty)
                && analyze::ends_with_value(&traced.function.body) =>
        {
            generated! {
                let #result: #ty = #block;
                #[allow(unreachable_code)]
                #guard.leave();
                #result
            }
        }
        Some(_) => tail(),
    }
}

/// The block where it stands, with its arguments.
pub(super) fn in_place(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let bindings = bindings(traced, runtime);
    let redirected = match &traced.outcome {
        Outcome::Observed(observation) => observation.redirected.as_ref(),
        Outcome::Enclosed | Outcome::Ignored => None,
    };
    let block = block::last(redirected.unwrap_or(&traced.function.body));
    generated! { { #bindings #block } }
}

fn bindings(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let bindings = arguments::bind_again(&traced.arguments);
    let late = record::append_late(traced, runtime);
    generated! { #bindings #late }
}

/// The block as a call of a closure, which is where its `return` and `?` lead.
pub(super) fn enclosed(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let output = analyze::returned(&traced.function.sig).and_then(analyze::written_again);
    let output = output.map(|ty| generated! { -> #ty });
    let take = arguments::take(traced);
    let late = record::append_late(traced, runtime);
    let block = block::after(&generated! { #take #late }, &traced.function.body);
    generated! { #runtime::call_once(move || #output #block) }
}
