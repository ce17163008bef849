//! The values of a place, and the keys that they go by.
//!
//! Values are handed over inside of the closure that builds them, because most of them borrow from
//! temporaries.

use crate::model::{Argument, Field, Form, Policy, Recorded};
use crate::names::{self, Runtime, generated};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprPath, ExprReference, LitStr, Token};

/// A value under its key, under the condition of the argument that it comes from.
struct Entry {
    conditions: Vec<Attribute>,
    key: LitStr,
    value: TokenStream,
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
        let fields = fields.iter().map(|field| field_entry(field, runtime));
        Self(arguments.chain(fields).collect())
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

    /// The closure that hands them over.
    pub(super) fn closure(&self, runtime: &Runtime) -> TokenStream {
        if self.0.is_empty() {
            return generated! { |_| {} };
        }
        let put = self.put();
        if !self.0.iter().any(|entry| entry.asks_its_type) {
            let values = names::values();
            return generated! { |#values| #put };
        }
        let values = names::values();
        generated! {
            |#values| {
                use #runtime::{Numeric as _, Unknown as _};
                #put
            }
        }
    }

    fn put(&self) -> TokenStream {
        let values = names::values();
        let entries = self.0.iter().map(|Entry { conditions, value, .. }| {
            generated! { #(#conditions)* #value }
        });
        generated! { #values.put(&[#(#entries),*]) }
    }
}

fn argument_entry(argument: &Argument, recorded: &Recorded, runtime: &Runtime) -> Entry {
    let is_condition = |attribute: &&Attribute| attribute.path().is_ident("cfg");
    let name = variable(&argument.received_as);
    let value = match recorded.policy {
        Policy::Public => published(&name, runtime),
        Policy::ByType => by_type(&name, runtime),
    };
    Entry {
        conditions: argument.attrs.iter().filter(is_condition).cloned().collect(),
        key: literal(&recorded.key),
        value,
        asks_its_type: recorded.policy == Policy::ByType,
    }
}

fn field_entry(field: &Field, runtime: &Runtime) -> Entry {
    Entry {
        conditions: Vec::new(),
        key: literal(&field.key),
        value: field_value(&field.form, runtime),
        asks_its_type: matches!(field.form, Form::ByType(_)),
    }
}

fn field_value(form: &Form, runtime: &Runtime) -> TokenStream {
    match form {
        Form::Declared => generated! { #runtime::Value::LeftOut },
        Form::Literal(text) => generated! { #runtime::Value::literal(#text) },
        Form::ByType(value) => by_type(value, runtime),
        Form::Public(value) => published(value, runtime),
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

fn by_type(value: &Expr, runtime: &Runtime) -> TokenStream {
    let value = reference(value);
    generated! { (&#runtime::Probe(#value)).value() }
}

/// A type that cannot be published is underlined at the value.
fn published(value: &Expr, runtime: &Runtime) -> TokenStream {
    let leaf = runtime.at(value.span(), "Leaf");
    let span = Span::mixed_site().located_at(value.span());
    let value = reference(value);
    quote_spanned! { span => #leaf::leaf(#value) }
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
