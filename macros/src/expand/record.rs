//! The values of a function: its keys, and what is recorded after the span was opened.

use super::arguments;
use super::values::{Described, Values};
use crate::model::TracedFn;
use crate::names::{self, Runtime, generated};
use proc_macro2::TokenStream;

/// The keys of all values, in the order of [`early`] and [`late`].
pub(super) fn keys(traced: &TracedFn, runtime: &Runtime) -> Option<Described> {
    all(traced, runtime).keys()
}

/// The values that are known before patterns are taken apart.
pub(super) fn early(traced: &TracedFn, runtime: &Runtime) -> Values {
    Values::of(&traced.arguments, &traced.fields, runtime)
}

fn all(traced: &TracedFn, runtime: &Runtime) -> Values {
    let fields: Vec<_> = traced.fields.iter().chain(&traced.late_fields).cloned().collect();
    Values::of(&traced.arguments, &fields, runtime)
}

/// The first poll opens the span, then the body records: the future does not carry arguments twice.
pub(super) fn append_early(traced: &TracedFn, runtime: &Runtime) -> Option<TokenStream> {
    if !traced.records_values() {
        return None;
    }
    let allowed = arguments::allow_recording(&traced.arguments);
    let record = append(&early(traced, runtime), runtime);
    Some(generated! { #allowed #record; })
}

/// What speaks of names that a pattern binds, behind those.
pub(super) fn append_late(traced: &TracedFn, runtime: &Runtime) -> Option<TokenStream> {
    if traced.late_fields.is_empty() {
        return None;
    }
    let late = all(traced, runtime).behind(&early(traced, runtime), runtime);
    let record = append(&late, runtime);
    Some(generated! { #record; })
}

fn append(values: &Values, runtime: &Runtime) -> TokenStream {
    let (site, closure) = (names::site(), values.closure(runtime));
    values.around(generated! { #runtime::arguments(&#site, #closure) })
}
