//! Environment variables, and what is said about those that were not understood.

use super::values::Kind;
use std::fmt;

/// How variables are looked up: the environment, or a test's table.
pub(crate) type Lookup<'l> = &'l dyn Fn(&str) -> Option<String>;

/// A value, and who said it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) source: Source,
}

/// Where a value comes from. Code outweighs variables, and variables outweigh defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Default,
    Variable(&'static str),
    Code,
}

impl<T> Setting<T> {
    pub(crate) fn default_of(value: T) -> Self {
        Self { value, source: Source::Default }
    }

    /// What code says, if it says anything.
    pub(crate) fn overrule(&mut self, said: Option<T>) {
        if let Some(value) = said {
            *self = Self { value, source: Source::Code };
        }
    }

    pub(crate) fn is_default(&self) -> bool {
        self.source == Source::Default
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting { value: change(self.value), source: self.source }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::Variable(name) => name,
            Self::Code => "code",
        })
    }
}

/// A variable that was not understood, or cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warning {
    pub(crate) variable: &'static str,
    /// What it says, unless that may be a secret.
    pub(crate) value: Option<String>,
    pub(crate) problem: String,
    /// What happens instead, as a sentence without its end.
    pub(crate) instead: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.variable)?;
        if let Some(value) = &self.value {
            write!(f, "={}", quoted(value))?;
        }
        write!(f, ": {}; {}", one_line(&self.problem), one_line(&self.instead))
    }
}

/// A part of what was written, as `this`.
pub(crate) fn named(part: &str) -> String {
    const LONGEST: usize = 40;
    match part.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &part[..end]),
        None => format!("`{part}`"),
    }
}

/// What was written may be part of it.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 1000;
    let mut line = String::new();
    for character in text.chars().take(LONGEST) {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

/// In quotes, escaped, and not longer than a line bears.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The variables of a process, and the warnings about them so far.
pub(crate) struct Variables<'l> {
    lookup: Lookup<'l>,
    pub(crate) warnings: Vec<Warning>,
}

impl<'l> Variables<'l> {
    pub(crate) fn new(lookup: Lookup<'l>) -> Self {
        Self { lookup, warnings: Vec::new() }
    }

    /// What a variable says; an empty one says nothing.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = (self.lookup)(name)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// The value of the first of these variables that has a good one. About a bad one one warning is given, with
    /// what is used instead.
    pub(crate) fn read<T>(
        &mut self,
        names: &[&'static str],
        kind: &Kind<T>,
        default: T,
    ) -> Setting<T> {
        let otherwise = (kind.show)(&default);
        self.find(names, kind, &otherwise).unwrap_or(Setting::default_of(default))
    }

    /// The same where there may be no value; `otherwise` says what that means.
    pub(crate) fn find<T>(
        &mut self,
        names: &[&'static str],
        kind: &Kind<T>,
        otherwise: &str,
    ) -> Option<Setting<T>> {
        let mut found = None;
        let source = self.first_good(names, kind.is_secret, otherwise, &mut |text| {
            let value = (kind.parse)(text)?;
            Ok((kind.show)(found.insert(value)))
        });
        found.zip(source).map(|(value, source)| Setting { value, source })
    }

    /// The first of these variables whose text `accept` does not object to; it returns the value as it is shown.
    /// This is compiled once, and not for each type of a value.
    fn first_good(
        &mut self,
        names: &[&'static str],
        is_secret: bool,
        otherwise: &str,
        accept: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Option<Source> {
        let mut mistakes = Vec::new();
        let mut found = None;
        for &name in names {
            let Some(text) = self.text(name) else { continue };
            match accept(&text) {
                Ok(shown) => {
                    found = Some((Source::Variable(name), shown));
                    break;
                }
                Err(problem) => mistakes.push((name, text, problem)),
            }
        }
        for (variable, text, problem) in mistakes {
            let instead = match &found {
                Some((source, shown)) => format!("using {shown} ({source})"),
                None => format!("using {otherwise}"),
            };
            let value = (!is_secret).then_some(text);
            self.warnings.push(Warning { variable, value, problem, instead });
        }
        found.map(|(source, _)| source)
    }

    pub(crate) fn warn(
        &mut self,
        variable: &'static str,
        value: impl Into<String>,
        problem: impl Into<String>,
        instead: impl Into<String>,
    ) {
        self.warnings.push(Warning {
            variable,
            value: Some(value.into()),
            problem: problem.into(),
            instead: instead.into(),
        });
    }
}
