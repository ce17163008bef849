//! What a program may record, as a list: each place and each type with a policy, found at link time.
//!
//! A test keeps a committed file true, so that a pull request shows each value that is newly recorded:
//!
//! ```no_run
//! # // A test of the application.
//! # #[cfg(feature = "manifest")]
//! traced::assert_manifest!("traced.manifest.json", deny(opaque));
//! ```
//!
//! The file is written when it is missing, and anew with `TRACED_BLESS=1`. `deny(implicit)` refuses values of which nobody
//! said anything, `deny(opaque)` those that somebody vouches for; `TRACED_STRICT=shop::pay` denies implicit ones in one
//! module. Fields inside of generics are listed by the names of their types as they are written; crates of the
//! workspace that the test does not link, and dynamic libraries, are not seen; nor is anything on Windows.

mod check;
mod link;
mod table;

pub use check::{Deny, check};
pub use link::Link;
pub use table::markdown;

use crate::callsite::Callsite;
use crate::value::Number;
use std::marker::PhantomData;

/// What a place or a type leaves in the program.
#[derive(Debug)]
pub struct Entry {
    what: What,
    package_dir: &'static str,
    module: &'static str,
    told: &'static [Told],
}

#[derive(Debug)]
enum What {
    Place(&'static Callsite),
    Type(&'static str),
    Ours,
}

/// What is told of one value.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Told {
    /// Its key, or the last part of it.
    pub key: &'static str,
    /// Its type, as it is written; empty for an expression.
    pub ty: &'static str,
    /// What is told: `public`, `marker`, `len`, `number`…
    pub action: &'static str,
    /// `class = "…"`.
    pub class: &'static str,
    /// `reason = "…"`.
    pub reason: &'static str,
    /// Nobody said anything about it.
    pub implicit: bool,
    /// What it tells is up to code that the compiler does not look into.
    pub opaque: bool,
}

impl Told {
    /// A value of which somebody said what is told.
    pub const fn new(key: &'static str, ty: &'static str, action: &'static str) -> Self {
        Self { key, ty, action, class: "", reason: "", implicit: false, opaque: false }
    }

    /// Of this class.
    #[must_use]
    pub const fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    /// For this reason.
    #[must_use]
    pub const fn reason(mut self, reason: &'static str) -> Self {
        self.reason = reason;
        self
    }

    /// Of which nobody said anything.
    #[must_use]
    pub const fn implicit(mut self) -> Self {
        self.implicit = true;
        self
    }

    /// Up to code.
    #[must_use]
    pub const fn opaque(mut self) -> Self {
        self.opaque = true;
        self
    }
}

impl Entry {
    /// A place.
    pub const fn place(
        site: &'static Callsite,
        package_dir: &'static str,
        module: &'static str,
        told: &'static [Told],
    ) -> Self {
        Self { what: What::Place(site), package_dir, module, told }
    }

    /// A type with a policy.
    pub const fn of_type(
        name: &'static str,
        package_dir: &'static str,
        module: &'static str,
        told: &'static [Told],
    ) -> Self {
        Self { what: What::Type(name), package_dir, module, told }
    }

    const fn ours() -> Self {
        Self { what: What::Ours, package_dir: "", module: "", told: &[] }
    }
}

/// A type that has the name of a number, or of a bool.
#[derive(Debug)]
pub struct Named<T: ?Sized>(PhantomData<T>);

/// Of the type itself: the compiler finds it before it asks the trait.
impl<T: Number + ?Sized> Named<T> {
    /// What is told of it where nobody said anything.
    pub const ACTION: &'static str = "number";
}

/// A type of the program's own may have that name.
pub trait NamedAlike {
    /// What is told of it where nobody said anything.
    const ACTION: &'static str = "by its type";
}

impl<T: ?Sized> NamedAlike for Named<T> {}

/// One value that may be recorded, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Row {
    /// The module and the name of the place, or the path of the type.
    pub place: String,
    /// Its key, or the last part of it.
    pub key: String,
    /// Its type, as it is written; empty for an expression.
    pub ty: String,
    /// What is told.
    pub action: String,
    /// `class = "…"`.
    pub class: String,
    /// `reason = "…"`.
    pub reason: String,
    /// Nobody said anything about it.
    pub implicit: bool,
    /// What it tells is up to code that the compiler does not look into.
    pub opaque: bool,
    /// The module that it is in.
    pub module: String,
}

/// All values that this program may record, sorted, of crates below a directory; all crates below `/`.
pub fn manifest_below(directory: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = link::all()
        .iter()
        .filter(|entry| std::path::Path::new(entry.package_dir).starts_with(directory))
        .flat_map(|entry| rows_of(entry))
        .collect();
    rows.sort();
    rows.dedup();
    rows
}

/// All values that this program may record, those of foreign crates too, sorted.
pub fn manifest() -> Vec<Row> {
    manifest_below("")
}

fn rows_of(entry: &Entry) -> impl Iterator<Item = Row> + '_ {
    let place = match entry.what {
        What::Place(site) => format!("{}: {}", entry.module, site.name_now()),
        What::Type(name) => format!("{}::{name}", entry.module),
        What::Ours => String::new(),
    };
    entry.told.iter().map(move |told| Row {
        place: place.clone(),
        key: told.key.into(),
        ty: tidy(told.ty),
        action: told.action.into(),
        class: told.class.into(),
        reason: told.reason.into(),
        implicit: told.implicit,
        opaque: told.opaque,
        module: entry.module.into(),
    })
}

/// Tokens are printed with spaces around them; what stays is the one between words, and one behind each comma.
fn tidy(tokens: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tidy = String::new();
    let mut rest = tokens.chars().peekable();
    while let Some(c) = rest.next() {
        let parts_words = tidy.chars().last().is_some_and(is_word)
            && rest.peek().is_some_and(|next| is_word(*next) || *next == '\'');
        if c != ' ' || parts_words {
            tidy.push(c);
        }
        if c == ',' && rest.peek().is_some() {
            tidy.push(' ');
        }
    }
    tidy
}

/// What could be said at each place where nothing was, one line for each value.
pub fn suggest() -> String {
    let rows = manifest();
    let undecided = rows.iter().filter(|row| row.implicit && row.action != "number");
    let lines = undecided.map(|row| {
        let Row { place, key, ty, .. } = row;
        let ways = if is_text(ty) {
            "#[public], #[redact], #[redact(len)], #[redact(hash)], #[redact(last = 4)] or #[skip]"
        } else {
            "#[derive(Redact)] on its type, or #[redact], #[public(display, reason = \"…\")] or #[skip] here"
        };
        format!("{place}: `{key}: {ty}` is left out unless its type has a policy; write {ways}\n")
    });
    lines.collect()
}

fn is_text(ty: &str) -> bool {
    let ty = ty.trim_start_matches('&').trim_start_matches("Option<");
    ["str", "String", "'", "Cow<", "Vec<u8>", "[u8]"].iter().any(|text| ty.starts_with(text))
}
