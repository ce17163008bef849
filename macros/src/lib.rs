//! The macros of `traced`; depend on `traced` instead.

mod analyze;
mod check;
mod driver;
mod expand;
mod model;
mod names;
mod options;
mod redact;
mod report;
mod sections;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// A type that says itself what of it may be told.
///
/// Each field is decided: `#[public]`, `#[redact]`, `#[redact(len)]`, `#[redact(hash)]`, `#[redact(last = 4)]`, `#[skip]`,
/// or a type that itself has a policy.
#[proc_macro_derive(Redact, attributes(public, redact, skip, expected, traced))]
pub fn derive_redact(input: TokenStream) -> TokenStream {
    redact::redact(input.into()).into()
}

/// `Debug` under the policy of `Redact`: logs tell no more than traces.
#[proc_macro_derive(SafeDebug, attributes(traced))]
pub fn derive_safe_debug(input: TokenStream) -> TokenStream {
    redact::safe_debug(input.into()).into()
}

/// A value of one field that is public wherever it is recorded, under the name that it has there.
#[proc_macro_derive(Public, attributes(traced))]
pub fn derive_public(input: TokenStream) -> TokenStream {
    redact::public(input.into()).into()
}

/// Makes every call of a function a span.
#[proc_macro_attribute]
pub fn traced(options: TokenStream, item: TokenStream) -> TokenStream {
    driver::traced(options.into(), item.into()).into()
}

/// Leaves out a function, or a block in a module, of a block with `#[traced]`.
///
/// Inside of such a block it needs no import. It does nothing by itself.
#[proc_macro_attribute]
pub fn untraced(_nothing: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// A span that is not open yet: `span!("name", key = value)`.
#[proc_macro]
pub fn span(input: TokenStream) -> TokenStream {
    driver::inline(model::InlineKind::Span, input.into()).into()
}

/// A child span that lasts as long as the guard it returns: `section!("name", slow = "50ms")`.
#[proc_macro]
pub fn section(input: TokenStream) -> TokenStream {
    driver::inline(model::InlineKind::Section, input.into()).into()
}

/// Something that happened at this moment of the current span: `event!("name", key = value)`.
#[proc_macro]
pub fn event(input: TokenStream) -> TokenStream {
    driver::inline(model::InlineKind::Event, input.into()).into()
}

/// Attributes on the current span, or with `@root, ` on the local root: `record!(key = value)`.
#[proc_macro]
pub fn record(input: TokenStream) -> TokenStream {
    driver::inline(model::InlineKind::Record, input.into()).into()
}
