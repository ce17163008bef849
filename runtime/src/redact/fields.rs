//! What a policy writes to.

use super::Redact;
use crate::segment::attribute::{MAX_DEPTH, cut};
use crate::segment::prepared::Scratch;
use crate::value::Value;

/// Values inside of one recorded value; more are counted and left out.
const MAX_VALUES: usize = 64;
/// Their words; a record has room for eight times as many.
const MAX_WORDS: usize = 4 * 1024;
/// Policies that ask others without a name in between.
const MAX_UNNAMED: usize = 32;
/// Longer names are cut.
const MAX_NAME: usize = 64;

/// Where a [policy](Redact) writes down what may be told of a value.
///
/// Bounded: six levels, 64 values and 32 KiB for each value of a span. What finds no room is counted as
/// dropped attributes of the span.
pub struct Fields<'o> {
    out: &'o mut Scratch,
    /// Writes one value down. A pointer, so that whoever only declares policies does not bring along all that formats.
    push: fn(&mut Scratch, u64, &Value<'_>),
    key: u64,
    start: usize,
    depth: usize,
    unnamed: usize,
    values: usize,
    omitted: usize,
}

impl std::fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fields(..)")
    }
}

impl Fields<'_> {
    /// Everything that `value` tells, under one key.
    pub(crate) fn walk_into(out: &mut Scratch, key: u64, value: &dyn Redact) {
        let start = out.length();
        out.open(key);
        let mut fields = Fields {
            out: &mut *out,
            push: Scratch::push,
            key,
            start,
            depth: 1,
            unnamed: 0,
            values: 0,
            omitted: 0,
        };
        value.redact(&mut fields);
        let omitted = fields.omitted;
        out.close(omitted);
    }

    /// The value itself is told like this, under the name that it has where it is.
    pub fn value(&mut self, value: Value<'_>) {
        self.write(None, value);
    }

    /// A field is told like this.
    pub fn field(&mut self, name: &'static str, value: Value<'_>) {
        self.write(Some(name), value);
    }

    /// A field decides itself.
    pub fn walk(&mut self, name: &'static str, value: &(impl Redact + ?Sized)) {
        self.inside(name, |out| value.redact(out));
    }

    /// The only content of the value decides, under the name of the value.
    pub fn content(&mut self, value: &(impl Redact + ?Sized)) {
        self.unnamed(|out| value.redact(out));
    }

    /// A field that is not there, and whose type decides what hides that.
    pub fn absent<T: Redact>(&mut self, name: &'static str) {
        self.inside(name, T::absent);
    }

    /// The only content of the value is not there.
    pub fn absent_content<T: Redact>(&mut self) {
        self.unnamed(T::absent);
    }

    /// The value itself is hidden.
    pub fn marker(&mut self) {
        self.value(Value::Marker);
    }

    /// What is written in `each` is inside of an element with this number.
    pub fn element(&mut self, number: usize, each: impl FnOnce(&mut Self)) {
        let mut digits = [0; 20];
        self.inside(decimal(number, &mut digits), each);
    }

    /// What is written by `within` is inside of a field.
    pub fn inside(&mut self, name: &str, within: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH || self.is_full() {
            self.omitted += 1;
            return;
        }
        self.out.name(cut(name, MAX_NAME));
        self.out.open(self.key);
        self.depth += 1;
        within(self);
        self.depth -= 1;
        self.out.close(0);
    }

    /// What was told before.
    pub(super) fn repeat(&mut self, told: &Scratch) {
        self.omitted += self.out.extend_from(told);
    }

    fn unnamed(&mut self, within: impl FnOnce(&mut Self)) {
        if self.unnamed >= MAX_UNNAMED {
            self.omitted += 1;
            return;
        }
        self.unnamed += 1;
        within(self);
        self.unnamed -= 1;
    }

    fn write(&mut self, name: Option<&'static str>, value: Value<'_>) {
        match value {
            Value::LeftOut => return,
            Value::Walk(value) => {
                return match name {
                    Some(name) => self.inside(name, |out| value.redact(out)),
                    None => self.unnamed(|out| value.redact(out)),
                };
            }
            _ => {}
        }
        if self.is_full() {
            self.omitted += 1;
            return;
        }
        let before = self.out.length();
        if let Some(name) = name {
            self.out.name(cut(name, MAX_NAME));
        }
        (self.push)(self.out, self.key, &value);
        self.values += 1;
        if self.out.length() - self.start > MAX_WORDS {
            self.out.truncate(before);
            self.omitted += 1;
        }
    }

    fn is_full(&self) -> bool {
        self.values >= MAX_VALUES || self.out.length() - self.start >= MAX_WORDS
    }
}

fn decimal(mut number: usize, digits: &mut [u8; 20]) -> &str {
    let mut first = digits.len();
    loop {
        first -= 1;
        #[allow(clippy::cast_possible_truncation, reason = "a digit")]
        let digit = (number % 10) as u8;
        digits[first] = b'0' + digit;
        number /= 10;
        if number == 0 {
            return std::str::from_utf8(&digits[first..]).unwrap_or("0");
        }
    }
}
