//! The error collector: every mistake is told at once, and none can be forgotten.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::cell::RefCell;
use std::fmt::Display;
use syn::Attribute;
use syn::parse::ParseStream;

/// Mistakes found so far. It must be finished, even where nothing was found.
pub(crate) struct Report {
    /// `None` after [`Report::finish`].
    errors: RefCell<Option<Vec<syn::Error>>>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { errors: RefCell::new(Some(Vec::new())) }
    }

    /// Underlines `span`.
    pub(crate) fn error(&self, span: Span, message: impl Display) {
        self.add(syn::Error::new(span, message));
    }

    pub(crate) fn add(&self, error: syn::Error) {
        if let Some(errors) = self.errors.borrow_mut().as_mut() {
            errors.push(error);
        }
    }

    /// The errors as tokens, or nothing where there are none.
    pub(crate) fn finish(self) -> Option<TokenStream> {
        self.finish_under(&[])
    }

    /// The same, each under the conditions of the code that it is about.
    pub(crate) fn finish_under(self, conditions: &[Attribute]) -> Option<TokenStream> {
        let errors = self.errors.borrow_mut().take().unwrap_or_default();
        let each = errors.into_iter().flatten().map(|error| {
            let error = error.into_compile_error();
            quote! { #(#conditions)* #error }
        });
        let all: TokenStream = each.collect();
        (!all.is_empty()).then_some(all)
    }

    /// The errors as one, for another report.
    pub(crate) fn into_error(self) -> Option<syn::Error> {
        let errors = self.errors.borrow_mut().take().unwrap_or_default();
        errors.into_iter().reduce(|mut all, next| {
            all.combine(next);
            all
        })
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        let finished = self.errors.get_mut().is_none() || std::thread::panicking();
        assert!(finished, "a report was dropped before it was finished");
    }
}

/// A mistake at the next token; at the end of the input, where the macro was written.
pub(crate) fn here(input: ParseStream<'_>, message: impl Display) -> syn::Error {
    syn::Error::new(input.span(), message)
}

/// The candidate that is closest to what was written, if any is close.
pub(crate) fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let letters = written.chars().count();
    let tolerance = (letters / 3).max(1).min(letters.saturating_sub(1));
    candidates
        .into_iter()
        .map(|candidate| (distance(written, candidate), candidate))
        .filter(|(distance, _)| *distance <= tolerance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be changed, added, removed, or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
