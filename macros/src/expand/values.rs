//! The values of a place, and the keys that they go by.
//!
//! They are built in a closure that runs only where the place is on, and borrow from the variables
//! around it. What a longer expression makes has no variable to live in, and gets one: a slot in front of
//! the call, empty until the closure runs.

use super::manifest::Told;
use super::policy;
use crate::model::{Argument, Bound, Field, Form, Policy, Recorded};
use crate::names::{self, Runtime, generated};
use crate::redact::decision::{Decision, Mask, Shown};
use crate::redact::secret_names::sounds_secret;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprPath, ExprReference, LitStr, Path, Token, UnOp};

/// A value under its key, under the condition of the argument that it comes from.
struct Entry {
    conditions: Vec<Attribute>,
    value: TokenStream,
    slot: Option<Ident>,
    asks_its_type: bool,
    /// To look at it runs no code of the user.
    is_at_hand: bool,
}

/// All values of a place, in the order of its keys.
pub(super) struct Values(Vec<Entry>);

impl Values {
    pub(super) fn of(arguments: &[Argument], fields: &[Field], runtime: &Runtime) -> Self {
        let arguments = arguments.iter().enumerate().filter_map(|(position, argument)| {
            Some(argument_entry(position, argument, argument.told()?, runtime))
        });
        let fields = fields.iter().enumerate().map(|(at, field)| field_entry(at, field, runtime));
        Self(arguments.chain(fields).collect())
    }

