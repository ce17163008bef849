//! What a place or a type may record, left in a link section for `traced::manifest()`. Only with feature `manifest`.

use crate::analyze;
use crate::model::{Form, Policy};
use crate::names::{self, Runtime, generated};
use crate::redact::decision::{Decision, Mask, Shown};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{LitStr, Type};

/// What is told of one value.
pub(crate) struct Told {
    action: Action,
    reason: Option<LitStr>,
    implicit: bool,
    opaque: bool,
}

/// What becomes of it.
enum Action {
    Said(String),
    /// It has the name of a number; whether it is one, the compiler knows.
    AskedOf(Ident),
}

impl Action {
    fn expression(&self, runtime: &Runtime) -> TokenStream {
        match self {
            Self::Said(action) => action.to_token_stream(),
            Self::AskedOf(name) => generated! {
                { use #runtime::NamedAlike as _; #runtime::Named::<#name>::ACTION }
            },
        }
    }
}

impl Told {
    fn said(action: impl Into<String>) -> Self {
        Self { action: Action::Said(action.into()), reason: None, implicit: false, opaque: false }
    }

    /// By the policy of its type.
    pub(crate) fn by_policy() -> Self {
        Self::said("by its policy")
    }

    pub(crate) fn decided(decision: &Decision) -> Self {
        match decision {
            Decision::Public => Self::said("public"),
            Decision::Each { max } => Self::said(format!("each, at most {max}")),
            Decision::Vouched { by, reason } => {
                let action = match by {
                    Shown::Display => "display".to_owned(),
                    Shown::Debug => "debug".to_owned(),
                    Shown::With(path) => format!("with {}", text(path)),
                };
                Self { reason: Some(reason.clone()), opaque: true, ..Self::said(action) }
            }
            Decision::Redact(mask) => Self::said(match mask {
                Mask::Marker => "marker".to_owned(),
                Mask::Length => "len".to_owned(),
                Mask::Hash => "hash".to_owned(),
                Mask::Last(n) => format!("last {n}"),
                Mask::With(path) => format!("redacted with {}", text(path)),
            }),
            Decision::Skip => Self::said("nothing"),
        }
    }

    pub(super) fn of_argument(policy: &Policy, ty: &Type) -> Self {
        match policy {
            Policy::Decided(decision) => Self::decided(decision),
            Policy::Strict => Self::by_policy(),
            Policy::ByType { sounds_secret } => {
                let number = analyze::named_like_number(ty).filter(|_| !sounds_secret);
                let action = number.cloned().map(Action::AskedOf);
                let by_its_type = Self::said("by its type");
                Self { implicit: true, action: action.unwrap_or(by_its_type.action), ..by_its_type }
            }
            Policy::LeftOut => Self { implicit: true, ..Self::said("by its type") },
        }
    }

    pub(super) fn of_form(form: &Form) -> Self {
        match form {
            Form::Declared => Self::said("later"),
            Form::Literal(_) | Form::Static(_) => Self::said("literal"),
            Form::ByType(_) => Self { implicit: true, ..Self::said("by its type") },
            Form::Decided(_, decision, _) => Self::decided(decision),
            Form::Display(_) => Self { opaque: true, ..Self::said("display") },
            Form::Debug(_) => Self { opaque: true, ..Self::said("debug") },
        }
    }

    /// As an expression.
    pub(crate) fn row(
        &self,
        key: &str,
        ty: Option<&Type>,
        class: Option<&LitStr>,
        runtime: &Runtime,
    ) -> TokenStream {
        let (action, ty) = (self.action.expression(runtime), ty.map(text).unwrap_or_default());
        let class = class.map(|class| generated! { .class(#class) });
        let reason = self.reason.as_ref().map(|reason| generated! { .reason(#reason) });
        let implicit = self.implicit.then(|| generated! { .implicit() });
        let opaque = self.opaque.then(|| generated! { .opaque() });
        generated! { #runtime::Told::new(#key, #ty, #action) #class #reason #implicit #opaque }
    }
}

fn text(tokens: impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

/// The description of a place, beside its call site.
pub(super) fn place(rows: &TokenStream, runtime: &Runtime) -> TokenStream {
    let site = names::site();
    let entry = generated! {
        #runtime::Entry::place(&#site, ::core::env!("CARGO_MANIFEST_DIR"), ::core::module_path!(), #rows)
    };
    link(&entry, runtime)
}

/// The description of a type, beside its policy.
pub(crate) fn of_type(name: &Ident, rows: &TokenStream, runtime: &Runtime) -> Option<TokenStream> {
    if !cfg!(feature = "manifest") {
        return None;
    }
    let name = name.to_string();
    let entry = generated! {
        #runtime::Entry::of_type(#name, ::core::env!("CARGO_MANIFEST_DIR"), ::core::module_path!(), #rows)
    };
    let link = link(&entry, runtime);
    Some(generated! { const _: () = { #link }; })
}

fn link(entry: &TokenStream, runtime: &Runtime) -> TokenStream {
    let name = Ident::new("__TRACED_LINK", Span::mixed_site());
    generated! {
        #[used]
        #[cfg_attr(
            any(target_os = "linux", target_os = "android", target_os = "freebsd"),
            unsafe(link_section = "traced_manifest")
        )]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,traced_mnfst"))]
        static #name: #runtime::Link = &#entry;
    }
}
