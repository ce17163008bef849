//! How much may go out, and how people write that down: `200/s,2MiB/s`.

use std::fmt;
use std::str::FromStr;

/// How much a process may send in a second.
///
/// ```
/// use traced::sampling::Budget;
///
/// let budget: Budget = "200/s,2MiB/s".parse().unwrap();
/// assert_eq!(budget, Budget { traces_per_second: 200.0, bytes_per_second: 2_097_152.0 });
/// // What is not said stays as it is by default.
/// assert_eq!("200/s".parse::<Budget>().unwrap().bytes_per_second, 1_048_576.0);
/// assert!("200/m".parse::<Budget>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(clippy::exhaustive_structs, reason = "two numbers that belong together")]
pub struct Budget {
    /// Traces, as far as they run in this process.
    pub traces_per_second: f64,
    /// Bytes, before they are compressed.
    pub bytes_per_second: f64,
}

/// 100 traces and 1 MiB a second.
impl Default for Budget {
    fn default() -> Self {
        Self { traces_per_second: 100.0, bytes_per_second: 1_048_576.0 }
    }
}

/// A budget was not understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BudgetError {
    part: String,
    problem: &'static str,
}

impl fmt::Display for BudgetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}; write for example `200/s,2MiB/s`", self.part, self.problem)
    }
}

impl std::error::Error for BudgetError {}

const UNITS: [(&str, f64); 7] = [
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("B", 1.0),
];

impl FromStr for Budget {
    type Err = BudgetError;

    fn from_str(text: &str) -> Result<Self, BudgetError> {
        let mut budget = Self::default();
        let (mut has_traces, mut has_bytes) = (false, false);
        for part in text.split(',').map(str::trim) {
            let wrong = |problem| BudgetError { part: part.to_owned(), problem };
            let amount =
                part.strip_suffix("/s").ok_or_else(|| wrong("is not an amount per second"))?;
            let amount = amount.trim_end();
            let unit = UNITS
                .iter()
                .find_map(|(name, size)| amount.strip_suffix(name).map(|number| (number, *size)));
            let (number, size) = unit.unwrap_or((amount, 1.0));
            let number =
                number_of(number.trim()).ok_or_else(|| wrong("is not a positive number"))?;
            let (value, seen) = match unit {
                Some(_) => (&mut budget.bytes_per_second, &mut has_bytes),
                None => (&mut budget.traces_per_second, &mut has_traces),
            };
            if std::mem::replace(seen, true) {
                return Err(wrong("says again what was said before"));
            }
            *value = number * size;
        }
        Ok(budget)
    }
}

/// Digits with at most one point: what else the standard library takes for a number is a mistake here.
fn number_of(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = text.parse::<f64>().ok().filter(|_| is_plain)?;
    (number.is_finite() && number > 0.0).then_some(number)
}

/// As it is parsed.
impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes_per_second;
        let is_whole = |unit: f64| bytes >= unit && (bytes / unit).fract() == 0.0;
        let (unit, size) = match () {
            () if is_whole(UNITS[1].1) => UNITS[1],
            () if is_whole(UNITS[0].1) => UNITS[0],
            () => UNITS[6],
        };
        write!(f, "{}/s,{}{unit}/s", self.traces_per_second, bytes / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_and_every_order() {
        let bytes = |text: &str| text.parse::<Budget>().unwrap().bytes_per_second;
        for (text, expected) in [
            ("1B/s", 1.0),
            ("2kB/s", 2e3),
            ("2KiB/s", 2048.0),
            (" 1.5 MiB /s", 1.5 * 1_048_576.0),
            ("3MB/s, 7/s", 3e6),
            ("7/s,1GiB/s", 1_073_741_824.0),
            ("1GB/s", 1e9),
        ] {
            assert!((bytes(text) - expected).abs() < 1e-6, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for text in ["100/s,1MiB/s", "0.5/s,10KiB/s", "7/s,1500B/s"] {
            assert_eq!(text.parse::<Budget>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (text, problem) in [
            ("", "`` is not an amount per second"),
            ("200", "`200` is not an amount per second"),
            ("200/s,,", "`` is not an amount per second"),
            ("200/m", "`200/m` is not an amount per second"),
            ("-1/s", "`-1/s` is not a positive number"),
            ("0/s", "`0/s` is not a positive number"),
            ("inf/s", "`inf/s` is not a positive number"),
            ("1e3/s", "`1e3/s` is not a positive number"),
            ("1..2/s", "`1..2/s` is not a positive number"),
            ("2XiB/s", "`2XiB/s` is not a positive number"),
            ("200/s,300/s", "`300/s` says again what was said before"),
        ] {
            let error = text.parse::<Budget>().unwrap_err().to_string();
            assert_eq!(error, format!("{problem}; write for example `200/s,2MiB/s`"));
        }
    }
}
