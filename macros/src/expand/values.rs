//! The values of a place, and the keys that they go by.
//!
//! They are built in a closure that runs only where the place is on, and borrow from the variables
//! around it. What a longer expression makes has no variable to live in, and gets one: a slot in front of
//! the call, empty until the closure runs.

use crate::model::{Argument, Field, Form, Policy, Recorded};
use crate::names::{self, Runtime, generated};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprPath, ExprReference, LitStr, Token, UnOp};

/// A value under its key, under the condition of the argument that it comes from.
struct Entry {
    conditions: Vec<Attribute>,
    key: LitStr,
    value: TokenStream,
    slot: Option<Ident>,
    asks_its_type: bool,
}

/// All values of a place, in the order of its keys.
pub(super) struct Values(Vec<Entry>);

impl Values {
    pub(super) fn of(arguments: &[Argument], fields: &[Field], runtime: &Runtime) -> Self {
        let arguments = arguments.iter().filter_map(|argument| {
            let recorded = argument.recorded.as_ref()?;
            Some(argument_entry(argument, recorded, runtime))
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
        }
        self
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `&["a", "b"]`, or nothing where there are none.
    pub(super) fn keys(&self) -> Option<TokenStream> {
        if self.0.is_empty() {
            return None;
        }
        let keys = self.0.iter().map(|Entry { conditions, key, .. }| {
            generated! { #(#conditions)* #key }
        });
        Some(generated! { &[#(#keys),*] })
    }

    /// The closure that builds them.
    pub(super) fn closure(&self, runtime: &Runtime) -> TokenStream {
        let values = self.0.iter().map(|Entry { conditions, value, .. }| {
            generated! { #(#conditions)* #value }
        });
        let array = generated! { [#(#values),*] };
        if !self.0.iter().any(|entry| entry.asks_its_type) {
            return generated! { || #array };
        }
        generated! {
            || {
                use #runtime::{Numeric as _, Policed as _, Unknown as _};
                #array
            }
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

fn argument_entry(argument: &Argument, recorded: &Recorded, runtime: &Runtime) -> Entry {
    let is_condition = |attribute: &&Attribute| attribute.path().is_ident("cfg");
    let name = variable(&argument.received_as);
    let value = match recorded.policy {
        Policy::Public => published(&name, reference(&name), runtime),
        Policy::ByType => by_type(&name, runtime),
    };
    Entry {
        conditions: argument.attrs.iter().filter(is_condition).cloned().collect(),
        key: literal(&recorded.key),
        value,
        slot: None,
        asks_its_type: recorded.policy == Policy::ByType,
    }
}

fn field_entry(position: usize, field: &Field, runtime: &Runtime) -> Entry {
    let slot = needs_slot(&field.form).then(|| names::slot(position));
    let value = match &slot {
        Some(slot) => kept_value(&field.form, slot, runtime),
        None => value(&field.form, runtime),
    };
    Entry {
        conditions: Vec::new(),
        key: literal(&field.key),
        value,
        slot,
        asks_its_type: matches!(field.form, Form::ByType(_)),
    }
}

fn value(form: &Form, runtime: &Runtime) -> TokenStream {
    match form {
        Form::Declared => generated! { #runtime::Value::LeftOut },
        Form::Literal(text) => generated! { #runtime::Value::literal(#text) },
        Form::ByType(value) => by_type(value, runtime),
        Form::Public(value) => published(value, reference(value), runtime),
        Form::Display(value) => {
            let value = reference(value);
            generated! { #runtime::Value::Display(#value) }
        }
        Form::Debug(value) => {
            let value = reference(value);
            generated! { #runtime::Value::Debug(#value) }
        }
    }
}

/// Text is kept, not the value that it is made of, which may itself borrow: `%self.lock().unwrap().name`.
fn kept_value(form: &Form, slot: &Ident, runtime: &Runtime) -> TokenStream {
    match form {
        Form::Display(made) => {
            let value = reference(made);
            let shown = generated! { #runtime::formatted(#runtime::Value::Display(#value)) };
            generated! { #runtime::Value::Text(#slot.insert(#shown)) }
        }
        Form::Debug(made) => {
            let value = reference(made);
            let shown = generated! { #runtime::formatted(#runtime::Value::Debug(#value)) };
            generated! { #runtime::Value::Text(#slot.insert(#shown)) }
        }
        Form::Public(made) => published(made, generated! { #slot.insert({ #made }) }, runtime),
        // Braces end what an expression borrows before the next value may want the same lock.
        Form::ByType(made) => {
            let value = reference(made);
            generated! { { (&#runtime::Probe(#value)).kept(&mut #slot) } }
        }
        Form::Declared | Form::Literal(_) => value(form, runtime),
    }
}

/// Whether a value is no part of a variable.
fn needs_slot(form: &Form) -> bool {
    match form {
        Form::Public(value) | Form::Display(value) | Form::Debug(value) | Form::ByType(value) => {
            !is_variable(value)
        }
        Form::Declared | Form::Literal(_) => false,
    }
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

fn by_type(value: &Expr, runtime: &Runtime) -> TokenStream {
    let reference = reference(value);
    generated! { (&#runtime::Probe(#reference)).value() }
}

/// A type that cannot be published is underlined at the value.
fn published(value: &Expr, reference: impl ToTokens, runtime: &Runtime) -> TokenStream {
    let leaf = runtime.at(value.span(), "Leaf");
    let span = Span::mixed_site().located_at(value.span());
    quote_spanned! { span => #leaf::leaf(#reference) }
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
