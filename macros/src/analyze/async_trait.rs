//! `#[async_trait]` (0.1) on the `impl` or trait is expanded before `#[traced]` on its methods, which then
//! are sync functions whose body is `Box::pin(async move { … })`: the future is what is to be traced.
//!
//! To be removed when `async fn` in traits is dyn-compatible and nobody uses the crate any more.

use super::body;
use crate::model::{BoxedFuture, Function};
use syn::GenericParam;

/// The parts of the body, where it is one of those.
pub(super) fn boxed_future(function: &Function) -> Option<BoxedFuture> {
    let is_mark = |parameter: &GenericParam| matches!(parameter, GenericParam::Lifetime(l) if l.lifetime.ident == "async_trait");
    if !function.sig.generics.params.iter().any(is_mark) {
        return None;
    }
    body::boxed_future(&function.body).filter(|boxed| boxed.statements.is_empty())
}

/// Whether an argument was a pattern before it was called `__arg1`.
pub(super) fn is_pattern(name: &str) -> bool {
    name.strip_prefix("__arg").is_some_and(|rest| rest.parse::<u32>().is_ok())
}
