//! The static description of a place.

use super::manifest;
use crate::model::{Callsite, Name};
use crate::names::{self, Runtime, generated};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;

/// What a place says about its values.
pub(super) struct Described {
    pub(super) keys: Option<TokenStream>,
    /// For the manifest, where there is one.
    pub(super) rows: Option<TokenStream>,
}

/// Items that stand in front of the code that uses them.
pub(super) fn items(callsite: &Callsite, values: Described, runtime: &Runtime) -> TokenStream {
    let Described { keys, rows } = values;
    let manifest = rows.map(|rows| manifest::place(&rows, runtime));
    let (site, here) = (names::site(), names::here());
    let (marker, name) = match &callsite.name {
        Name::Literal(name) => (None, name.to_token_stream()),
        Name::Path => {
            (Some(generated! { enum #here {} }), generated! { ::core::any::type_name::<#here> })
        }
    };
    let target = callsite.target.as_ref().map(ToTokens::to_token_stream);
    let target = target.unwrap_or_else(|| generated! { ::core::module_path!() });
    let details = details(callsite, runtime);
    let (is_bare, constructor) = match &callsite.name {
        Name::Path => (keys.is_none() && details.is_empty(), "path"),
        Name::Literal(_) => (false, "named"),
    };
    let constructor = Ident::new(constructor, Span::mixed_site());
    let keys = keys.unwrap_or_else(|| generated! { &[] });
    let callsite = if is_bare {
        generated! { #runtime::Callsite::bare(#name, #target) }
    } else if details.is_empty() {
        generated! { #runtime::Callsite::#constructor(#name, #target, #keys) }
    } else {
        generated! { #runtime::Callsite::new(#runtime::About::#constructor(#name, #target, #keys) #details) }
    };
    generated! {
        #marker
        static #site: #runtime::Callsite = #callsite;
        #manifest
    }
}

/// What differs from the defaults.
fn details(callsite: &Callsite, runtime: &Runtime) -> TokenStream {
    let word = |name: &str| Ident::new(name, Span::mixed_site());
    let level =
        callsite.level.map(word).map(|level| generated! { .level(#runtime::Level::#level) });
    let kind = callsite.kind.map(word).map(|kind| generated! { .kind(#runtime::SpanKind::#kind) });
    let slow = callsite.slow_ns.map(|slow_ns| generated! { .slow_ns(#slow_ns) });
    let sample = callsite.sample.as_ref().map(|sample| generated! { .sample(#sample) });
    let limit = callsite.limit_per_second;
    let limit = limit.map(|limit| generated! { .limit_per_second(#limit) });
    let uncompressed = callsite.uncompressed.then(|| generated! { .uncompressed() });
    let attach = callsite.attach.then(|| generated! { .attach() });
    generated! { #level #kind #slow #sample #limit #uncompressed #attach }
}
