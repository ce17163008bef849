//! The values of a function: what is recorded as it is called, and after the span was opened.

use super::arguments;
use super::callsite::{self, Described};
use super::values::{self, Values};
use crate::model::{Field, TracedFn};
use crate::names::{self, Runtime, generated};
use proc_macro2::TokenStream;

/// The call site of a function, whose keys are those of all values in the order of [`early`] and [`late`].
pub(super) fn site(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let fields = || traced.fields.iter().chain(&traced.late_fields);
    let values = Described {
        keys: values::keys(&traced.arguments, fields()),
        rows: values::rows(&traced.arguments, fields(), runtime),
    };
    callsite::items(&traced.callsite, values, runtime)
}

/// The values that are known before patterns are taken apart.
pub(super) fn early(traced: &TracedFn, runtime: &Runtime) -> Values {
    Values::of(&traced.arguments, &traced.fields, runtime)
}

/// The first poll opens the span, then the body records: the future does not carry arguments twice.
pub(super) fn append_early(traced: &TracedFn, runtime: &Runtime) -> Option<TokenStream> {
    if !traced.records_values() {
        return None;
    }
    let allowed = arguments::allow_recording(&traced.arguments);
    let record = append(&early(traced, runtime), runtime);
    Some(generated! { #allowed #record })
}

/// What speaks of names that a pattern binds, behind those.
pub(super) fn append_late(traced: &TracedFn, runtime: &Runtime) -> Option<TokenStream> {
    if traced.late_fields.is_empty() {
        return None;
    }
    let fields: Vec<Field> = traced.fields.iter().chain(&traced.late_fields).cloned().collect();
    let all = Values::of(&traced.arguments, &fields, runtime);
    Some(append(&all.behind(&early(traced, runtime), runtime), runtime))
}

fn append(values: &Values, runtime: &Runtime) -> TokenStream {
    let site = names::site();
    let state = names::state();
    if let Some(array) = values.at_hand(runtime) {
        return generated! {
            match #runtime::records_here(&#site) {
                0 => {}
                #state => #runtime::append(&#site, #state, &#array),
            }
        };
    }
    let closure = values.closure(runtime);
    let record = values.around(generated! { #runtime::arguments(&#site, #closure) });
    generated! { #record; }
}
