//! A decision about a value becomes the expression that tells what may be told of it.

use crate::names::{self, Runtime, generated};
use crate::redact::decision::{Decision, Mask, Shown};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{LitStr, Path};

/// Of a value behind the reference `name`, where what is made lives long enough.
pub(crate) fn of_reference(
    decision: &Decision,
    class: Option<&LitStr>,
    name: &Ident,
    span: Span,
    runtime: &Runtime,
) -> TokenStream {
    let value = match decision {
        Decision::Public => leaf(name, span, runtime),
        Decision::Vouched { by: Shown::With(path), .. } | Decision::Redact(Mask::With(path)) => {
            let made = made(path, name, span, runtime);
            leaf(generated! { &#made }, span, runtime)
        }
        Decision::Vouched { by, .. } => vouched(by, name, span, runtime),
        Decision::Redact(mask) => masked(mask, class, name, span, runtime),
        Decision::Skip | Decision::Each { .. } => generated! { #runtime::Value::LeftOut },
    };
    classed(value, class, runtime)
}

/// What a class may tell here and now.
pub(crate) fn classed(
    value: TokenStream,
    class: Option<&LitStr>,
    runtime: &Runtime,
) -> TokenStream {
    let Some(class) = class else { return value };
    let name = names::class();
    generated! {
        {
            static #name: #runtime::Class = #runtime::Class::new(#class);
            #runtime::classed(&#name, #value)
        }
    }
}

/// What is told in place of a value; `with` is the business of whoever has a place for what it makes.
pub(crate) fn masked(
    mask: &Mask,
    class: Option<&LitStr>,
    reference: impl ToTokens,
    span: Span,
    runtime: &Runtime,
) -> TokenStream {
    let call = |function: &str, more: TokenStream| {
        let function = runtime.at(span, function);
        let span = Span::mixed_site().located_at(span);
        quote_spanned! { span => #function(#reference #more) }
    };
    match mask {
        Mask::Marker => generated! { #runtime::Value::Marker },
        Mask::Length => call("length", TokenStream::new()),
        Mask::Last(n) => call("last", generated! { , #n }),
        Mask::Hash => {
            let class = class.map(|_| names::class()).map_or_else(
                || generated! { , #runtime::ClassId::NONE },
                |class| generated! { , #class.id() },
            );
            call("hashed", class)
        }
        Mask::With(path) => {
            let made = made(path, reference, span, runtime);
            leaf(generated! { &#made }, span, runtime)
        }
    }
}

/// What a function makes of a value; refused, at compile time, where the type has a policy of its own, because nobody
/// knows how much the function tells.
pub(crate) fn made(
    path: &Path,
    reference: impl ToTokens,
    span: Span,
    runtime: &Runtime,
) -> TokenStream {
    let asked = asked(&reference, span, runtime);
    generated! {
        {
            { use #runtime::by_type::*; #asked }
            #path(#reference)
        }
    }
}

/// Compiles where the type has no policy.
fn asked(reference: &impl ToTokens, span: Span, runtime: &Runtime) -> TokenStream {
    let publishes = runtime.at(span, "publishes");
    let span = Span::mixed_site().located_at(span);
    quote_spanned! { span =>
        #publishes(#reference, (&#runtime::Probe(#reference)).policy());
    }
}

/// What somebody vouches for; refused, at compile time, where the type has a policy of its own.
pub(crate) fn vouched(
    by: &Shown,
    reference: impl ToTokens,
    span: Span,
    runtime: &Runtime,
) -> TokenStream {
    let variant = match by {
        Shown::Display => generated! { Display },
        Shown::Debug | Shown::With(_) => generated! { Debug },
    };
    let asked = asked(&reference, span, runtime);
    generated! {
        {
            use #runtime::by_type::*;
            #asked
            #runtime::Value::#variant(#reference)
        }
    }
}

/// A type that is no leaf is underlined at the value.
pub(crate) fn leaf(reference: impl ToTokens, span: Span, runtime: &Runtime) -> TokenStream {
    let leaf = runtime.at(span, "Leaf");
    let span = Span::mixed_site().located_at(span);
    quote_spanned! { span => #leaf::leaf(#reference) }
}

/// A type with a policy by that, any other as it is.
pub(crate) fn published_by_type(reference: &TokenStream, runtime: &Runtime) -> TokenStream {
    generated! {
        {
            use #runtime::by_type::*;
            (&#runtime::Publish(#reference)).publish()
        }
    }
}

/// The first elements of what `reference` refers to, each by its type, written to `out`.
pub(crate) fn each(
    reference: &TokenStream,
    max: usize,
    out: &Ident,
    span: Span,
    runtime: &Runtime,
) -> TokenStream {
    let element = names::element();
    let element = Ident::new(&element.to_string(), element.span().located_at(span));
    let number = names::number();
    generated! {
        for (#number, #element) in ::core::iter::Iterator::enumerate(::core::iter::Iterator::take(
            (#reference).iter(),
            #max,
        )) {
            #out.element(#number, |#out| {
                use #runtime::by_type::*;
                (&&&#runtime::Element(&#element)).tell(#out);
            });
        }
    }
}
