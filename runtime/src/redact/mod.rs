//! Policies: what of a value may be told.
//!
//! A type says it once, by [`Redact`], which is mostly derived; a place can only tell less. The trait is asked
//! with a writer, [`Fields`], so that a type decides field by field and names are joined with dots when the
//! record is read. Everything here runs only where a span is recorded, on the thread that records it,
//! allocates nothing in steady state, and contains panics of the user's code.

pub(crate) mod absent;
pub(crate) mod cap;
pub(crate) mod class;
mod debug;
pub(crate) mod error;
pub(crate) mod failure;
mod fields;
pub(crate) mod hash;
mod known;
mod leaves;
pub(crate) mod masks;
pub(crate) mod publish;
pub(crate) mod walked;
mod wrappers;

pub use crate::export::capped::Capped;
pub use crate::value::{Leaf, Value};
pub use cap::{Cap, Caps, cap, cap_class};
pub use class::{Class, ClassId};
#[cfg(test)]
use debug::debugged;
pub use debug::safe_debug;
pub use error::on_error;
pub use failure::Failure;
pub use fields::Fields;
pub use hash::{KeyError, set_key};
pub use known::register_error;
pub use leaves::{SqlText, UrlPath};
pub use masks::{Hashed, Measured, Text};

/// A type that says itself what of it may be told.
///
/// Mostly derived:
///
/// ```
/// use traced::{Redact, traced};
///
/// #[derive(Redact)]
/// struct Card {
///     #[redact(last = 4)]
///     number: String,
///     #[redact]
///     cvv: String,
///     #[public]
///     brand: String,
/// }
///
/// #[traced("charge")]
/// fn charge(card: &Card) {}
///
/// # #[cfg(not(feature = "off"))] {
/// let card = Card { number: "4242424242424242".into(), cvv: "123".into(), brand: "visa".into() };
/// let spans = traced::test::capture(|| charge(&card));
/// let span = spans.named("charge");
/// assert_eq!(span.attribute("card.number"), Some(&"…4242".into()));
/// assert_eq!(span.attribute("card.cvv"), Some(&"[redacted]".into()));
/// assert_eq!(span.attribute("card.brand"), Some(&"visa".into()));
/// # }
/// ```
///
/// By hand, where a type knows better than its fields:
///
/// ```
/// use traced::Redact;
/// use traced::redact::{Fields, Value};
///
/// struct Point { lat: f64, lng: f64 }
///
/// impl Redact for Point {
///     fn redact(&self, out: &mut Fields<'_>) {
///         // A tenth of a degree, which is a city.
///         out.field("lat", Value::F64((self.lat * 10.0).round() / 10.0));
///         out.field("lng", Value::F64((self.lng * 10.0).round() / 10.0));
///     }
/// }
/// ```
///
/// Numbers and text do not implement it, because the compiler cannot tell a name from a password.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no declared privacy policy, so `#[traced]` will not record it",
    label = "undecided",
    note = "a type of yours: `#[derive(traced::Redact)]` and decide each of its fields",
    note = "this value alone: `#[public]`, `#[redact]`, `#[redact(len)]`, `#[redact(hash)]`, `#[redact(last = 4)]` or `#[skip]`",
    note = "a foreign type: `#[public(display, reason = \"…\")]`, `#[public(debug, reason = \"…\")]` or `#[public(with = f, reason = \"…\")]`",
    note = "text and bytes never have a default, because the compiler cannot tell a name from a password"
)]
pub trait Redact {
    /// Writes down what may be told.
    fn redact(&self, out: &mut Fields<'_>);

    /// Writes down what hides that there is no value: whatever [`redact`](Self::redact) hides of one.
    ///
    /// `Option` asks for it, so that `None` differs from `Some` in public fields alone.
    fn absent(out: &mut Fields<'_>)
    where
        Self: Sized,
    {
        out.marker();
    }

    /// What an error says of itself; anything else says nothing.
    fn describe(&self, _: &mut Failure<'_>) {}
}
