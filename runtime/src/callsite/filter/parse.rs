//! From `info,shop::db=off,shop::pay[slow>50ms]` to rules.

use super::{Loudness, Rule, segments};
use crate::callsite::Level;
use std::fmt;

const LEVELS: [(&str, Loudness); 7] = [
    ("off", Loudness::Off),
    ("error", Loudness::UpTo(Level::Error)),
    ("warn", Loudness::UpTo(Level::Warn)),
    ("info", Loudness::UpTo(Level::Info)),
    ("debug", Loudness::UpTo(Level::Debug)),
    ("trace", Loudness::UpTo(Level::Trace)),
    ("on", Loudness::UpTo(Level::Trace)),
];
const UNITS: [(&str, u64); 4] = [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];

/// A filter was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    rule: String,
    mistake: Mistake,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Mistake {
    Level(String),
    Path(String),
    Condition(String),
    Threshold(String),
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: ", self.rule)?;
        match &self.mistake {
            Mistake::Level(level) => write!(
                f,
                "unknown level `{level}`; write off, error, warn, info, debug, trace or on"
            ),
            Mistake::Path(path) => {
                write!(f, "`{path}` is no path; write one as in `shop::orders`")
            }
            Mistake::Condition(condition) => {
                write!(f, "unknown condition `{condition}`; write one as in `[slow>50ms]`")
            }
            Mistake::Threshold(threshold) => write!(
                f,
                "`{threshold}` is no duration above zero; write a whole number and one of the units ns, us, ms, s"
            ),
        }
    }
}

impl std::error::Error for FilterError {}

pub(super) fn rules(text: &str) -> Result<Vec<Rule>, FilterError> {
    let rules = text.split(',').map(str::trim).filter(|rule| !rule.is_empty());
    let read =
        |text: &str| rule(text).map_err(|mistake| FilterError { rule: text.to_owned(), mistake });
    rules.map(read).collect()
}

fn rule(text: &str) -> Result<Rule, Mistake> {
    let (place, level) = match text.split_once('=') {
        Some((place, level)) => (place.trim(), Some(level.trim())),
        None => (text, None),
    };
    let (path, condition) = match place.split_once('[') {
        Some((path, condition)) => (path.trim(), Some(condition)),
        None => (place, None),
    };
    let slow_ns = condition.map(threshold).transpose()?;
    let loudness = match level {
        Some(level) => Some(known_level(level).ok_or_else(|| Mistake::Level(level.to_owned()))?),
        None => None,
    };
    match (level, condition) {
        // One word alone is a level if it is the name of one.
        (None, None) => Ok(match known_level(path) {
            Some(loudness) => Rule { path: Vec::new(), loudness: Some(loudness), slow_ns },
            None => Rule { path: known_path(path)?, loudness: Some(ALL), slow_ns },
        }),
        (Some(_), None) if path.is_empty() => Err(Mistake::Path(String::new())),
        _ if path.is_empty() => Ok(Rule { path: Vec::new(), loudness, slow_ns }),
        _ => Ok(Rule { path: known_path(path)?, loudness, slow_ns }),
    }
}

const ALL: Loudness = Loudness::UpTo(Level::Trace);

fn known_level(text: &str) -> Option<Loudness> {
    LEVELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, level)| *level)
}

/// Types are no plain identifiers in every case (`[u8; 3]::place`), so that only what cannot be meant is refused.
fn known_path(text: &str) -> Result<Vec<String>, Mistake> {
    let path: Vec<String> = segments(text).map(str::to_owned).collect();
    let is_segment =
        |segment: &String| !segment.is_empty() && !segment.contains([':', '[', ']', '>', '=']);
    if path.iter().all(is_segment) { Ok(path) } else { Err(Mistake::Path(text.to_owned())) }
}

/// `slow>50ms]` in nanoseconds.
fn threshold(condition: &str) -> Result<u64, Mistake> {
    let unknown = || Mistake::Condition(format!("[{condition}"));
    let inside = condition.strip_suffix(']').ok_or_else(unknown)?;
    let (what, duration) = inside.split_once('>').ok_or_else(unknown)?;
    if what.trim() != "slow" {
        return Err(unknown());
    }
    let duration = duration.trim();
    nanoseconds(duration).ok_or_else(|| Mistake::Threshold(duration.to_owned()))
}

fn nanoseconds(text: &str) -> Option<u64> {
    let digits_end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = (&text[..digits_end], text[digits_end..].trim_start());
    let (_, scale) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(scale).filter(|ns| *ns > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_empty_rules_mean_nothing() {
        let spaced = rules(" info , ,shop::db = off, shop::pay [ slow > 50 ms ] = ON ,").unwrap();
        assert_eq!(spaced, rules("info,shop::db=off,shop::pay[slow>50ms]=on").unwrap());
        assert_eq!(rules("").unwrap(), []);
    }

    #[test]
    fn every_unit_counts_in_nanoseconds() {
        let units = [("7ns", 7), ("7us", 7_000), ("7 ms", 7_000_000), ("7s", 7_000_000_000)];
        for (text, ns) in units {
            assert_eq!(nanoseconds(text), Some(ns), "{text}");
        }
        for bad in ["", "ms", "100", "1.5s", "-1s", "1m", "0ms", "99999999999999999999s"] {
            assert_eq!(nanoseconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            (
                "a=loud",
                "`a=loud`: unknown level `loud`; write off, error, warn, info, debug, trace or on",
            ),
            ("info,a=", "`a=`: unknown level ``; write off, error, warn, info, debug, trace or on"),
            ("=off", "`=off`: `` is no path; write one as in `shop::orders`"),
            ("a::=off", "`a::=off`: `a::` is no path; write one as in `shop::orders`"),
            ("a:b=off", "`a:b=off`: `a:b` is no path; write one as in `shop::orders`"),
            (
                "a[fast>1s]",
                "`a[fast>1s]`: unknown condition `[fast>1s]`; write one as in `[slow>50ms]`",
            ),
            (
                "a[slow<1s]",
                "`a[slow<1s]`: unknown condition `[slow<1s]`; write one as in `[slow>50ms]`",
            ),
            (
                "a[slow>1s",
                "`a[slow>1s`: unknown condition `[slow>1s`; write one as in `[slow>50ms]`",
            ),
            (
                "a[slow>0ms]",
                "`a[slow>0ms]`: `0ms` is no duration above zero; write a whole number and one of the units ns, us, ms, s",
            ),
        ];
        for (text, message) in cases {
            assert_eq!(rules(text).unwrap_err().to_string(), message);
        }
    }
}
