//! What an error says of itself: its variant, its message with each field under its policy, what caused it.

use super::{Redact, walked::Walked};
use crate::segment::attribute::{REDACTED, Raw, Reader};
use crate::value::Value;
use std::fmt::{self, Display, Write};

/// Errors that caused one another, at most; text inside of text, too.
const MAX_DEPTH: usize = 16;

/// What is asked of an error by [`Redact::describe`].
pub struct Failure<'o> {
    variant: Option<&'static str>,
    /// What it is called among the causes of another.
    label: Option<&'static str>,
    is_expected: bool,
    message: Option<&'o mut dyn Write>,
    has_message: bool,
    chain: Option<&'o mut Chain>,
    depth: usize,
    written: fmt::Result,
}

impl fmt::Debug for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Failure(..)")
    }
}

impl Failure<'_> {
    fn new() -> Self {
        Self {
            variant: None,
            label: None,
            is_expected: false,
            message: None,
            has_message: false,
            chain: None,
            depth: 0,
            written: Ok(()),
        }
    }

    /// Which of the ways to fail this is; a literal of the program.
    pub fn variant(&mut self, name: &'static str) {
        (self.variant, self.label) = (Some(name), Some(name));
    }

    /// What the type is called among the causes of another; a literal of the program.
    pub fn named(&mut self, name: &'static str) {
        self.label = Some(name);
    }

    /// What is known of an error of a library, as `library:fact`; a literal of the program.
    pub fn fact(&mut self, fact: &'static str) {
        self.variant = Some(fact.split_once(':').map_or(fact, |(_, fact)| fact));
        self.label = Some(fact);
    }

    /// This is no failure: the status of the span stays unset, and its trace is not kept for it.
    pub fn expected(&mut self) {
        self.is_expected = true;
    }

    /// A literal part of the message.
    pub fn text(&mut self, text: &'static str) {
        self.write(format_args!("{text}"));
    }

    /// A value in the message.
    pub fn told(&mut self, value: Value<'_>) {
        self.has_message = true;
        if self.message.is_none() {
            return;
        }
        match value {
            Value::LeftOut => self.write(format_args!("{REDACTED}")),
            Value::Text(text) | Value::Literal(text) => self.write(format_args!("{text}")),
            Value::Display(value) => self.write(format_args!("{value}")),
            Value::Debug(value) => self.write(format_args!("{value:?}")),
            Value::I64(number) => self.write(format_args!("{number}")),
            Value::U64(number) | Value::Length(number) => self.write(format_args!("{number}")),
            Value::F64(number) => self.write(format_args!("{number}")),
            Value::Bool(is) => self.write(format_args!("{is}")),
            Value::Char(c) => self.write(format_args!("{c}")),
            value => self.write(format_args!("{}", Single(&value))),
        }
    }

    /// Another value with a policy in the message: its own message, or the one value that it tells.
    pub fn nested(&mut self, value: &dyn Redact) {
        self.has_message = true;
        let Some(message) = self.message.as_deref_mut() else { return };
        if self.depth >= MAX_DEPTH {
            self.written = self.written.and(message.write_str(REDACTED));
            return;
        }
        let mut inner = Failure::new();
        inner.depth = self.depth + 1;
        inner.message = Some(message);
        value.describe(&mut inner);
        let (has_message, written) = (inner.has_message, inner.written);
        self.written = self.written.and(written);
        if !has_message {
            self.told(Value::Walk(&value));
        }
    }

    /// What caused this error.
    pub fn source(&mut self, source: &dyn Redact) {
        let Some(chain) = self.chain.as_deref_mut() else { return };
        if self.depth >= MAX_DEPTH || chain.length >= MAX_DEPTH {
            return;
        }
        let here = chain.length;
        let mut inner = Failure::new();
        inner.depth = self.depth + 1;
        inner.chain = Some(chain);
        source.describe(&mut inner);
        if let Some(label) = inner.label {
            chain.insert(here, label);
        }
    }

    /// How many causes were told.
    pub(super) fn causes(&self) -> usize {
        self.chain.as_deref().map_or(0, |chain| chain.length)
    }

    fn write(&mut self, text: fmt::Arguments<'_>) {
        self.has_message = true;
        if let Some(message) = self.message.as_deref_mut() {
            if self.written.is_ok() {
                self.written = message.write_fmt(text);
            }
        }
    }
}

/// The one value that is told of something, as text.
struct Single<'a>(&'a Value<'a>);

impl Display for Single<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Walked::of_value(self.0).read(|words| {
            let mut reader = Reader::new(words);
            let first = reader.next().filter(|_| reader.names().is_empty());
            let (Some((_, value)), None) = (first, reader.next()) else {
                return f.write_str(REDACTED);
            };
            match value {
                Raw::I64(number) => write!(f, "{number}"),
                Raw::U64(number) => write!(f, "{number}"),
                Raw::F64(number) => write!(f, "{number}"),
                Raw::Bool(is) => write!(f, "{is}"),
                Raw::Text(text) => write!(f, "{text}"),
                _ => f.write_str(REDACTED),
            }
        })
    }
}

/// What caused an error, the nearest cause first.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    labels: [&'static str; MAX_DEPTH],
    length: usize,
}

impl Chain {
    fn insert(&mut self, at: usize, label: &'static str) {
        if self.length < MAX_DEPTH {
            self.labels.copy_within(at..self.length, at + 1);
            self.labels[at] = label;
            self.length += 1;
        }
    }

    pub(crate) fn labels(&self) -> &[&'static str] {
        &self.labels[..self.length]
    }
}

/// What was asked of an error before anything of it is recorded.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) variant: Option<&'static str>,
    pub(crate) is_expected: bool,
    pub(crate) has_message: bool,
    pub(crate) chain: Chain,
}

impl Facts {
    pub(crate) fn of(error: &dyn Redact) -> Self {
        let mut chain = Chain::default();
        let mut asked = Failure::new();
        asked.chain = Some(&mut chain);
        error.describe(&mut asked);
        let Failure { variant, is_expected, has_message, .. } = asked;
        Self { variant, is_expected, has_message, chain }
    }
}

/// The message of an error, each field under its policy.
pub(crate) struct Message<'a>(pub(crate) &'a dyn Redact);

impl Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut asked = Failure::new();
        asked.message = Some(f);
        self.0.describe(&mut asked);
        asked.written
    }
}
