//! The static description of a place.

use super::manifest;
use super::values::Described;
use crate::model::{Callsite, Name};
use crate::names::{self, Runtime, generated};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;

/// Items that stand in front of the code that uses them.
pub(super) fn items(
    callsite: &Callsite,
    values: Option<Described>,
    runtime: &Runtime,
) -> TokenStream {
    let (keys, rows) = values.map(|values| (values.keys, values.rows)).unzip();
    let manifest = rows.filter(|_| cfg!(feature = "manifest"));
    let manifest = manifest.map(|rows| manifest::place(&rows, runtime));
    let (site, here) = (names::site(), names::here());
    let (marker, name) = match &callsite.name {
        Name::Literal(name) => (None, generated! { #runtime::Name::Literal(#name) }),
        Name::Path => (
            Some(generated! { enum #here {} }),
            generated! { #runtime::Name::Path(::core::any::type_name::<#here>) },
        ),
    };
    let target = callsite.target.as_ref().map(ToTokens::to_token_stream);
    let target = target.unwrap_or_else(|| generated! { ::core::module_path!() });
    let details = details(callsite, keys, runtime);
    generated! {
        #marker
        static #site: #runtime::Callsite = #runtime::Callsite::new(
            #runtime::About::new(#name, #target, ::core::file!(), ::core::line!()) #details
        );
        #manifest
    }
}

/// What differs from the defaults.
fn details(callsite: &Callsite, keys: Option<TokenStream>, runtime: &Runtime) -> TokenStream {
    let word = |name: &str| Ident::new(name, Span::mixed_site());
    let keys = keys.map(|keys| generated! { .keys(#keys) });
    let level =
        callsite.level.map(word).map(|level| generated! { .level(#runtime::Level::#level) });
    let kind = callsite.kind.map(word).map(|kind| generated! { .kind(#runtime::SpanKind::#kind) });
    let slow = callsite.slow_ns.map(|slow_ns| generated! { .slow_ns(#slow_ns) });
    let sample = callsite.sample.as_ref().map(|sample| generated! { .sample(#sample) });
    let limit = callsite.limit_per_second;
    let limit = limit.map(|limit| generated! { .limit_per_second(#limit) });
    let uncompressed = callsite.uncompressed.then(|| generated! { .uncompressed() });
    let attach = callsite.attach.then(|| generated! { .attach() });
    generated! { #keys #level #kind #slow #sample #limit #uncompressed #attach }
}
