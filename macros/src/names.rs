//! Every generated identifier and every path into the runtime.
//!
//! Local variables are hygienic, so that arguments may have the same names. Items are not, on stable Rust:
//! theirs are names that nobody else uses.

use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt, format_ident, quote_spanned};
use syn::{Lifetime, Path};

/// Quotes with spans of this crate: hygienic, outside of every lint, and in this crate's edition.
macro_rules! generated {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned! { ::proc_macro2::Span::mixed_site() => $($tokens)* }
    };
}
pub(crate) use generated;

/// `::traced::__private`, wherever `traced` is.
pub(crate) struct Runtime {
    crate_path: Option<Path>,
}

impl Runtime {
    pub(crate) fn new(crate_path: Option<Path>) -> Self {
        Self { crate_path }
    }

    /// A path into the runtime that is underlined where `span` is.
    pub(crate) fn at(&self, span: Span, item: &str) -> TokenStream {
        let span = Span::mixed_site().located_at(span);
        let item = Ident::new(item, span);
        let path = self.path();
        quote_spanned! { span => #path::__private::#item }
    }

    fn path(&self) -> TokenStream {
        let path = self.crate_path.as_ref().map(ToTokens::to_token_stream);
        path.unwrap_or_else(|| generated! { ::traced })
    }
}

impl ToTokens for Runtime {
    /// Token by token: it is what expansions consist of, and each stream inside of another costs calls to the compiler.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let span = Span::mixed_site();
        let colons = |tokens: &mut TokenStream| {
            for spacing in [Spacing::Joint, Spacing::Alone] {
                let mut colon = Punct::new(':', spacing);
                colon.set_span(span);
                tokens.append(colon);
            }
        };
        if let Some(path) = &self.crate_path {
            path.to_tokens(tokens);
        } else {
            colons(tokens);
            tokens.append(Ident::new("traced", span));
        }
        colons(tokens);
        tokens.append(Ident::new("__private", span));
    }
}

/// The static description of the place.
pub(crate) fn site() -> Ident {
    hygienic("__TRACED_SITE")
}

/// The item whose path names the function; the runtime's `callsite/name.rs` removes it again.
pub(crate) fn here() -> Ident {
    hygienic("__TracedHere")
}

/// Closes the span of a sync function.
pub(crate) fn guard() -> Ident {
    hygienic("_guard")
}

/// Closes a section.
pub(crate) fn section() -> Ident {
    hygienic("_section")
}

/// The user's block. A labelled block is of the edition of its label, which must be the user's.
pub(crate) fn body(block: Span) -> Lifetime {
    Lifetime::new("'__traced_body", block)
}

/// What a place says of itself while it is not off.
pub(crate) fn state() -> Ident {
    hygienic("state")
}

/// What the body returned.
pub(crate) fn result() -> Ident {
    hygienic("result")
}

/// What is in an `Ok`, or all of what was returned.
pub(crate) fn value() -> Ident {
    hygienic("value")
}

/// What has a `?` behind it, where nobody but the compiler looks at it.
pub(crate) fn asked(span: Span) -> Ident {
    Ident::new("__traced_asked", span)
}

/// What is in an `Err`.
pub(crate) fn error() -> Ident {
    hygienic("error")
}

/// What nobody looks at.
pub(crate) fn unused() -> Ident {
    hygienic("_unused")
}

/// A span that is not open yet, or the guard of one that is.
pub(crate) fn span() -> Ident {
    hygienic("span")
}

/// The future or stream that a function returns.
pub(crate) fn future() -> Ident {
    hygienic("future")
}

/// The type that a function returns.
pub(crate) fn returned() -> Ident {
    hygienic("returned")
}

/// Where a value lives that is made for the span alone.
pub(crate) fn slot(position: usize) -> Ident {
    format_ident!("value_{position}", span = Span::mixed_site())
}

/// The same for an argument.
pub(crate) fn argument_slot(position: usize) -> Ident {
    format_ident!("argument_value_{position}", span = Span::mixed_site())
}

/// What an expression made, while it is looked at.
pub(crate) fn made() -> Ident {
    hygienic("made")
}

/// An argument that is a pattern, before it is taken apart.
pub(crate) fn argument(position: usize) -> Ident {
    format_ident!("argument_{position}", span = Span::mixed_site())
}

/// What a policy writes to.
pub(crate) fn out() -> Ident {
    hygienic("out")
}

/// A field of a type that is taken apart.
pub(crate) fn field(position: usize) -> Ident {
    format_ident!("field_{position}", span = Span::mixed_site())
}

/// An element of a collection, and its number.
pub(crate) fn element() -> Ident {
    hygienic("element")
}

pub(crate) fn number() -> Ident {
    hygienic("number")
}

/// The class of a value.
pub(crate) fn class() -> Ident {
    hygienic("__TRACED_CLASS")
}

fn hygienic(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
