//! W3C Baggage: values that travel with a request, for whoever wants them.
//!
//! It is passed on and never becomes an attribute by itself. A member that breaks the rules is left out, and
//! so is what exceeds the bounds; the others stay, because each speaks for itself.

use super::headers::{Headers, joined};
use super::trace_state::Malformed;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

pub(super) const BAGGAGE: &str = "baggage";

const MAX_MEMBERS: usize = 64;
const MAX_BYTES: usize = 8192;

/// Values that travel with a request.
///
/// ```
/// use traced::propagation::Baggage;
///
/// let received: Baggage = "tenant=acme%20inc;ttl=3, plan=free".parse().unwrap();
/// assert_eq!(received.get("tenant").as_deref(), Some("acme inc"));
/// let sent = received.with("plan", "paid, at last")?;
/// assert_eq!(sent.as_str(), "tenant=acme%20inc;ttl=3,plan=paid%2C%20at%20last");
/// # Ok::<(), traced::propagation::Malformed>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Baggage(Option<Arc<str>>);

impl Baggage {
    /// Nothing.
    pub const EMPTY: Self = Self(None);

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// All of it as one header.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The keys and values, decoded, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.members().map(|(key, value, _)| (key, decode(value)))
    }

    /// The value of a key, decoded.
    pub fn get(&self, key: &str) -> Option<Cow<'_, str>> {
        self.iter().find(|(existing, _)| *existing == key).map(|(_, value)| value)
    }

    /// Keys, values as they are sent, and their properties with the semicolons before them.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.as_str().split(',').filter_map(parts)
    }

    /// The same and this value, which may be any text, in the place of an earlier one of its key. A key is
    /// what HTTP calls a token.
    ///
    /// Beyond 64 values or 8192 bytes, as they are sent, there is no room.
    pub fn with(&self, key: &str, value: &str) -> Result<Self, Malformed> {
        self.with_properties(key, value, "")
    }

    pub(crate) fn with_properties(
        &self,
        key: &str,
        value: &str,
        properties: &str,
    ) -> Result<Self, Malformed> {
        let member = format!("{key}={}{properties}", encode(value));
        let added = member_of(&member).ok_or(Malformed)?;
        let mut list = List::default();
        list.extend(self.members().chain([added]));
        let text = list.write();
        if list.is_cut { Err(Malformed) } else { Ok(Self(text)) }
    }

    /// The same without this key.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        let mut list = List::default();
        list.extend(self.members().filter(|(existing, ..)| *existing != key));
        list.finish()
    }

    fn parse(header: &str) -> Self {
        let mut list = List::default();
        list.extend(header.split(',').filter_map(member_of));
        list.finish()
    }
}

pub(super) fn extract(headers: &dyn Headers) -> Option<Baggage> {
    joined(headers, BAGGAGE).map(|list| Baggage::parse(&list)).filter(|baggage| !baggage.is_empty())
}

pub(super) fn inject(baggage: &Baggage, set: &mut dyn FnMut(&'static str, &str)) {
    if !baggage.is_empty() {
        set(BAGGAGE, baggage.as_str());
    }
}

/// Members, within the bounds.
#[derive(Default)]
struct List<'m> {
    members: Vec<(&'m str, &'m str, &'m str)>,
    is_cut: bool,
}

impl<'m> List<'m> {
    fn extend(&mut self, members: impl Iterator<Item = (&'m str, &'m str, &'m str)>) {
        for member in members {
            match self.members.iter().position(|existing| existing.0 == member.0) {
                Some(at) => self.members[at] = member,
                None if self.members.len() < MAX_MEMBERS => self.members.push(member),
                None => self.is_cut = true,
            }
        }
    }

    fn finish(mut self) -> Baggage {
        Baggage(self.write())
    }

    fn write(&mut self) -> Option<Arc<str>> {
        let mut text = String::new();
        for (key, value, properties) in &self.members {
            let comma = usize::from(!text.is_empty());
            if text.len() + comma + key.len() + 1 + value.len() + properties.len() > MAX_BYTES {
                self.is_cut = true;
                continue;
            }
            text.push_str(&","[..comma]);
            text.extend([key, "=", value, properties]);
        }
        (!text.is_empty()).then(|| text.into())
    }
}

/// A member of a header, if it keeps to the rules.
fn member_of(member: &str) -> Option<(&str, &str, &str)> {
    let (key, value, properties) = parts(member.trim_matches(SPACES))?;
    let are_properties = properties.split(';').skip(1).all(is_property);
    (is_token(key) && is_value(value) && are_properties).then_some((key, value, properties))
}

const SPACES: [char; 2] = [' ', '\t'];

fn parts(member: &str) -> Option<(&str, &str, &str)> {
    let (pair, properties) = member.split_at(member.find(';').unwrap_or(member.len()));
    let (key, value) = pair.split_once('=')?;
    Some((key.trim_matches(SPACES), value.trim_matches(SPACES), properties))
}

fn is_property(property: &str) -> bool {
    let (key, value) = property.split_once('=').unwrap_or((property, ""));
    is_token(key.trim_matches(SPACES)) && is_value(value.trim_matches(SPACES))
}

fn is_token(text: &str) -> bool {
    let is_any = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_any)
}

fn is_value(text: &str) -> bool {
    text.bytes().all(is_plain)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}

fn encode(value: &str) -> Cow<'_, str> {
    let stays = |byte: u8| is_plain(byte) && byte != b'%';
    if value.bytes().all(stays) {
        return value.into();
    }
    let mut encoded = String::with_capacity(value.len() * 2);
    for byte in value.bytes() {
        if stays(byte) {
            encoded.push(byte.into());
        } else {
            let digit = |nibble: u8| char::from(b"0123456789ABCDEF"[usize::from(nibble)]);
            encoded.extend(['%', digit(byte >> 4), digit(byte & 0xf)]);
        }
    }
    encoded.into()
}

/// What is no text after decoding becomes the replacement character.
fn decode(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return value.into();
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, behind @ ..] = rest {
        let digit = |at: usize| behind.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        rest = behind;
        match (first, digit(0), digit(1)) {
            #[allow(clippy::cast_possible_truncation, reason = "two digits of sixteen")]
            (b'%', Some(high), Some(low)) => {
                bytes.push((high << 4 | low) as u8);
                rest = &behind[2..];
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
}

impl std::str::FromStr for Baggage {
    type Err = std::convert::Infallible;

    fn from_str(header: &str) -> Result<Self, Self::Err> {
        Ok(Self::parse(header))
    }
}

impl fmt::Debug for Baggage {
    /// Never the values: they are other people's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.members().map(|(key, ..)| key)).finish()
    }
}
