//! A method of `#[async_trait]`: the future in the box is traced, everything else stays.

use super::values::Values;
use super::{async_fn, callsite, opening, outcome};
use crate::model::{BoxedFuture, Function, TracedFn};
use crate::names::{Runtime, generated};
use proc_macro2::TokenStream;

pub(super) fn expand(traced: &TracedFn, boxed: &BoxedFuture, runtime: &Runtime) -> TokenStream {
    let Function { attrs, vis, defaultness, sig, .. } = &traced.function;
    let BoxedFuture { constructor, body } = boxed;
    let values = Values::of(&traced.arguments, &traced.fields, runtime);
    let site = callsite::items(&traced.callsite, values.keys(), runtime);
    let record = async_fn::record_arguments(traced, &values, runtime);
    let future = outcome::observed(&generated! { async move { #record #body } }, runtime);
    let future = opening::wrap(traced, &future, runtime);
    generated! {
        #(#attrs)*
        #vis #defaultness #sig {
            #site
            #constructor(#future)
        }
    }
}
