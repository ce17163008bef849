//! An async function: a flat future around the body, made at the call.

use super::{arguments, block, opening, outcome, record};
use crate::analyze;
use crate::model::{Function, TracedFn};
use crate::names::{Runtime, generated};
use proc_macro2::{Span, TokenStream};
use syn::{ReturnType, Signature, Token, Type};

pub(super) fn expand(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let function = &traced.function;
    let Function { attrs, vis, defaultness, .. } = function;
    let mut sig = arguments::receive(function, &traced.arguments);
    return_future(&mut sig);
    let (site, future) = site_and_future(traced, runtime);
    let body = block::function(
        traced,
        &generated! {
            #site
            #future
        },
    );
    generated! {
        #(#attrs)*
        #vis #defaultness #sig #body
    }
}

/// Under another macro that needs the `async`: the same, awaited inside.
pub(super) fn expand_kept(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let Function { attrs, vis, defaultness, .. } = &traced.function;
    let sig = arguments::receive(&traced.function, &traced.arguments);
    let (site, future) = site_and_future(traced, runtime);
    let body = block::function(
        traced,
        &generated! {
            #site
            #future.await
        },
    );
    generated! {
        #(#attrs)*
        #vis #defaultness #sig #body
    }
}

/// `async fn … -> T` becomes `fn … -> impl Future<Output = T>`.
fn return_future(sig: &mut Signature) {
    sig.asyncness = None;
    let (arrow, output) = match &sig.output {
        ReturnType::Default => (Token![->](Span::mixed_site()), generated! { () }),
        ReturnType::Type(arrow, ty) => (*arrow, generated! { #ty }),
    };
    // The edition of `impl` decides which lifetimes it captures: ours captures all, as `async fn` does.
    let future = generated! { impl ::core::future::Future<Output = #output> };
    sig.output = ReturnType::Type(arrow, Box::new(Type::Verbatim(future)));
}

fn site_and_future(traced: &TracedFn, runtime: &Runtime) -> (TokenStream, TokenStream) {
    let site = record::site(traced, runtime);
    let future = outcome::observed(traced, body(traced, runtime), None, runtime);
    let (described, future) = opening::traced(traced, future, runtime);
    (generated! { #site #described }, future)
}

fn body(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let returns = name_return_type(&traced.function.sig, runtime);
    let early = record::append_early(traced, runtime);
    let arguments = arguments::take(traced);
    let late = record::append_late(traced, runtime);
    let prologue = generated! { #returns #early #arguments #late };
    let block = block::after(&prologue, &traced.function.body);
    generated! { async move #block }
}

/// Tells the compiler the type before the first `?` asks for it; an `async` block has no `->`.
fn name_return_type(sig: &Signature, runtime: &Runtime) -> Option<TokenStream> {
    let ty = analyze::returned(sig).and_then(analyze::written_again)?;
    if analyze::never_returns(sig) || matches!(ty, Type::Infer(_)) {
        return None;
    }
    Some(generated! {
        if false {
            return #runtime::never::<#ty>();
        }
    })
}