    /// These without the first ones, whose keys keep their places.
    pub(super) fn behind(mut self, first: &Self, runtime: &Runtime) -> Self {
        for entry in self.0.iter_mut().take(first.0.len()) {
            entry.value = generated! { #runtime::Value::LeftOut };
            entry.slot = None;
            entry.asks_its_type = false;
            entry.is_at_hand = true;
        }
        self
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The closure that builds them.
    pub(super) fn closure(&self, runtime: &Runtime) -> TokenStream {
        let array = self.array(runtime);
        generated! { || #array }
    }

    /// The array of them, where nothing has to run for it: the compiler has less work with it than with a closure.
    pub(super) fn at_hand(&self, runtime: &Runtime) -> Option<TokenStream> {
        self.0.iter().all(|entry| entry.is_at_hand).then(|| self.array(runtime))
    }

    fn array(&self, runtime: &Runtime) -> TokenStream {
        let values = self.0.iter().map(|Entry { conditions, value, .. }| {
            generated! { #(#conditions)* #value }
        });
        if self.0.iter().any(|entry| entry.asks_its_type) {
            generated! { { use #runtime::by_type::*; [#(#values),*] } }
        } else {
            generated! { [#(#values),*] }
        }
    }

    /// What must stand in front of the call that takes the closure.
    pub(super) fn slots(&self) -> Option<TokenStream> {
        let slots: Vec<_> = self.0.iter().filter_map(|entry| entry.slot.as_ref()).collect();
        if slots.is_empty() {
            return None;
        }
        Some(generated! { #(let mut #slots = ::core::option::Option::None;)* })
    }

    /// The call, with its slots.
    pub(super) fn around(&self, call: TokenStream) -> TokenStream {
        match self.slots() {
            Some(slots) => generated! { { #slots #call } },
            None => call,
        }
    }
}

fn argument_entry(
    position: usize,
    argument: &Argument,
    recorded: &Recorded,
    runtime: &Runtime,
) -> Entry {
    let name = variable(&argument.received_as);
    let needs_slot =
        |decision| matches!(decision, &Decision::Each { .. }) || made(decision).is_some();
    let mut slot = None;
    let value = match &recorded.policy {
        Policy::ByType { .. } | Policy::Strict if recorded.bound.is_some() => {
            bound(&argument.received_as, recorded.bound.as_ref(), runtime)
        }
        Policy::LeftOut => generated! { #runtime::Value::LeftOut },
        Policy::ByType { sounds_secret } => by_type(&name, *sounds_secret, runtime),
        Policy::Strict => strict(&name, runtime),
        Policy::Decided(decision) => {
            slot = needs_slot(decision).then(|| names::argument_slot(position));
            decided(&name, decision, recorded.class.as_ref(), slot.as_ref(), runtime)
        }
    };
    Entry {
        conditions: conditions(argument).cloned().collect(),
        value,
        is_at_hand: slot.is_none(),
        slot,
        asks_its_type: matches!(recorded.policy, Policy::ByType { .. }),
    }
}

fn conditions(argument: &Argument) -> impl Iterator<Item = &Attribute> {
    argument.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

/// `&["a", "b"]`: the keys of all values, in their order. Nothing where there are none.
pub(super) fn keys<'f>(
    arguments: &[Argument],
    fields: impl Iterator<Item = &'f Field>,
) -> Option<TokenStream> {
    let arguments = arguments.iter().filter_map(|argument| {
        let (conditions, key) = (conditions(argument), literal(&argument.told()?.key));
        Some(generated! { #(#conditions)* #key })
    });
    let keys: Vec<_> =
        arguments.chain(fields.map(|field| literal(&field.key).into_token_stream())).collect();
    (!keys.is_empty()).then(|| generated! { &[#(#keys),*] })
}

/// How the manifest lists them, with those that are left out.
pub(super) fn rows<'f>(
    arguments: &[Argument],
    fields: impl Iterator<Item = &'f Field>,
    runtime: &Runtime,
) -> Option<TokenStream> {
    if !cfg!(feature = "manifest") {
        return None;
    }
    let arguments = arguments.iter().filter_map(|argument| {
        let recorded = argument.recorded.as_ref()?;
        let told = Told::of_argument(&recorded.policy, &argument.ty);
        let row = told.row(&recorded.key, Some(&argument.ty), recorded.class.as_ref(), runtime);
        let conditions = conditions(argument);
        Some(generated! { #(#conditions)* #row })
    });
    let fields = fields.map(|field| {
        Told::of_form(&field.form).row(&field.key, None, class_of(&field.form), runtime)
    });
    let rows: Vec<_> = arguments.chain(fields).collect();
    (!rows.is_empty()).then(|| generated! { &[#(#rows),*] })
}

fn field_entry(position: usize, field: &Field, runtime: &Runtime) -> Entry {
    let slot = needs_slot(&field.form).then(|| names::slot(position));
    let value = match &field.form {
        Form::Declared => generated! { #runtime::Value::LeftOut },
        Form::Literal(text) => generated! { #runtime::Value::literal(#text) },
        Form::Static(text) => generated! { #runtime::Value::literal(#text) },
        Form::ByType(value) => {
            let sounds_secret = sounds_secret(&field.key);
            match &slot {
                Some(slot) => kept_by_type(value, slot, sounds_secret, runtime),
                None => by_type(value, sounds_secret, runtime),
            }
        }
        Form::Decided(value, decision, class) => {
            decided(value, decision, class.as_ref(), slot.as_ref(), runtime)
        }
        Form::Display(value) => shown(value, &Shown::Display, slot.as_ref(), runtime),
        Form::Debug(value) => shown(value, &Shown::Debug, slot.as_ref(), runtime),
    };
    Entry {
        conditions: Vec::new(),
        value,
        slot,
        asks_its_type: matches!(field.form, Form::ByType(_)),
        is_at_hand: matches!(field.form, Form::Declared | Form::Literal(_)),
    }
}

fn class_of(form: &Form) -> Option<&LitStr> {
    match form {
        Form::Decided(_, _, class) => class.as_ref(),
        _ => None,
    }
}

/// Whether a value is no part of a variable, or another one is made of it.
fn needs_slot(form: &Form) -> bool {
    match form {
        Form::Decided(_, Decision::Skip | Decision::Redact(Mask::Marker), _)
        | Form::Declared
        | Form::Literal(_)
        | Form::Static(_) => false,
        Form::Decided(_, Decision::Each { .. }, _) => true,
        Form::Decided(value, decision, _) => made(decision).is_some() || !is_variable(value),
        Form::Display(value) | Form::Debug(value) | Form::ByType(value) => !is_variable(value),
    }
}

/// The function that makes another value of it.
fn made(decision: &Decision) -> Option<&Path> {
    match decision {
        Decision::Vouched { by: Shown::With(path), .. } | Decision::Redact(Mask::With(path)) => {
            Some(path)
        }
        _ => None,
    }
}

/// What somebody wrote down. A marker does not mention the value.
fn decided(
    value: &Expr,
    decision: &Decision,
    class: Option<&LitStr>,
    slot: Option<&Ident>,
    runtime: &Runtime,
) -> TokenStream {
    let span = value.span();
    let told = match (decision, slot) {
        (Decision::Vouched { by, .. }, slot) if made(decision).is_none() => {
            shown(value, by, slot, runtime)
        }
        (Decision::Each { max }, Some(slot)) => {
            let (value, out) = (reference(value), names::out());
            let each = policy::each(&value.into_token_stream(), *max, &out, span, runtime);
            let closure = generated! { |#out: &mut #runtime::Fields<'_>| { #each } };
            generated! { #runtime::Value::Walk(#slot.insert(#runtime::told(#closure))) }
        }
        (decision, Some(slot)) => {
            let value = if let Some(path) = made(decision) {
                let (value, whole) = (reference(value), names::made());
                let made = policy::made(path, &whole, span, runtime);
                generated! { #slot.insert(match #value { #whole => #made }) }
            } else {
                generated! { #slot.insert({ #value }) }
            };
            match decision {
                Decision::Redact(mask) if made(decision).is_none() => {
                    policy::masked(mask, class, value, span, runtime)
                }
                _ => policy::leaf(value, span, runtime),
            }
        }
        (Decision::Redact(mask), None) => {
            policy::masked(mask, class, reference(value), span, runtime)
        }
        (_, None) => policy::leaf(reference(value), span, runtime),
    };
    policy::classed(told, class, runtime)
}

/// What `%` or `?` writes; refused where the type has a policy. Of what an expression makes, the text is kept, not
/// the value, which may itself borrow: `%self.lock().unwrap().name`.
fn shown(value: &Expr, by: &Shown, slot: Option<&Ident>, runtime: &Runtime) -> TokenStream {
    let expression = reference(value);
    let Some(slot) = slot else {
        return policy::vouched(by, &expression, value.span(), runtime);
    };
    let made = names::made();
    let told = policy::vouched(by, &made, value.span(), runtime);
    generated! {
        #runtime::Value::Text(#slot.insert(match #expression { #made => #runtime::formatted(#told) }))
    }
}

/// What a pattern binds, if its type has a policy and that of the whole none.
fn bound(whole: &Ident, bound: Option<&Bound>, runtime: &Runtime) -> TokenStream {
    let Some(Bound { pat, name }) = bound else {
        return generated! { #runtime::Value::LeftOut };
    };
    generated! {
        {
            let #pat = &#whole;
            (&#runtime::Bound(&#whole, #name)).value()
        }
    }
}

/// A type without a policy is underlined at the value.
fn strict(value: &Expr, runtime: &Runtime) -> TokenStream {
    let strict = runtime.at(value.span(), "strict");
    let reference = reference(value);
    let span = Span::mixed_site().located_at(value.span());
    quote_spanned! { span => #strict(#reference) }
}

pub(super) fn is_variable(value: &Expr) -> bool {
    match value {
        Expr::Path(_) | Expr::Lit(_) => true,
        Expr::Field(field) => is_variable(&field.base),
        Expr::Index(index) => is_variable(&index.expr),
        Expr::Paren(paren) => is_variable(&paren.expr),
        Expr::Group(group) => is_variable(&group.expr),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)) && is_variable(&unary.expr),
        _ => false,
    }
}

fn by_type(value: &Expr, sounds_secret: bool, runtime: &Runtime) -> TokenStream {
    let (probe, reference) = (probe(sounds_secret), reference(value));
    generated! { (&#runtime::#probe(#reference)).value() }
}

/// Braces end what an expression borrows before the next value may want the same lock.
fn kept_by_type(value: &Expr, slot: &Ident, sounds_secret: bool, runtime: &Runtime) -> TokenStream {
    let (probe, reference) = (probe(sounds_secret), reference(value));
    generated! { { (&#runtime::#probe(#reference)).kept(&mut #slot) } }
}

fn probe(sounds_secret: bool) -> Ident {
    Ident::new(if sounds_secret { "Quiet" } else { "Probe" }, Span::mixed_site())
}

/// `&value`, with parentheses where they are needed.
fn reference(value: &Expr) -> ExprReference {
    let span = Span::mixed_site().located_at(value.span());
    ExprReference {
        attrs: Vec::new(),
        and_token: Token![&](span),
        mutability: None,
        expr: Box::new(value.clone()),
    }
}

fn variable(name: &Ident) -> Expr {
    Expr::Path(ExprPath { attrs: Vec::new(), qself: None, path: name.clone().into() })
}

fn literal(key: &str) -> LitStr {
    LitStr::new(key, Span::mixed_site())
}
