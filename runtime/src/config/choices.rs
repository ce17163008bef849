//! Variables that list words of a known set, or say `none`.

use super::values::{items, one_of, word};
use super::variables::{Setting, Source, Variables, named};

/// A word, and what it stands for; `none` stands for nothing.
pub(super) type Word<T> = (&'static str, Option<T>);

/// What the variable lists, each once, or an empty list for `none`; `otherwise` where nothing of it can be used. Some of
/// what is known can be `missing` from this program, for a reason.
pub(super) fn read<T: Copy + PartialEq>(
    variables: &mut Variables<'_>,
    variable: &'static str,
    known: &[Word<T>],
    missing: impl Fn(T) -> Option<String>,
    otherwise: Setting<Vec<T>>,
) -> Setting<Vec<T>> {
    let Some(text) = variables.text(variable) else { return otherwise };
    let mut listed = Vec::new();
    let mut mistakes = Vec::new();
    let mut says_none = false;
    if items(&text).next().is_none() {
        mistakes.push("an empty list".to_owned());
    }
    for name in items(&text) {
        match word(name, known) {
            Some(None) => says_none = true,
            Some(Some(one)) => match missing(one) {
                Some(reason) => mistakes.push(reason),
                None if listed.contains(&one) => {}
                None => listed.push(one),
            },
            None => mistakes.push(format!("{} is {}", named(name), one_of(known))),
        }
    }
    if says_none && !listed.is_empty() {
        mistakes.push("`none` beside others means nothing".to_owned());
    }
    let chosen = if says_none || !listed.is_empty() {
        Setting { value: listed, source: Source::Variable(variable) }
    } else {
        otherwise
    };
    if !mistakes.is_empty() {
        let instead = format!("using {}", names(&chosen.value, known));
        variables.warn(variable, text, mistakes.join(", "), instead);
    }
    chosen
}

/// As the variable would say it.
pub(super) fn names<T: PartialEq>(listed: &[T], known: &[Word<T>]) -> String {
    let name = |one| known.iter().find(|(_, word)| word.as_ref() == one).map(|(name, _)| *name);
    match listed {
        [] => "none".to_owned(),
        _ => listed.iter().filter_map(|one| name(Some(one))).collect::<Vec<_>>().join(","),
    }
}
