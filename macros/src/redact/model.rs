//! A type with a policy, as plain data in which everything is decided.

use super::decision::Decision;
use super::template::Template;
use proc_macro2::{Ident, Span};
use syn::{Generics, LitStr, Member, Path, Type};

pub(super) struct RedactedType {
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) body: Body,
    pub(super) crate_path: Option<Path>,
}

#[allow(clippy::large_enum_variant, reason = "one of them, for a moment")]
pub(super) enum Body {
    Struct(Shape),
    Enum(Vec<Variant>),
}

/// A struct, or a variant.
pub(super) struct Shape {
    pub(super) fields: Vec<Field>,
    /// The type of the last field, on which the size of all depends.
    pub(super) last: Option<Type>,
    /// A value in disguise: it is told under the name of what it is in.
    pub(super) is_newtype: bool,
    pub(super) error: Option<ErrorText>,
    pub(super) is_expected: bool,
}

pub(super) struct Variant {
    pub(super) name: Ident,
    /// Under which it is told.
    pub(super) told_as: String,
    pub(super) told: Told,
    pub(super) shape: Shape,
}

/// What is told of a variant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Its name, and its fields by their policies.
    Name,
    /// That there is a value.
    Marker,
    Nothing,
}

pub(super) struct Field {
    pub(super) member: Member,
    /// The last part of its key.
    pub(super) key: String,
    pub(super) ty: Type,
    pub(super) told: FieldTold,
    pub(super) class: Option<LitStr>,
    pub(super) span: Span,
    /// It holds what caused the error.
    pub(super) is_source: bool,
}

pub(super) enum FieldTold {
    ByAttribute(Decision),
    /// `#[public(rest)]`: by its type if that has a policy, as it is otherwise.
    Rest,
    /// By the policy of its type.
    ByType,
}

/// What an error says of itself.
pub(super) enum ErrorText {
    /// Literals with fields in between.
    Template(Template),
    /// What the only field says.
    Transparent,
}
