//! What is recorded of an error: its type and variant, its message under its policy, what caused it. Never text
//! that nobody declared.
//!
//! | attribute | holds |
//! |---|---|
//! | `error.type` | the type, and the variant: `shop::PayError::Declined` |
//! | `error.message` | the message that its author wrote down, each field under its policy |
//! | `error.fields…` | its fields, each under its policy |
//! | `error.chain` | what caused it, as far as it is known: `["io:ConnectionReset"]` |

use super::Redact;
use super::failure::{Facts, Message};
use crate::context::{Context, current};
use crate::note::{self, well_known};
use crate::probe::Outcome;
use crate::recorder::recorder;
use crate::redact::cap;
use crate::segment::record::flag;
use crate::segment::thread::{Hot, hot};
use crate::sync::OnceLock;
use crate::value::Value;
use std::error::Error;
use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whether a failure is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Somebody said so at the place.
    Yes,
    /// Its policy decides.
    AsDeclared,
}

/// Records an `Err` by the policy of its type.
pub trait FailByPolicy {
    /// Records it, if it is one.
    fn fail_by_type(&self, expected: Expected);
}

impl<T, E: Redact> FailByPolicy for Outcome<'_, Result<T, E>> {
    #[inline(always)]
    fn fail_by_type(&self, expected: Expected) {
        if let Err(error) = self.0 {
            fail(std::any::type_name::<E>(), Some(error), expected);
        }
    }
}

/// Records the type of an `Err` whose type has no policy.
pub trait FailByName {
    /// Records it, if it is one.
    fn fail_by_type(&self, expected: Expected);
}

impl<T, E> FailByName for &Outcome<'_, Result<T, E>> {
    #[inline(always)]
    fn fail_by_type(&self, expected: Expected) {
        if self.0.is_err() {
            fail(std::any::type_name::<E>(), None, expected);
        }
    }
}

/// Anything else cannot fail.
pub trait CannotFail: Sized {
    /// Records nothing.
    #[inline(always)]
    fn fail_by_type(self, _: Expected) {}
}

impl<T: ?Sized> CannotFail for Outcome<'_, T> {}

#[cold]
#[inline(never)]
fn fail(type_name: &'static str, error: Option<&dyn Redact>, expected: Expected) {
    if let Some(recorder) = recorder() {
        recorder.fail(type_name, error, expected);
    }
}

/// Describes the innermost span by an error, which is a failure unless it is expected.
pub(crate) fn record(type_name: &'static str, error: Option<&dyn Redact>, expected: Expected) {
    if !hot(Hot::is_recording) {
        return;
    }
    let Some(error) = error else {
        let outcome = if expected == Expected::Yes { 0 } else { flag::ERROR };
        return note::describe(outcome, &[(well_known::ERROR_TYPE, Value::Literal(type_name))]);
    };
    described(type_name, error, |facts, values| {
        let is_expected = facts.is_expected || expected == Expected::Yes;
        note::describe(if is_expected { 0 } else { flag::ERROR }, values);
    });
}

/// Asks an error for what it says, and hands over what is to be recorded.
fn described(
    type_name: &'static str,
    error: &dyn Redact,
    record: impl FnOnce(&Facts, &[(usize, Value<'_>)]),
) {
    // Policies run code of the user.
    let facts = catch_unwind(AssertUnwindSafe(|| Facts::of(error))).unwrap_or_default();
    let with_variant = Variant { type_name, name: facts.variant.unwrap_or_default() };
    let message = Message(error);
    let error_type = match facts.variant {
        Some(_) if !cap::is_capped() => Value::Display(&with_variant),
        _ => Value::Literal(type_name),
    };
    let chain = facts.chain.labels();
    let left_out = |is_told: bool, value| if is_told { value } else { Value::LeftOut };
    let values = [
        (well_known::ERROR_TYPE, error_type),
        (well_known::ERROR_MESSAGE, left_out(facts.has_message, Value::Display(&message))),
        (well_known::ERROR_FIELDS, Value::Walk(&error)),
        (well_known::ERROR_CHAIN, left_out(!chain.is_empty(), Value::Texts(chain))),
    ];
    record(&facts, &values);
}

/// `shop::PayError::Declined`.
struct Variant {
    type_name: &'static str,
    name: &'static str,
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.type_name, self.name)
    }
}

/// An error that is handled, and recorded all the same.
#[derive(Debug)]
pub struct Handled<'a, E: ?Sized>(pub &'a E);

