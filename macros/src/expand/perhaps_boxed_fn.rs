//! A function of which the compiler must say whether it returns a value, or a future or stream in a box.
//!
//! The first half of `returned` opens a guard or describes a span, the second half ends the one or puts
//! the other around what is in the box.

use super::{arguments, block, opening, outcome, record, sync_fn};
use crate::analyze;
use crate::model::{BoxedFuture, Function, Outcome, TracedFn};
use crate::names::{self, Runtime, generated};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::ToTokens;

pub(super) fn expand(
    traced: &TracedFn,
    boxed: Option<&BoxedFuture>,
    runtime: &Runtime,
) -> TokenStream {
    let Function { attrs, vis, defaultness, .. } = &traced.function;
    let sig = arguments::receive(&traced.function, &traced.arguments);
    let site = record::site(traced, runtime);
    let (returned, span) = (names::returned(), names::span());
    let ty = analyze::returned(&traced.function.sig);
    let open = open(traced, runtime);
    let allowed = arguments::allow_recording(&traced.arguments);
    let body = match boxed {
        Some(boxed) => around(traced, boxed, runtime),
        None => finish(traced, runtime),
    };
    let body = block::function(
        traced,
        &generated! {
            #site
            use #runtime::by_return::*;
            let #returned = #runtime::Returned::<#ty>::new();
            #allowed
            let #span = #open;
            #body
        },
    );
    generated! {
        #(#attrs)*
        #vis #defaultness #sig #body
    }
}

fn open(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let (returned, site) = (names::returned(), names::site());
    let values = record::early(traced, runtime);
    let closure = values.closure(runtime);
    let opened = if let Some((parent, links)) = opening::place(traced, runtime) {
        generated! { (&#returned).open_at(&#site, || #parent, || #links, #closure) }
    } else {
        generated! { (&#returned).open(&#site, #closure) }
    };
    values.around(generated! {
        if #runtime::is_off(&#site) {
            (&#returned).open_nothing()
        } else {
            #opened
        }
    })
}

/// The body is run, and what it returned gets its span or ends it.
fn finish(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let (returned, span, result) = (names::returned(), names::span(), names::result());
    let made = match &traced.outcome {
        Outcome::Observed(observation) if observation.in_place => {
            sync_fn::in_place(traced, runtime)
        }
        _ => sync_fn::enclosed(traced, runtime),
    };
    let ty = analyze::returned(&traced.function.sig);
    let (observer, finish) = (outcome::observer(traced, runtime), method(traced, "finish"));
    generated! {
        let #result: #ty = #made;
        #[allow(unreachable_code)]
        let #result = (&#returned).#finish(#span, #result, #observer);
        #result
    }
}

/// The span gets into the box together with the future, which costs nothing more.
fn around(traced: &TracedFn, boxed: &BoxedFuture, runtime: &Runtime) -> TokenStream {
    let BoxedFuture { statements, constructor, future, .. } = boxed;
    let (returned, span) = (names::returned(), names::span());
    let (observer, around) = (outcome::observer(traced, runtime), method(traced, "around"));
    let inside = generated! { (&#returned).#around(#span, #future, #observer) };
    let mut body = Group::new(Delimiter::Brace, generated! { #statements #constructor(#inside) });
    body.set_span(
        traced.function.body.clone().into_iter().next().map_or_else(Span::call_site, |t| t.span()),
    );
    let bindings = arguments::bind_again(&traced.arguments);
    block::after(&bindings, &body.into_token_stream())
}

fn method(traced: &TracedFn, name: &str) -> Ident {
    let name = if traced.polls { format!("{name}_polled") } else { name.to_owned() };
    Ident::new(&name, Span::mixed_site())
}
