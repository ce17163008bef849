//! parse → analyze → check → expand. On any mistake the item is emitted unchanged beside the errors.

use crate::model::{Function, InlineKind};
use crate::options::Options;
use crate::report::Report;
use crate::{analyze, check, expand};
use proc_macro2::TokenStream;
use quote::quote;

pub(crate) fn traced(options: TokenStream, item: TokenStream) -> TokenStream {
    let report = Report::new();
    let options = Options::parse(options, &report);
    let mut function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            report.add(error);
            return report.finish().into_iter().chain([item]).collect();
        }
    };
    let policies = analyze::arguments::take_policies(&mut function, &report);
    check::function(&function, &options, &policies, &report);
    if let Some(errors) = report.finish() {
        return quote! { #errors #function };
    }
    if cfg!(feature = "off") {
        return quote! { #function };
    }
    expand::function(&analyze::function(function, options, &policies))
}

pub(crate) fn inline(kind: InlineKind, input: TokenStream) -> TokenStream {
    let report = Report::new();
    let inline = analyze::inline::parse(kind, input, &report);
    if let Some(errors) = report.finish() {
        // An expression, because that is what the macro stands for.
        return quote! { { #errors } };
    }
    expand::inline(&inline)
}
