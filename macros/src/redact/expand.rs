//! The implementations that the derives write. A field that is redacted is not mentioned in them.

use super::decision::{Decision, Mask};
use super::message::member;
use super::model::{Body, ErrorText, Field, FieldTold, RedactedType, Shape, Told, Variant};
use super::template::Piece;
use crate::expand::{manifest, policy};
use crate::names::{self, Runtime, generated};
use proc_macro2::{Ident, TokenStream};
use syn::{Generics, Member, Path, Type};

pub(super) fn redact(ty: &RedactedType) -> TokenStream {
    let runtime = Runtime::new(ty.crate_path.clone());
    let name = &ty.name;
    let (impl_generics, type_generics, conditions) = ty.generics.split_for_impl();
    let out = names::out();
    let (redact, absent, describe) = match &ty.body {
        Body::Struct(shape) => of_struct(name, shape, &runtime),
        Body::Enum(variants) => of_enum(variants, &runtime),
    };
    let describe = describe.map(|describe| {
        generated! {
            fn describe(&self, #out: &mut #runtime::Failure<'_>) { #describe }
        }
    });
    let manifest = manifest(ty, &runtime);
    let absent = has_size(&ty.body).then(|| {
        generated! {
            fn absent(#out: &mut #runtime::Fields<'_>) where Self: ::core::marker::Sized { #absent }
        }
    });
    generated! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic, unreachable_patterns, unused_variables)]
        impl #impl_generics #runtime::Redact for #name #type_generics #conditions {
            fn redact(&self, #out: &mut #runtime::Fields<'_>) { #redact }
            #absent
            #describe
        }
        #manifest
    }
}