impl<E: ?Sized> Clone for Handled<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: ?Sized> Copy for Handled<'_, E> {}

/// Records a handled error by the policy of its type.
pub trait HandledByPolicy {
    /// An event of the innermost span.
    fn record_error(&self);
}

impl<E: Redact> HandledByPolicy for Handled<'_, E> {
    fn record_error(&self) {
        if hot(Hot::is_recording) {
            described(std::any::type_name::<E>(), self.0, |_, values| note::handled(values));
        }
    }
}

/// Records the type of a handled error.
pub trait HandledByName: Sized {
    /// An event of the innermost span.
    fn record_error(self);
}

impl<E: ?Sized> HandledByName for Handled<'_, E> {
    fn record_error(self) {
        let type_name = Value::Literal(std::any::type_name::<E>());
        note::handled(&[(well_known::ERROR_TYPE, type_name)]);
    }
}

/// What the application does with an error before its text is forgotten.
type Hook = Box<dyn Fn(&dyn Error) + Send + Sync>;

static HOOK: OnceLock<Hook> = OnceLock::new();

/// Hands each error that ends a recorded span to the application, with the span that it ends: for its own log,
/// where the trace id joins the two. The first hook stays; whether this one does is returned.
///
/// The error is handed over whole, text and all: what the hook does with it is not under any policy.
pub fn on_error(hook: impl Fn(&dyn Error, &Context) + Send + Sync + 'static) -> bool {
    let with_span = move |error: &dyn Error| {
        if hot(Hot::is_recording) {
            // What the application's log does must not end the request.
            let _ = catch_unwind(AssertUnwindSafe(|| hook(error, &current())));
        }
    };
    HOOK.set(Box::new(with_span)).is_ok()
}

#[cold]
#[inline(never)]
fn hand_over(error: &dyn Error) {
    if let Some(hook) = HOOK.get() {
        hook(error);
    }
}

/// Hands an error over that is one by its type.
pub trait HandOverError {
    /// To the hook, if it is one.
    fn hand_over(&self);
}

impl<T, E: Error> HandOverError for &Outcome<'_, Result<T, E>> {
    #[inline(always)]
    fn hand_over(&self) {
        if let Err(error) = self.0 {
            hand_over(error);
        }
    }
}

/// Hands an error over that holds one which may go to other threads: a box, an `anyhow::Error`.
pub trait HandOverSent {
    /// To the hook, if it is one.
    fn hand_over(&self);
}

impl<'e, T, E> HandOverSent for &&Outcome<'_, Result<T, E>>
where
    E: Deref<Target = dyn Error + Send + Sync + 'e>,
{
    #[inline(always)]
    fn hand_over(&self) {
        if let Err(error) = self.0 {
            hand_over(&**error);
        }
    }
}

/// Hands an error over that holds one: a box.
pub trait HandOverBoxed {
    /// To the hook, if it is one.
    fn hand_over(&self);
}

impl<'e, T, E: Deref<Target = dyn Error + 'e>> HandOverBoxed for Outcome<'_, Result<T, E>> {
    #[inline(always)]
    fn hand_over(&self) {
        if let Err(error) = self.0 {
            hand_over(&**error);
        }
    }
}

/// Anything else is not handed over.
pub trait NotHandedOver: Sized {
    /// Nothing.
    #[inline(always)]
    fn hand_over(self) {}
}

impl<T: ?Sized> NotHandedOver for Outcome<'_, T> {}
