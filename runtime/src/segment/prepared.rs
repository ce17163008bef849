//! Values that must be prepared before their record is begun: code of the user formats or walks them, or a
//! hash is computed. What comes out is words, ready to be copied.

use crate::redact::{ClassId, Fields, cap, hash};
use crate::segment::attribute::{
    self, CLOSE, NAME, OPEN, Which, cut, done, pack, size, tag, text_words,
};
use crate::sync::{AtomicU64, Relaxed, thread_local};
use crate::value::{MAX_TEXT, Value};
use std::cell::Cell;
use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What stands for a value whose `Display`, `Debug` or policy panicked.
const PANICKED: &str = "[panicked while formatting]";
/// What stands for a value whose `Display` or `Debug` returned an error.
const FAILED: &str = "[failed while formatting]";

/// The words of all values of a record that need it, one after the other.
pub(super) struct Prepared(Option<Box<Scratch>>, Which);

/// Where values are prepared.
#[derive(Default)]
pub(crate) struct Scratch {
    /// What is being formatted.
    text: String,
    words: Vec<AtomicU64>,
    ends: Vec<usize>,
    /// Of those that nobody uses, the next one, and how many there are.
    next: Option<Box<Scratch>>,
    below: usize,
}

thread_local! {
    /// Those that nobody uses, kept so that preparing allocates nothing in steady state.
    static UNUSED: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// One huge value must not hold its memory for ever.
const MAX_KEPT_TEXT: usize = 4 * MAX_TEXT;
const MAX_KEPT_WORDS: usize = MAX_KEPT_TEXT / 8;
/// Nor must a place with many values that wait at once.
const MAX_KEPT: usize = 8;

impl Prepared {
    pub(super) const NONE: Self = Self(None, Which::NeedIt);

    #[inline(always)]
    pub(super) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    #[cold]
    pub(super) fn of(values: &[Value<'_>], which: Which) -> Self {
        let mut scratch = Scratch::unused();
        for (key, value) in (0..).zip(values).filter(|(_, value)| which.holds(value)) {
            scratch.prepare(key, value);
            scratch.ends.push(scratch.words.len());
        }
        Self(Some(scratch), which)
    }

    pub(super) fn which(&self) -> Which {
        self.1
    }

    pub(super) fn words(&self) -> usize {
        self.0.as_ref().map_or(0, |scratch| scratch.words.len())
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = &[AtomicU64]> {
        self.0.iter().flat_map(|scratch| {
            let starts = std::iter::once(0).chain(scratch.ends.iter().copied());
            starts.zip(&scratch.ends).map(|(start, end)| &scratch.words[start..*end])
        })
    }

    #[cold]
    pub(super) fn recycle(&mut self) {
        if let Some(scratch) = self.0.take() {
            scratch.keep();
        }
    }
}

impl Scratch {
    /// One that nobody uses; whoever prepares while others prepare may have to make one.
    #[allow(
        clippy::unnecessary_box_returns,
        reason = "it is kept in its box, which is not made anew"
    )]
    pub(crate) fn unused() -> Box<Self> {
        let taken = UNUSED.try_with(|unused| {
            let mut first = unused.take()?;
            unused.set(first.next.take());
            Some(first)
        });
        let mut scratch = taken.ok().flatten().unwrap_or_default();
        scratch.words.clear();
        scratch.ends.clear();
        scratch
    }

    /// Nobody uses it any more.
    pub(crate) fn keep(mut self: Box<Self>) {
        let text_fits = self.text.capacity() <= MAX_KEPT_TEXT;
        if !text_fits || self.words.capacity() > MAX_KEPT_WORDS {
            return;
        }
        let _ = UNUSED.try_with(|unused| {
            self.next = unused.take();
            self.below = self.next.as_ref().map_or(0, |next| next.below + 1);
            if self.below < MAX_KEPT {
                unused.set(Some(self));
            } else {
                unused.set(self.next.take());
            }
        });
    }

    /// The application's panic stays ours: a value that cannot be shown must not end the request.
    pub(crate) fn prepare(&mut self, key: u64, value: &Value<'_>) {
        let start = self.words.len();
        let walked = catch_unwind(AssertUnwindSafe(|| match value {
            Value::Walk(value) => Fields::walk_into(self, key, *value),
            value => self.push(key, value),
        }));
        if walked.is_err() {
            // What was told before is not trusted either.
            self.words.truncate(start);
            self.write(key, &Value::Text(PANICKED));
        }
    }

    /// Writes down a value that is in nothing else; [`Value::Walk`] is the business of [`Fields`].
    pub(crate) fn push(&mut self, key: u64, value: &Value<'_>) {
        match cap::of_process().tighten(ClassId::NONE, *value) {
            Value::Display(_) | Value::Debug(_) | Value::Wide(_) | Value::WideBelowZero(_) => {
                self.format(value);
                let text = std::mem::take(&mut self.text);
                self.write(key, &Value::Text(&text));
                self.text = text;
            }
            Value::Hash(class, bytes) => self.push_hash(key, hash::of_bytes(class, bytes)),
            Value::HashNumber { class, is_negative, magnitude } => {
                self.push_hash(key, hash::of_number(class, is_negative, magnitude));
            }
            value => self.write(key, &value),
        }
    }

    fn write(&mut self, key: u64, value: &Value<'_>) {
        let start = self.words.len();
        self.grow(size(value).unwrap_or(0));
        attribute::write(value, key, &self.words[start..]);
    }

    fn push_hash(&mut self, key: u64, hash: Option<hash::Text>) {
        let Some(hash) = hash else { return self.write(key, &Value::Marker) };
        let start = self.words.len();
        self.write(key, &Value::Text(hash.as_str()));
        if let Some(tag) = self.words.get(start) {
            tag.store(tag.load(Relaxed) | done::HASH, Relaxed);
        }
    }

    /// What follows is inside of a value.
    pub(crate) fn open(&mut self, key: u64) {
        self.words.push(AtomicU64::new(tag(OPEN, key, 0)));
    }

    /// What follows is not, any more.
    pub(crate) fn close(&mut self, omitted: usize) {
        self.words.push(AtomicU64::new(tag(CLOSE, 0, omitted)));
    }

    /// The name of the value, or of the OPEN, that comes next.
    pub(crate) fn name(&mut self, name: &str) {
        let start = self.words.len();
        self.grow(1 + text_words(name));
        self.words[start].store(tag(NAME, 0, name.len()), Relaxed);
        pack(name, &self.words[start + 1..]);
    }

    /// What another one has inside of its only value; returns how much found no room there.
    pub(crate) fn extend_from(&mut self, other: &Self) -> usize {
        let words = &other.words[..];
        let (inside, omitted) = match words {
            [open, inside @ .., close] if open.load(Relaxed) & 0xff == OPEN => {
                (inside, close.load(Relaxed) >> 32)
            }
            all => (all, 0),
        };
        self.words.extend(inside.iter().map(|word| AtomicU64::new(word.load(Relaxed))));
        usize::try_from(omitted).unwrap_or(usize::MAX)
    }

    /// The words, for whoever reads them without recording them; they stay where they are in memory.
    pub(crate) fn read<R>(&mut self, read: impl FnOnce(&[u64]) -> R) -> R {
        let words = std::mem::take(&mut self.words);
        let words: Vec<u64> = words.into_iter().map(AtomicU64::into_inner).collect();
        let result = read(&words);
        self.words = words.into_iter().map(AtomicU64::new).collect();
        result
    }

    pub(crate) fn length(&self) -> usize {
        self.words.len()
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.words.truncate(length);
    }

    fn grow(&mut self, words: usize) {
        let length = self.words.len() + words;
        self.words.resize_with(length, AtomicU64::default);
    }

    fn format(&mut self, value: &Value<'_>) {
        self.text.clear();
        let mut room = Room { text: &mut self.text, left: MAX_TEXT };
        let outcome = catch_unwind(AssertUnwindSafe(|| match value {
            Value::Display(value) => write!(room, "{value}"),
            Value::Debug(value) => write!(room, "{value:?}"),
            Value::Wide(number) => write!(room, "{}", number.magnitude()),
            Value::WideBelowZero(number) => write!(room, "-{}", number.magnitude()),
            _ => Ok(()),
        }));
        let stand_in = match outcome {
            Ok(Ok(())) => return,
            // A full room ends the formatting early; what was written by then is the value.
            Ok(Err(fmt::Error)) if self.text.len() >= MAX_TEXT - 3 => return,
            Ok(Err(fmt::Error)) => FAILED,
            Err(_panic) => PANICKED,
        };
        self.text.clear();
        self.text.push_str(stand_in);
    }
}

/// The text of one value that has to be formatted.
pub(crate) fn format(value: Value<'_>) -> String {
    if cap::is_capped() {
        // Nobody will tell what it would say.
        return attribute::REDACTED.to_owned();
    }
    let mut scratch = Scratch::default();
    scratch.format(&value);
    scratch.text
}

/// Text with a bound: what goes past it is not even formatted.
struct Room<'t> {
    text: &'t mut String,
    left: usize,
}

impl fmt::Write for Room<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let fits = cut(piece, self.left);
        self.text.push_str(fits);
        self.left -= fits.len();
        if fits.len() < piece.len() {
            self.left = 0;
            return Err(fmt::Error);
        }
        Ok(())
    }
}
