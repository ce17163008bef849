//! The derives, from the type that was written to the code that stands beside it.

use super::{analyze, expand};
use crate::report::Report;
use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Fields};

/// `#[derive(Redact)]`.
pub(crate) fn redact(input: TokenStream) -> TokenStream {
    derived(input, |input, report| {
        let ty = analyze::redacted_type(input, report);
        expand::redact(&ty)
    })
}

/// `#[derive(SafeDebug)]`.
pub(crate) fn safe_debug(input: TokenStream) -> TokenStream {
    derived(input, |input, report| {
        let crate_path = analyze::crate_path(&input.attrs, report);
        expand::safe_debug(&input.ident, &input.generics, crate_path)
    })
}

/// `#[derive(Public)]`.
pub(crate) fn public(input: TokenStream) -> TokenStream {
    derived(input, |input, report| {
        let crate_path = analyze::crate_path(&input.attrs, report);
        let field = match &input.data {
            Data::Struct(data) => only_field(&data.fields),
            Data::Enum(_) | Data::Union(_) => None,
        };
        let Some(field) = field else {
            let message = "`Public` is for structs of one field; elsewhere, derive `Redact` and write \
                           `#[public(rest)]`";
            report.error(input.ident.span(), message);
            return TokenStream::new();
        };
        expand::public(&input.ident, &input.generics, &field, crate_path)
    })
}

fn only_field(fields: &Fields) -> Option<(syn::Member, syn::Type)> {
    let mut all = fields.iter().zip(fields.members());
    let (field, member) = all.next()?;
    all.next().is_none().then(|| (member, field.ty.clone()))
}

fn derived(
    input: TokenStream,
    expand: impl FnOnce(DeriveInput, &Report) -> TokenStream,
) -> TokenStream {
    let report = Report::new();
    let input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => {
            report.add(error);
            return report.finish().unwrap_or_default();
        }
    };
    let expanded = expand(input, &report);
    // The compiler's own complaints about half a policy would hide what was wrong with it.
    report.finish().unwrap_or(expanded)
}
