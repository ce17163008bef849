//! Arguments are received as they come and bound again inside of the span, so that they drop there.

use crate::analyze;
use crate::model::{Argument, Function, TracedFn};
use crate::names::generated;
use proc_macro2::TokenStream;
use syn::punctuated::Punctuated;
use syn::{FnArg, Pat, PatIdent, PatType, Receiver, Signature, Type};

/// The signature with a plain, immutable name for each argument.
pub(super) fn receive(function: &Function, arguments: &[Argument]) -> Signature {
    let mut sig = function.sig.clone();
    let receiver = sig.receiver().cloned().map(FnArg::Receiver);
    sig.inputs =
        receiver.into_iter().chain(arguments.iter().map(parameter)).collect::<Punctuated<_, _>>();
    sig
}

fn parameter(argument: &Argument) -> FnArg {
    FnArg::Typed(PatType {
        attrs: argument.attrs.clone(),
        pat: Box::new(Pat::Ident(PatIdent {
            attrs: Vec::new(),
            by_ref: None,
            mutability: None,
            ident: argument.received_as.clone(),
            subpat: None,
        })),
        colon_token: argument.colon,
        ty: Box::new(argument.ty.clone()),
    })
}

/// All arguments become variables of a closure or a future: what it does not mention it would leave behind.
pub(super) fn take(traced: &TracedFn) -> TokenStream {
    let receiver = traced.function.sig.receiver().filter(|receiver| analyze::consumes(receiver));
    let hold_self = receiver.map(|Receiver { self_token, .. }| {
        // Of `self` only the parts that are mentioned would be taken; here all of it is.
        generated! { let _ = &#self_token; }
    });
    let bindings = bind_again(&traced.arguments);
    generated! { #hold_self #bindings }
}

/// One binding after the other: the order in which arguments drop, and the lints on unused ones, stay.
pub(super) fn bind_again(arguments: &[Argument]) -> TokenStream {
    let bindings = arguments.iter().map(bind);
    generated! { #(#bindings)* }
}

fn bind(argument: &Argument) -> TokenStream {
    let Argument { binding_attrs, pat, received_as, .. } = argument;
    if stays_where_it_is(argument) {
        return TokenStream::new();
    }
    let conditions = || binding_attrs.iter().filter(|a| a.path().is_ident("cfg"));
    match pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, .. }) => {
            let allowed = allow_use(argument.claims_to_be_unused());
            let used = argument.is_mentioned.then(|| generated! { let _ = &#received_as; });
            generated! { #allowed #(#binding_attrs)* let #pat = #received_as; #used }
        }
        Pat::Wild(_) => {
            let conditions = conditions();
            generated! { #(#conditions)* let #received_as = #received_as; }
        }
        // What the pattern leaves behind drops after what it takes, as in a parameter.
        _ => {
            let conditions = conditions();
            generated! {
                #(#conditions)* let #received_as = #received_as;
                #(#binding_attrs)* let #pat = #received_as;
            }
        }
    }
}

/// Whether the body may have the parameter itself: to drop it does nothing, and nothing of ours uses it.
fn stays_where_it_is(argument: &Argument) -> bool {
    let is_plain = matches!(
        &argument.pat,
        Pat::Ident(PatIdent { by_ref: None, subpat: None, mutability: None, .. })
    );
    is_plain
        && argument.binding_attrs.is_empty()
        && argument.told().is_none()
        && !argument.is_mentioned
        && matches!(argument.ty, Type::Reference(_))
}

/// For statements that use an argument whose name begins with an underscore.
pub(super) fn allow_use(claims_to_be_unused: bool) -> Option<TokenStream> {
    claims_to_be_unused.then(|| {
        generated! {
            #[allow(clippy::used_underscore_binding, clippy::no_effect_underscore_binding)]
        }
    })
}

/// The same, for the statement that records all arguments.
pub(super) fn allow_recording(arguments: &[Argument]) -> Option<TokenStream> {
    let unused = |argument: &Argument| argument.told().is_some() && argument.claims_to_be_unused();
    allow_use(arguments.iter().any(unused))
}
