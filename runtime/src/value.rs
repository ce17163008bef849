//! What a place hands over to be recorded.
//!
//! Generated code builds a small array of [`Value`]s on the stack and makes one call; everything after
//! that is ordinary, non-generic code of this crate. How a value lies in a segment is `segment/attribute.rs`'s.

use crate::redact::{ClassId, Redact};
use std::fmt::{Debug, Display};

/// One value on its way into a record.
///
/// A number outside the range of OpenTelemetry's, which is that of `i64`, is recorded as decimal text.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Nothing is recorded: the value has no policy, or its place said so.
    LeftOut,
    /// A signed number.
    I64(i64),
    /// An unsigned number; above `i64::MAX` it leaves the process as decimal text.
    U64(u64),
    /// A floating-point number.
    F64(f64),
    /// True or false.
    Bool(bool),
    /// A number that is too wide for both.
    Wide(Wide),
    /// The same, with a minus in front.
    WideBelowZero(Wide),
    /// One character.
    Char(char),
    /// Text, cut at 16 KiB.
    Text(&'a str),
    /// Text that is in the program, and no data.
    Literal(&'static str),
    /// Many signed numbers.
    I64s(&'a [i64]),
    /// Many unsigned numbers.
    U64s(&'a [u64]),
    /// Many floating-point numbers.
    F64s(&'a [f64]),
    /// Many truths.
    Bools(&'a [bool]),
    /// Many texts.
    Texts(&'a [&'a str]),
    /// Whatever its `Display` writes.
    Display(&'a dyn Display),
    /// Whatever its `Debug` writes.
    Debug(&'a dyn Debug),
    /// A type with a policy of its own, which decides what is recorded.
    Walk(&'a dyn Redact),
    /// The constant that stands for whatever must not be told.
    Marker,
    /// How long something is that is itself not told.
    Length(u64),
    /// The last characters of a text that is not told.
    Tail(&'a str),
    /// What becomes a keyed hash: these bytes…
    Hash(ClassId, &'a [u8]),
    /// …or the decimal digits of a number.
    HashNumber {
        /// What keeps equal values of two classes apart.
        class: ClassId,
        /// Whether there is a minus in front.
        is_negative: bool,
        /// The number without its sign.
        magnitude: u64,
    },
}

/// The magnitude of a number of 128 bits, in words that do not ask for the alignment of one.
#[derive(Clone, Copy)]
pub struct Wide([u64; 2]);

impl Wide {
    #[allow(clippy::cast_possible_truncation, reason = "the halves of a u128")]
    const fn new(magnitude: u128) -> Self {
        Self([magnitude as u64, (magnitude >> 64) as u64])
    }

    pub(crate) fn magnitude(self) -> u128 {
        let [low, high] = self.0.map(u128::from);
        low | high << 64
    }
}

impl From<u128> for Value<'_> {
    fn from(number: u128) -> Self {
        Self::Wide(Wide::new(number))
    }
}

impl From<i128> for Value<'_> {
    fn from(number: i128) -> Self {
        let magnitude = Wide::new(number.unsigned_abs());
        if number < 0 { Self::WideBelowZero(magnitude) } else { Self::Wide(magnitude) }
    }
}

/// Longer text is cut here, at a character boundary, before it is copied.
pub(crate) const MAX_TEXT: usize = 16 * 1024;
/// Longer arrays are cut here.
pub(crate) const MAX_ELEMENTS: usize = 128;

impl Debug for Value<'_> {
    /// Never the value: what is recorded and what is logged are two decisions.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Value(..)")
    }
}

/// A number or a bool: public by nature, until `strict`.
pub trait Number {
    /// The number, ready to be recorded.
    fn number(&self) -> Value<'static>;
}

/// What `#[public]` may publish as it is: text, numbers, characters and arrays of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value that `#[public]` can publish",
    label = "neither text nor a number",
    note = "publish its `Display` by `%value` or its `Debug` by `?value`, or leave it out"
)]
pub trait Leaf {
    /// The value, ready to be recorded.
    fn leaf(&self) -> Value<'_>;
}

macro_rules! numbers {
    ($($type:ty => |$value:ident| $form:expr),* $(,)?) => {$(
        impl Number for $type {
            #[inline]
            fn number(&self) -> Value<'static> {
                let $value = *self;
                $form
            }
        }
        impl Leaf for $type {
            #[inline]
            fn leaf(&self) -> Value<'_> {
                self.number()
            }
        }
    )*};
}

numbers! {
    i8 => |n| Value::I64(n.into()),
    i16 => |n| Value::I64(n.into()),
    i32 => |n| Value::I64(n.into()),
    i64 => |n| Value::I64(n),
    isize => |n| Value::I64(n as i64),
    u8 => |n| Value::U64(n.into()),
    u16 => |n| Value::U64(n.into()),
    u32 => |n| Value::U64(n.into()),
    u64 => |n| Value::U64(n),
    usize => |n| Value::U64(n as u64),
    f32 => |n| Value::F64(n.into()),
    f64 => |n| Value::F64(n),
    bool => |b| Value::Bool(b),
    std::num::NonZeroU32 => |n| Value::U64(n.get().into()),
    std::num::NonZeroU64 => |n| Value::U64(n.get()),
    std::num::NonZeroUsize => |n| Value::U64(n.get() as u64),
}

macro_rules! wide_numbers {
    ($($type:ty),*) => {$(
        impl Number for $type {
            #[inline]
            fn number(&self) -> Value<'static> {
                i64::try_from(*self).map_or(Value::from(*self), Value::I64)
            }
        }
        impl Leaf for $type {
            #[inline]
            fn leaf(&self) -> Value<'_> {
                self.number()
            }
        }
    )*};
}

