//! A method of `#[async_trait]`: the future in the box is traced, everything else stays.

use super::{block, opening, outcome, record};
use crate::model::{BoxedFuture, Function, TracedFn};
use crate::names::{Runtime, generated};
use proc_macro2::TokenStream;

pub(super) fn expand(traced: &TracedFn, boxed: &BoxedFuture, runtime: &Runtime) -> TokenStream {
    let Function { attrs, vis, defaultness, sig, .. } = &traced.function;
    let BoxedFuture { constructor, body, .. } = boxed;
    let site = record::site(traced, runtime);
    let record = record::append_early(traced, runtime);
    let future = generated! { async move { #record #body } };
    let future = outcome::observed(traced, future, None, runtime);
    let (described, future) = opening::traced(traced, future, runtime);
    let body = block::function(
        traced,
        &generated! {
            #site
            #described
            #constructor(#future)
        },
    );
    generated! {
        #(#attrs)*
        #vis #defaultness #sig #body
    }
}