fn manifest(ty: &RedactedType, runtime: &Runtime) -> Option<TokenStream> {
    let row = |field: &Field, prefix: &str| {
        let told = match &field.told {
            FieldTold::ByAttribute(decision) => manifest::Told::decided(decision),
            FieldTold::Rest => manifest::Told::decided(&Decision::Public),
            FieldTold::ByType => manifest::Told::by_policy(),
        };
        let key = format!("{prefix}{}", field.key);
        told.row(&key, Some(&field.ty), field.class.as_ref(), runtime)
    };
    let rows: Vec<_> = match &ty.body {
        Body::Struct(shape) => shape.fields.iter().map(|field| row(field, "")).collect(),
        Body::Enum(variants) => variants
            .iter()
            .flat_map(|variant| {
                let decision = match variant.told {
                    Told::Name => Decision::Public,
                    Told::Marker => Decision::Redact(Mask::Marker),
                    Told::Nothing => Decision::Skip,
                };
                let name = &variant.told_as;
                let told = manifest::Told::decided(&decision).row(name, None, None, runtime);
                let prefix = format!("{name}.");
                let fields = variant.shape.fields.iter().map(move |field| row(field, &prefix));
                std::iter::once(told).chain(fields)
            })
            .collect(),
    };
    manifest::of_type(&ty.name, &generated! { &[#(#rows),*] }, runtime)
}

type Bodies = (TokenStream, TokenStream, Option<TokenStream>);

fn of_struct(name: &Ident, shape: &Shape, runtime: &Runtime) -> Bodies {
    let pattern = pattern(shape);
    let told = tell_all(shape, runtime);
    let redact = generated! { let Self #pattern = self; #told };
    let absent = hide_all(shape, runtime);
    let describe = describe(shape, None, runtime).map(|describe| {
        let (out, name) = (names::out(), name.to_string());
        generated! { #out.named(#name); #describe }
    });
    (redact, absent, describe.map(|describe| generated! { let Self #pattern = self; #describe }))
}

fn of_enum(variants: &[Variant], runtime: &Runtime) -> Bodies {
    let out = names::out();
    if variants.is_empty() {
        return (generated! { match *self {} }, TokenStream::new(), None);
    }
    let redact = variants.iter().map(|variant| {
        let (name, pattern) = (&variant.name, pattern(&variant.shape));
        let told = match variant.told {
            Told::Name => {
                let (told_as, fields) = (&variant.told_as, tell_all(&variant.shape, runtime));
                generated! { #out.value(#runtime::Value::Text(#told_as)); #fields }
            }
            Told::Marker => generated! { #out.marker(); },
            Told::Nothing => TokenStream::new(),
        };
        generated! { Self::#name #pattern => { #told } }
    });
    let hides = variants.iter().any(|variant| variant.told == Told::Marker);
    let absent = if hides {
        generated! { #out.marker(); }
    } else {
        TokenStream::new()
    };
    let is_error = |v: &&Variant| v.shape.error.is_some() || v.shape.is_expected;
    let describe = variants.iter().any(|v| is_error(&v)).then(|| {
        let arms = variants.iter().map(|variant| {
            let (name, pattern) = (&variant.name, pattern(&variant.shape));
            let described = (variant.told == Told::Name)
                .then(|| describe(&variant.shape, Some(&variant.told_as), runtime));
            let described = described.flatten();
            generated! { Self::#name #pattern => { #described } }
        });
        generated! { match self { #(#arms)* } }
    });
    (generated! { match self { #(#redact)* } }, absent, describe)
}

/// Names the fields that are told; the others are not even looked at.
fn pattern(shape: &Shape) -> TokenStream {
    let bindings = shape.fields.iter().enumerate().filter(|(_, field)| is_mentioned(field));
    let bindings = bindings.map(|(position, field)| {
        let (member, name) = (&field.member, binding(position, field));
        generated! { #member: #name, }
    });
    generated! { { #(#bindings)* .. } }
}

fn binding(position: usize, field: &Field) -> Ident {
    let mut name = names::field(position);
    name.set_span(name.span().located_at(field.span));
    name
}

fn is_mentioned(field: &Field) -> bool {
    !matches!(field.told, FieldTold::ByAttribute(Decision::Skip | Decision::Redact(Mask::Marker)))
}

fn tell_all(shape: &Shape, runtime: &Runtime) -> TokenStream {
    let told =
        shape.fields.iter().enumerate().map(|(position, field)| {
            tell(field, &binding(position, field), shape.is_newtype, runtime)
        });
    generated! { #(#told)* }
}

fn tell(field: &Field, binding: &Ident, is_newtype: bool, runtime: &Runtime) -> TokenStream {
    let (out, key) = (names::out(), &field.key);
    let value = match &field.told {
        FieldTold::ByType => {
            let fields = runtime.at(field.span, "Fields");
            return if is_newtype {
                generated! { #fields::content(#out, #binding); }
            } else {
                generated! { #fields::walk(#out, #key, #binding); }
            };
        }
        FieldTold::ByAttribute(Decision::Skip) => return TokenStream::new(),
        FieldTold::ByAttribute(Decision::Each { max }) => {
            let each = policy::each(&generated! { #binding }, *max, &out, field.span, runtime);
            return if is_newtype {
                each
            } else {
                generated! { #out.inside(#key, |#out| { #each }); }
            };
        }
        FieldTold::Rest => policy::published_by_type(&generated! { #binding }, runtime),
        FieldTold::ByAttribute(decision) => {
            policy::of_reference(decision, field.class.as_ref(), binding, field.span, runtime)
        }
    };
    if is_newtype {
        generated! { #out.value(#value); }
    } else {
        generated! { #out.field(#key, #value); }
    }
}

/// What hides that there is no value: whatever hides one that is there.
fn hide_all(shape: &Shape, runtime: &Runtime) -> TokenStream {
    let out = names::out();
    let hidden = shape.fields.iter().filter_map(|field| {
        let (key, ty) = (&field.key, &field.ty);
        match &field.told {
            FieldTold::ByType if can_be_absent(ty) => Some(if shape.is_newtype {
                hide_absent(ty, &generated! { content(#out) }, runtime)
            } else {
                hide_absent(ty, &generated! { field(#out, #key) }, runtime)
            }),
            FieldTold::ByType | FieldTold::ByAttribute(Decision::Redact(_)) => {
                Some(if shape.is_newtype {
                    generated! { #out.marker(); }
                } else {
                    generated! { #out.field(#key, #runtime::Value::Marker); }
                })
            }
            FieldTold::Rest | FieldTold::ByAttribute(_) => None,
        }
    });
    generated! { #(#hidden)* }
}

/// A type without a policy is refused where its value is walked, and need not be refused here as well.
fn hide_absent(ty: &Type, call: &TokenStream, runtime: &Runtime) -> TokenStream {
    generated! {
        {
            use #runtime::{AbsentPoliced as _, AbsentUnknown as _};
            (&#runtime::Absent::<#ty>::new()).#call;
        }
    }
}

fn has_size(body: &Body) -> bool {
    match body {
        Body::Struct(shape) => shape.last.as_ref().is_none_or(can_be_absent),
        Body::Enum(_) => true,
    }
}

/// A type without a size has no value that is not there.
fn can_be_absent(ty: &Type) -> bool {
    let is_str = matches!(ty, Type::Path(path) if path.path.is_ident("str"));
    !is_str && !matches!(ty, Type::Slice(_) | Type::TraitObject(_))
}

fn describe(shape: &Shape, variant: Option<&str>, runtime: &Runtime) -> Option<TokenStream> {
    let out = names::out();
    let fields = || shape.fields.iter().enumerate();
    let variant = variant.map(|variant| generated! { #out.variant(#variant); });
    let expected = shape.is_expected.then(|| generated! { #out.expected(); });
    let message = shape.error.as_ref().map(|error| match error {
        ErrorText::Transparent => {
            let field = fields().find(|(_, field)| is_mentioned(field));
            field.map(|(position, field)| said(field, &binding(position, field), runtime))
        }
        ErrorText::Template(template) => {
            let pieces = template.pieces.iter().map(|piece| match piece {
                Piece::Text(text) => generated! { #out.text(#text); },
                Piece::Other => generated! { #out.told(#runtime::Value::Marker); },
                Piece::Field(name) => {
                    let field = fields().find(|(_, field)| member(field) == *name);
                    field.map_or_else(
                        || generated! { #out.told(#runtime::Value::Marker); },
                        |(position, field)| said(field, &binding(position, field), runtime),
                    )
                }
            });
            Some(generated! { #(#pieces)* })
        }
    });
    let source = fields().find(|(_, field)| field.is_source);
    let source = source.filter(|(_, field)| matches!(field.told, FieldTold::ByType));
    let source = source.map(|(position, field)| {
        let source = binding(position, field);
        generated! { #out.source(#source); }
    });
    if message.is_none() && expected.is_none() && source.is_none() {
        return variant;
    }
    Some(generated! { #variant #expected #message #source })
}

/// A field inside of a message.
fn said(field: &Field, binding: &Ident, runtime: &Runtime) -> TokenStream {
    let out = names::out();
    let value = match &field.told {
        FieldTold::ByType => return generated! { #out.nested(#binding); },
        FieldTold::ByAttribute(Decision::Skip | Decision::Each { .. }) => {
            generated! { #runtime::Value::Marker }
        }
        FieldTold::Rest => policy::published_by_type(&generated! { #binding }, runtime),
        FieldTold::ByAttribute(decision) => {
            policy::of_reference(decision, field.class.as_ref(), binding, field.span, runtime)
        }
    };
    generated! { #out.told(#value); }
}

pub(super) fn safe_debug(
    name: &Ident,
    generics: &Generics,
    crate_path: Option<Path>,
) -> TokenStream {
    let runtime = Runtime::new(crate_path);
    let (impl_generics, type_generics, conditions) = generics.split_for_impl();
    let (out, text) = (names::out(), name.to_string());
    let text = text.strip_prefix("r#").unwrap_or(&text);
    let conditions = conditions.map(|conditions| {
        let conditions = conditions.predicates.iter();
        generated! { #(#conditions,)* }
    });
    let redact = runtime.at(name.span(), "Redact");
    generated! {
        #[automatically_derived]
        impl #impl_generics ::core::fmt::Debug for #name #type_generics
        where #conditions Self: #redact
        {
            fn fmt(&self, #out: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #runtime::safe_debug(#text, self, #out)
            }
        }
    }
}

pub(super) fn public(
    name: &Ident,
    generics: &Generics,
    (member, ty): &(Member, Type),
    crate_path: Option<Path>,
) -> TokenStream {
    use syn::spanned::Spanned;
    let runtime = Runtime::new(crate_path);
    let (impl_generics, type_generics, conditions) = generics.split_for_impl();
    let (out, leaf) = (names::out(), runtime.at(ty.span(), "Leaf"));
    let told = manifest::Told::decided(&Decision::Public).row("0", Some(ty), None, &runtime);
    let manifest = manifest::of_type(name, &generated! { &[#told] }, &runtime);
    generated! {
        #manifest
        #[automatically_derived]
        impl #impl_generics #runtime::Redact for #name #type_generics #conditions {
            fn redact(&self, #out: &mut #runtime::Fields<'_>) {
                #out.value(<#ty as #leaf>::leaf(&self.#member));
            }
            fn absent(_: &mut #runtime::Fields<'_>) where Self: ::core::marker::Sized {}
        }
    }
}