wide_numbers!(i128, u128);

macro_rules! leaves {
    ($($type:ty => |$value:ident| $form:expr),* $(,)?) => {$(
        impl Leaf for $type {
            #[inline]
            fn leaf(&self) -> Value<'_> {
                let $value = self;
                $form
            }
        }
    )*};
}

leaves! {
    str => |text| Value::Text(text),
    String => |text| Value::Text(text),
    std::borrow::Cow<'_, str> => |text| Value::Text(text),
    char => |character| Value::Char(*character),
    [i64] => |all| Value::I64s(all),
    [u64] => |all| Value::U64s(all),
    [f64] => |all| Value::F64s(all),
    [bool] => |all| Value::Bools(all),
    Vec<i64> => |all| Value::I64s(all),
    Vec<u64> => |all| Value::U64s(all),
    Vec<f64> => |all| Value::F64s(all),
    Vec<bool> => |all| Value::Bools(all),
}

impl Leaf for [&str] {
    fn leaf(&self) -> Value<'_> {
        Value::Texts(self)
    }
}

impl<T, const N: usize> Leaf for [T; N]
where
    [T]: Leaf,
{
    fn leaf(&self) -> Value<'_> {
        self.as_slice().leaf()
    }
}

macro_rules! follow_their_content {
    ($($pointer:ty),* $(,)?) => {$(
        impl<T: Number + ?Sized> Number for $pointer {
            #[inline]
            fn number(&self) -> Value<'static> {
                (**self).number()
            }
        }
        impl<T: Leaf + ?Sized> Leaf for $pointer {
            #[inline]
            fn leaf(&self) -> Value<'_> {
                (**self).leaf()
            }
        }
    )*};
}

follow_their_content!(&T, &mut T, Box<T>, std::rc::Rc<T>, std::sync::Arc<T>);

impl<T: Number> Number for Option<T> {
    #[inline]
    fn number(&self) -> Value<'static> {
        self.as_ref().map_or(Value::LeftOut, Number::number)
    }
}

impl<T: Leaf> Leaf for Option<T> {
    #[inline]
    fn leaf(&self) -> Value<'_> {
        self.as_ref().map_or(Value::LeftOut, Leaf::leaf)
    }
}

/// Text that is in the program: its author published it.
impl<'a> Value<'a> {
    /// A literal.
    pub const fn literal(text: &'static str) -> Value<'a> {
        Value::Literal(text)
    }
}

const _: () = assert!(size_of::<Value<'_>>() <= 24, "places build arrays of values on their stack");
