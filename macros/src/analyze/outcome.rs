//! Whether the value returned can be asked about without changing what the caller sees.

use super::body::{ends_with_value, leaves_early};
use super::early_exits;
use super::returned::{
    can_be_written_again, is_never, may_be_result, may_borrow, returned, written_again,
};
use crate::model::{Errors, Function, Observation, Outcome, Shape};
use crate::options::Options;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Receiver, ReceiverKind, Type};

pub(super) fn decide(function: &Function, shape: &Shape, options: &Options) -> Outcome {
    let errors = options.err.clone().unwrap_or_else(Errors::by_type);
    let observed = |in_place, redirected| {
        let (errors, returned) = (errors.clone(), options.ret);
        Outcome::Observed(Observation { in_place, redirected, errors, returned })
    };
    let observation = |in_place| observed(in_place, None);
    let says = |ty: &Type| {
        !is_never(ty)
            && (options.ret.is_some() || may_be_result(ty) && !matches!(errors, Errors::Off))
    };
    let ty = returned(&function.sig);
    let early = leaves_early(&function.body) || !ends_with_value(&function.body);
    let leads_out = early || takes_self(function) || ty.is_some_and(may_borrow);
    match shape {
        Shape::Boxed(_) => observation(false),
        Shape::Async | Shape::AsyncKept if ty.is_some_and(says) => observation(false),
        // What is returned may borrow, and the compiler is to say of a variable of the body what it says of any body.
        Shape::Future(output) if output.as_ref().is_some_and(says) => observation(false),
        Shape::Future(_) | Shape::Stream => Outcome::Enclosed,
        Shape::Async | Shape::AsyncKept => Outcome::Ignored,
        Shape::PerhapsBoxed(_) => observation(!leads_out),
        Shape::Sync => {
            let asked = ty.filter(|ty| says(ty)).and_then(written_again);
            // A closure would be the caller that `Location::caller` sees.
            let must_stay = has_track_caller(&function.attrs);
            if let Some(returned) = asked.as_ref().filter(|_| must_stay) {
                let crate_path = options.crate_path.as_ref();
                let redirected =
                    early.then(|| early_exits::redirect(&function.body, returned, crate_path));
                return match redirected {
                    Some(None) => Outcome::Ignored,
                    redirected => observed(true, redirected.flatten()),
                };
            }
            if asked.is_some() {
                observation(!leads_out)
            } else if takes_self(function) && !must_stay && ty.is_none_or(can_be_enclosed) {
                Outcome::Enclosed
            } else {
                Outcome::Ignored
            }
        }
    }
}

fn can_be_enclosed(ty: &Type) -> bool {
    !is_never(ty) && can_be_written_again(ty)
}

fn takes_self(function: &Function) -> bool {
    function.sig.receiver().is_some_and(consumes)
}

/// Whether `self` itself, not a reference to it, ends with the call.
pub(crate) fn consumes(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Value => true,
        ReceiverKind::Typed(_, ty) => !matches!(**ty, Type::Reference(_)),
        _ => false,
    }
}

/// Also where a condition may bring it.
pub(super) fn has_track_caller(attrs: &[Attribute]) -> bool {
    fn mentioned(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(name) => name == "track_caller",
            TokenTree::Group(group) => mentioned(group.stream()),
            _ => false,
        })
    }
    attrs.iter().any(|attribute| {
        let path = attribute.path();
        path.is_ident("track_caller")
            || path.is_ident("cfg_attr") && mentioned(attribute.meta.to_token_stream())
    })
}
