//! What is told of the fields of a span or an event.

use crate::places::{Place, Policy};
use crate::program_text::literal;
use std::fmt::{Debug, Write};
use traced::__integration::{Bridged, Callsite, Parent, Value};
use traced::Context;
use tracing_core::field::{Field, Visit};

/// What may be told of one visit, each value at the index of its field.
pub(crate) struct Told<'p> {
    place: &'p Place,
    values: Vec<Owned>,
    /// The place under the literal that was the message.
    named: Option<&'static Callsite>,
}

#[derive(Clone)]
enum Owned {
    Nothing,
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Bool(bool),
    Text(String),
}

impl<'p> Told<'p> {
    /// Nothing yet.
    pub(crate) fn new(place: &'p Place) -> Self {
        Self { place, values: vec![Owned::Nothing; place.fields.len()], named: None }
    }

    /// Opens the span that these are the values of.
    pub(crate) fn open(&self, parent: &Parent) -> Option<(Bridged, Context)> {
        Bridged::open(self.place.site, parent, &self.values())
    }

    /// Where it belongs: the place of the message, if that is a literal.
    pub(crate) fn site(&self) -> &'static Callsite {
        self.named.unwrap_or(self.place.site)
    }

    /// Whether there is anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.iter().all(|value| matches!(value, Owned::Nothing))
    }

    /// The values, in the order of the place's keys.
    pub(crate) fn values(&self) -> Vec<Value<'_>> {
        self.values.iter().map(Owned::as_value).collect()
    }

    /// The same, and the level.
    pub(crate) fn with_level(&self) -> Vec<Value<'_>> {
        let mut values = self.values();
        values.push(Value::Literal(self.place.level));
        values
    }

    fn policy(&self, field: &Field) -> Policy {
        self.place.fields.get(field.index()).copied().unwrap_or(Policy::Nothing)
    }

    fn put(&mut self, field: &Field, value: Owned) {
        if let Some(slot) = self.values.get_mut(field.index()) {
            *slot = value;
        }
    }

    fn message(&mut self, message: &dyn Debug) {
        literal(message, |text| self.named = Some(self.place.named(text)));
    }

    fn number(&mut self, field: &Field, value: Owned) {
        if matches!(self.policy(field), Policy::Public | Policy::Number) {
            self.put(field, value);
        }
    }
}

impl Owned {
    fn as_value(&self) -> Value<'_> {
        match self {
            Self::Nothing => Value::LeftOut,
            Self::I64(number) => Value::I64(*number),
            Self::U64(number) => Value::U64(*number),
            Self::I128(number) => (*number).into(),
            Self::U128(number) => (*number).into(),
            Self::F64(number) => Value::F64(*number),
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Text(text) => Value::Text(text),
        }
    }
}

impl Visit for Told<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, Owned::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, Owned::U64(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.number(field, Owned::I128(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.number(field, Owned::U128(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field, Owned::F64(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, Owned::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match self.policy(field) {
            Policy::Public => self.put(field, Owned::Text(value.to_owned())),
            Policy::Message => self.message(&format_args!("{value}")),
            Policy::Number | Policy::Nothing => {}
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        if self.policy(field) == Policy::Public {
            self.put(field, Owned::Text(value.to_string()));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match self.policy(field) {
            Policy::Public => {
                let mut text = String::new();
                // What fails halfway is told as far as it got.
                write!(text, "{value:?}").ok();
                self.put(field, Owned::Text(text));
            }
            Policy::Message => self.message(value),
            Policy::Number | Policy::Nothing => {}
        }
    }
}
