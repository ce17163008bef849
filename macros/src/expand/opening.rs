//! How a span is opened, and where it hangs.

use super::values::{Values, is_variable};
use crate::model::{Parent, TracedFn};
use crate::names::{self, Runtime, generated};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;

/// The guard of a sync function.
pub(super) fn enter(traced: &TracedFn, values: &Values, runtime: &Runtime) -> TokenStream {
    let site = names::site();
    if let Some((parent, links)) = place(traced, runtime) {
        let closure = values.closure(runtime);
        return values.around(
            generated! { #runtime::enter_linked(&#site, || #parent, || #links, #closure) },
        );
    }
    if !traced.records_values() {
        return generated! { #runtime::enter(&#site) };
    }
    // Values are made behind the branch, so that a place that is off does not spill what they are made of.
    if let Some(array) = values.at_hand(runtime) {
        let state = names::state();
        return generated! {
            match #runtime::records(&#site) {
                0 => #runtime::no_guard(),
                #state => #runtime::enter_recording(&#site, #state, &#array),
            }
        };
    }
    let closure = values.closure(runtime);
    values.around(generated! {
        if #runtime::is_off(&#site) {
            #runtime::no_guard()
        } else {
            #runtime::enter_with(&#site, #closure)
        }
    })
}

/// The span of a future, in two parts: a statement that describes it before arguments move, where there is
/// something to describe; and the future with the span around it.
pub(super) fn traced(
    traced: &TracedFn,
    future: TokenStream,
    runtime: &Runtime,
) -> (Option<TokenStream>, TokenStream) {
    let described = describe(traced, &Values::of(&[], &[], runtime), runtime);
    let future = count_polls(traced, future, runtime);
    let wrapped = wrap(described.is_some(), &future, runtime);
    (described, wrapped)
}

/// Binds a span that is not open yet. Nothing where nothing is known of it but its place.
pub(super) fn describe(
    traced: &TracedFn,
    values: &Values,
    runtime: &Runtime,
) -> Option<TokenStream> {
    let (site, span) = (names::site(), names::span());
    let closure = values.closure(runtime);
    let described = match place(traced, runtime) {
        Some((parent, links)) => {
            generated! { #runtime::span_at(&#site, || #parent, || #links, #closure) }
        }
        None if values.is_empty() => return None,
        None => generated! { #runtime::span(&#site, #closure) },
    };
    let described = values.around(described);
    Some(generated! { let #span = #described; })
}

/// The future with its span around it, described or not.
pub(super) fn wrap(is_described: bool, future: &TokenStream, runtime: &Runtime) -> TokenStream {
    let (site, span) = (names::site(), names::span());
    if is_described {
        generated! { #runtime::in_span(#span, #future) }
    } else {
        generated! { #runtime::traced(&#site, #future) }
    }
}

/// The future, counting its polls where somebody wants to know.
pub(super) fn count_polls(
    traced: &TracedFn,
    future: TokenStream,
    runtime: &Runtime,
) -> TokenStream {
    if traced.polls {
        generated! { #runtime::polled(#future) }
    } else {
        future
    }
}

/// The parent and the links of a span that has one or the other.
pub(super) fn place(traced: &TracedFn, runtime: &Runtime) -> Option<(TokenStream, TokenStream)> {
    let (parent, links) = (parent(traced, runtime), links(traced, runtime));
    if parent.is_none() && links.is_none() {
        return None;
    }
    let parent = parent.unwrap_or_else(|| generated! { #runtime::Parent::Current });
    Some((parent, links.unwrap_or_else(|| generated! { #runtime::no_links() })))
}

/// Where a span hangs that does not hang on what is current. A variable stays the body's.
fn parent(traced: &TracedFn, runtime: &Runtime) -> Option<TokenStream> {
    match &traced.parent {
        Parent::Current => None,
        Parent::Root => Some(generated! { #runtime::Parent::Root }),
        Parent::Of(context) => {
            let context = if is_variable(context) {
                let lent = runtime.at(context.span(), "parent_of");
                let span = Span::mixed_site().located_at(context.span());
                quote_spanned! { span => #lent(&#context) }
            } else {
                let into_context = runtime.at(context.span(), "IntoContext");
                generated! { #into_context::into_context(#context) }
            };
            Some(generated! { #runtime::Parent::Of(#context) })
        }
    }
}

/// What is said about a span takes nothing away from the body.
fn links(traced: &TracedFn, runtime: &Runtime) -> Option<TokenStream> {
    let links = traced.links.as_ref()?;
    let span = Span::mixed_site().located_at(links.span());
    let value = if is_variable(links) {
        quote_spanned! { span => ::core::clone::Clone::clone(&#links) }
    } else {
        quote_spanned! { span => #links }
    };
    Some(quote_spanned! { span => {
        use #runtime::by_links::*;
        (&&#runtime::Links::to(#value)).contexts()
    } })
}
