//! How a span is opened, and where it hangs.

use super::values::Values;
use crate::model::{Parent, TracedFn};
use crate::names::{self, Runtime, generated};
use proc_macro2::TokenStream;

/// The guard of a sync function.
pub(super) fn enter(traced: &TracedFn, values: &Values, runtime: &Runtime) -> TokenStream {
    let site = names::site();
    let closure = values.closure(runtime);
    values.around(match parent(traced, runtime) {
        Some(parent) => generated! { #runtime::enter_at(&#site, || #parent, #closure) },
        // The closure is made behind the branch, so that a place that is off does not spill what it captures.
        None if traced.records_values() => generated! {
            if #runtime::is_off(&#site) {
                #runtime::no_guard()
            } else {
                #runtime::enter_with(&#site, #closure)
            }
        },
        None => generated! { #runtime::enter(&#site) },
    })
}

/// The future of an async function. The parent is asked for at the call, before arguments move.
pub(super) fn wrap(traced: &TracedFn, future: &TokenStream, runtime: &Runtime) -> TokenStream {
    let site = names::site();
    parent(traced, runtime).map_or_else(
        || generated! { #runtime::traced(&#site, #future) },
        |parent| generated! { #runtime::traced_at(&#site, #parent, #future) },
    )
}

fn parent(traced: &TracedFn, runtime: &Runtime) -> Option<TokenStream> {
    match &traced.parent {
        Parent::Current => None,
        Parent::Root => Some(generated! { #runtime::Parent::Root }),
        Parent::Of(context) => {
            let into_context = runtime.at(syn::spanned::Spanned::span(context), "IntoContext");
            Some(generated! { #runtime::Parent::Of(#into_context::into_context(#context)) })
        }
    }
}
