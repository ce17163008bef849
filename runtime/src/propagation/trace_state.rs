//! What the systems that a trace came through say about it: the list in the header `tracestate`.
//!
//! The grammar is that of W3C Trace Context Level 2: a key begins with a lower-case letter or a digit and
//! may hold any number of `@`. (Level 1, and with it two cases of the W3C's own test suite, knew only
//! `tenant@system`.) A list that breaks a rule anywhere is no list: half of one would tell its systems lies.

use crate::value::MAX_TEXT;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A list holds so many members at most.
const MAX_MEMBERS: usize = 32;
const MAX_KEY: usize = 256;
const MAX_VALUE: usize = 256;
/// What is longer loses whole members, the last ones first. The specification asks for 512 at the least.
const MAX_LENGTH: usize = MAX_TEXT;

/// The members of a `tracestate`, the one that was changed last first.
///
/// It is read strictly, kept as text, and cheap to clone.
///
/// ```
/// use traced::propagation::TraceState;
///
/// let received: TraceState = "rojo=00f067aa0ba902b7, congo=t61rcWkgMzE".parse()?;
/// assert_eq!(received.get("congo"), Some("t61rcWkgMzE"));
/// let sent = received.with("congo", "ucfJifl5GOE")?;
/// assert_eq!(sent.as_str(), "congo=ucfJifl5GOE,rojo=00f067aa0ba902b7");
/// assert!("congo=1,congo=2".parse::<TraceState>().is_err());
/// # Ok::<(), traced::propagation::Malformed>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct TraceState(Option<Arc<str>>);

impl TraceState {
    /// No members.
    pub const EMPTY: Self = Self(None);

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The list as one header, without optional spaces.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The members in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.as_str().split(',').filter_map(|member| member.split_once('='))
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(existing, _)| *existing == key).map(|(_, value)| value)
    }

    /// The list with this member first, whether it is new or changed; of 33 members the last one goes.
    pub fn with(&self, key: &str, value: &str) -> Result<Self, Malformed> {
        if !is_key(key) || !is_value(value) {
            return Err(Malformed);
        }
        let mut text = format!("{key}={value}");
        let others = self.iter().filter(|(existing, _)| *existing != key);
        for (key, value) in others.take(MAX_MEMBERS - 1) {
            append(&mut text, key, value);
        }
        Ok(Self::of_text(text))
    }

    /// The list without this member.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        if self.get(key).is_none() {
            return self.clone();
        }
        let mut text = String::new();
        for (key, value) in self.iter().filter(|(existing, _)| *existing != key) {
            append(&mut text, key, value);
        }
        Self::of_text(text)
    }

    fn parse(header: &str) -> Result<Self, Malformed> {
        let mut members: Vec<(&str, &str)> = Vec::new();
        for member in header.split(',') {
            // An empty member is what several headers leave, or who sends one.
            let member = member.trim_matches([' ', '\t']);
            if member.is_empty() {
                continue;
            }
            let (key, value) = member.split_once('=').ok_or(Malformed)?;
            let is_new = !members.iter().any(|(existing, _)| *existing == key);
            if members.len() == MAX_MEMBERS || !is_new || !is_key(key) || !is_value(value) {
                return Err(Malformed);
            }
            members.push((key, value));
        }
        let mut text = String::new();
        for (key, value) in members {
            append(&mut text, key, value);
        }
        Ok(Self::of_text(text))
    }

    /// The text as it is shared, for whoever keeps it.
    pub(crate) fn shared(&self) -> Option<Arc<str>> {
        self.0.clone()
    }

    fn of_text(text: String) -> Self {
        Self((!text.is_empty()).then(|| text.into()))
    }
}

fn append(text: &mut String, key: &str, value: &str) {
    if text.len() + key.len() + value.len() + 2 > MAX_LENGTH {
        return;
    }
    if !text.is_empty() {
        text.push(',');
    }
    text.extend([key, "=", value]);
}

fn is_key(key: &str) -> bool {
    let is_first = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_any = |byte: u8| is_first(byte) || b"_-*/@".contains(&byte);
    key.len() <= MAX_KEY && key.bytes().next().is_some_and(is_first) && key.bytes().all(is_any)
}

fn is_value(value: &str) -> bool {
    let is_any = |byte: u8| matches!(byte, 0x20..=0x7e) && byte != b',' && byte != b'=';
    let ends_well = value.bytes().last().is_some_and(|byte| byte != b' ');
    value.len() <= MAX_VALUE && ends_well && value.bytes().all(is_any)
}

impl FromStr for TraceState {
    type Err = Malformed;

    fn from_str(header: &str) -> Result<Self, Malformed> {
        Self::parse(header)
    }
}

impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceState({self})")
    }
}

/// A header, or a part of one, breaks the rules of its format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the header breaks the rules of its format")
    }
}

impl std::error::Error for Malformed {}
