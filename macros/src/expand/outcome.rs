//! What is done with the value returned. Whether it is an error is decided by its type, so that aliases
//! count and everything else costs nothing.

use crate::names::{self, Runtime, generated};
use proc_macro2::TokenStream;

/// Marks the span where `result` is an error.
pub(super) fn observe(runtime: &Runtime) -> TokenStream {
    let (result, error_type) = (names::result(), names::error_type());
    generated! {
        {
            use #runtime::{Fallible as _, Infallible as _};
            if let ::core::option::Option::Some(#error_type) = (&#runtime::Outcome(&#result)).error_type() {
                #runtime::fail(#error_type);
            }
        }
    }
}

/// A future that marks the span where its output is an error. An inner `async` block would do the same
/// at twice the size.
pub(super) fn observed(future: &TokenStream, runtime: &Runtime) -> TokenStream {
    let result = names::result();
    generated! {
        #runtime::observed(#future, |#result| {
            use #runtime::{Fallible as _, Infallible as _};
            (&#runtime::Outcome(#result)).error_type()
        })
    }
}
