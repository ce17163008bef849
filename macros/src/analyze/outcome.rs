//! Whether the value returned can be asked for an error without changing what the caller sees.

use crate::model::{Function, Outcome, Shape};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{
    Attribute, Receiver, ReceiverKind, ReturnType, Signature, Type, TypeImplTrait, TypeMacro,
};

/// Types that no alias makes a `Result`.
const PRIMITIVES: &[&str] = &[
    "Self", "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str",
    "u128", "u16", "u32", "u64", "u8", "usize",
];

pub(super) fn decide(function: &Function, shape: &Shape) -> Outcome {
    let returned = returned(&function.sig);
    if let Shape::Boxed(_) = shape {
        return Outcome::Observed;
    }
    if function.sig.asyncness.is_some() {
        let observed = returned.is_some_and(may_be_result);
        return if observed { Outcome::Observed } else { Outcome::Ignored };
    }
    // A closure would be the caller that `Location::caller` sees, and needs a type that can be written.
    let closure_is_visible = has_track_caller(&function.attrs)
        || returned.is_some_and(|ty| is_never(ty) || !can_be_written_again(ty));
    if closure_is_visible {
        Outcome::Ignored
    } else if returned.is_some_and(may_be_result) {
        Outcome::Observed
    } else if function.sig.receiver().is_some_and(consumes) {
        Outcome::Enclosed
    } else {
        Outcome::Ignored
    }
}

/// The type behind `->`, unless it is `()`.
pub(crate) fn returned(sig: &Signature) -> Option<&Type> {
    match &sig.output {
        ReturnType::Type(_, ty) => match &**ty {
            Type::Tuple(tuple) if tuple.elems.is_empty() => None,
            ty => Some(ty),
        },
        ReturnType::Default => None,
    }
}

pub(crate) fn never_returns(sig: &Signature) -> bool {
    returned(sig).is_some_and(is_never)
}

/// Whether a type means the same in the body as in the signature: `impl Trait` does not.
pub(crate) fn can_be_written_again(ty: &Type) -> bool {
    struct Search(bool);
    impl<'ast> Visit<'ast> for Search {
        fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
            self.0 = true;
        }
        fn visit_type_macro(&mut self, _: &'ast TypeMacro) {
            self.0 = true;
        }
    }
    let mut search = Search(false);
    search.visit_type(ty);
    !search.0
}

fn is_never(ty: &Type) -> bool {
    match ty {
        Type::Never(_) => true,
        Type::Group(group) => is_never(&group.elem),
        Type::Paren(paren) => is_never(&paren.elem),
        _ => false,
    }
}

fn may_be_result(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            !path.path.get_ident().is_some_and(|name| PRIMITIVES.iter().any(|p| name == p))
        }
        Type::Group(group) => may_be_result(&group.elem),
        Type::Paren(paren) => may_be_result(&paren.elem),
        Type::Macro(_) => true,
        _ => false,
    }
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
fn has_track_caller(attrs: &[Attribute]) -> bool {
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
