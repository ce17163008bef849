//! What a signature says about the value returned.

use proc_macro2::{Ident, Span};
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{
    GenericArgument, Lifetime, PathArguments, ReturnType, Signature, Token, TraitBound, Type,
    TypeImplTrait, TypeInfer, TypeMacro, TypeParamBound, TypePath, TypeReference, TypeTraitObject,
};

/// Types that no alias makes a `Result` or a future.
const PRIMITIVES: &[&str] = &[
    "Self", "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str",
    "u128", "u16", "u32", "u64", "u8", "usize",
];

/// Names that nobody gives to a boxed future.
const VALUES: &[&str] = &[
    "Arc", "BTreeMap", "BTreeSet", "Box", "Cow", "Duration", "HashMap", "HashSet", "Instant",
    "Option", "Ordering", "PathBuf", "Rc", "Result", "String", "Vec",
];

/// Bounds that a span around a future keeps.
const KEPT: &[&str] = &["Send", "Sync", "Unpin", "Sized"];

/// What an `impl Trait` is.
#[allow(clippy::large_enum_variant, reason = "one for each function")]
pub(super) enum Promise {
    /// A future of this output.
    Future(Option<Type>),
    Stream,
}

/// The type behind `->`, unless it is `()`.
pub(crate) fn returned(sig: &Signature) -> Option<&Type> {
    match &sig.output {
        ReturnType::Type(_, ty) => match plain(ty) {
            Type::Tuple(tuple) if tuple.elems.is_empty() => None,
            ty => Some(ty),
        },
        ReturnType::Default => None,
    }
}

pub(crate) fn never_returns(sig: &Signature) -> bool {
    returned(sig).is_some_and(is_never)
}

pub(super) fn is_never(ty: &Type) -> bool {
    matches!(plain(ty), Type::Never(_))
}

/// Without the groups that macros put around a type, and parentheses.
fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => plain(&group.elem),
        Type::Paren(paren) => plain(&paren.elem),
        ty => ty,
    }
}

pub(super) fn may_be_result(ty: &Type) -> bool {
    match plain(ty) {
        Type::Path(path) => !is_a_primitive(path),
        Type::Macro(_) => true,
        _ => false,
    }
}

/// Whether a value of the type may hold a reference to a variable of the body, which the compiler then refuses: in other
/// words where the value goes through a variable of ours.
pub(crate) fn may_borrow(ty: &Type) -> bool {
    struct Search(bool);
    impl<'ast> Visit<'ast> for Search {
        fn visit_type_reference(&mut self, _: &'ast TypeReference) {
            self.0 = true;
        }
        fn visit_lifetime(&mut self, _: &'ast Lifetime) {
            self.0 = true;
        }
        fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
            self.0 = true;
        }
        fn visit_type_trait_object(&mut self, _: &'ast TypeTraitObject) {
            self.0 = true;
        }
    }
    let mut search = Search(false);
    search.visit_type(ty);
    search.0
}

/// Whether only the compiler can say that it is no boxed future.
pub(super) fn may_be_boxed_future(ty: &Type) -> bool {
    match plain(ty) {
        Type::Path(path) => {
            let last = path.path.segments.last();
            let is_value = last.is_some_and(|last| VALUES.iter().any(|name| last.ident == name));
            !is_value && !is_a_primitive(path) && can_be_written_again(ty)
        }
        _ => false,
    }
}

fn is_a_primitive(path: &TypePath) -> bool {
    path.path.get_ident().is_some_and(is_primitive)
}

/// Whether this names a type of the language, or `Self`.
pub(crate) fn is_primitive(name: &Ident) -> bool {
    PRIMITIVES.iter().any(|primitive| name == primitive)
}

/// Whether a type means the same in the body as in the signature: `impl Trait` does not.
pub(crate) fn can_be_written_again(ty: &Type) -> bool {
    let found = search(ty);
    !found.implemented && !found.expanded
}

/// The type as it can be written in the body, with `_` where it says `impl Trait`.
///
/// Nothing where the compiler would miss what the signature says: which arguments a closure takes.
pub(crate) fn written_again(ty: &Type) -> Option<Type> {
    let found = search(ty);
    (!found.expanded && !found.callable).then(|| inferred(ty))
}

/// The type of a closure that is returned, for whoever looks at the value later: what else is in it is known only by
/// the signature.
pub(crate) fn known_later(ty: &Type) -> Option<Type> {
    let found = search(ty);
    (found.callable && !found.expanded).then(|| inferred(ty))
}

/// With `_` where it says `impl Trait`.
fn inferred(ty: &Type) -> Type {
    struct Infer;
    impl VisitMut for Infer {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if let Type::ImplTrait(_) = ty {
                *ty = Type::Infer(TypeInfer {
                    attrs: Vec::new(),
                    underscore_token: Token![_](Span::mixed_site()),
                });
            } else {
                syn::visit_mut::visit_type_mut(self, ty);
            }
        }
    }
    let mut ty = ty.clone();
    Infer.visit_type_mut(&mut ty);
    ty
}

#[derive(Default)]
struct Found {
    /// `impl Trait`.
    implemented: bool,
    /// `impl Fn(…)`.
    callable: bool,
    /// A macro, which may expand to either.
    expanded: bool,
}

impl<'ast> Visit<'ast> for Found {
    fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
        self.implemented = true;
        self.callable |= traits(ty).any(|(_, bound)| {
            let last = bound.path.segments.last();
            last.is_some_and(|last| matches!(last.arguments, PathArguments::Parenthesized(_)))
        });
    }
    fn visit_type_macro(&mut self, _: &'ast TypeMacro) {
        self.expanded = true;
    }
}

fn search(ty: &Type) -> Found {
    let mut found = Found::default();
    found.visit_type(ty);
    found
}

/// The traits of `impl A + B`, by their last names.
fn traits(ty: &TypeImplTrait) -> impl Iterator<Item = (&Ident, &TraitBound)> {
    ty.bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => Some((&bound.path.segments.last()?.ident, bound)),
        _ => None,
    })
}

/// What `impl Future` or `impl Stream` promises. With any other trait beside it, the value is given back as
/// it is, because a span around it would not implement that.
pub(super) fn promise(ty: &Type) -> Option<Promise> {
    let Type::ImplTrait(ty) = plain(ty) else { return None };
    let mut promise = None;
    for (name, bound) in traits(ty) {
        if name == "Future" {
            promise = Some(Promise::Future(output(bound)));
        } else if name == "Stream" {
            promise = Some(Promise::Stream);
        } else if !KEPT.iter().any(|kept| name == kept) {
            return None;
        }
    }
    promise
}

/// `Output = T`.
fn output(bound: &TraitBound) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = &bound.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(assigned) if assigned.ident == "Output" => {
            Some(assigned.ty.clone())
        }
        _ => None,
    })
}
