//! The kinds of values that variables have, as the specification's section "configuration types" defines them.

#[cfg(feature = "otlp")]
use std::path::PathBuf;
use std::time::Duration;

/// How a value is read, and shown again.
pub(crate) struct Kind<T> {
    pub(crate) parse: fn(&str) -> Result<T, String>,
    pub(crate) show: fn(&T) -> String,
    /// Whether what was written must not be repeated.
    pub(crate) is_secret: bool,
}

/// Only `true` is true, in any case. What is neither that nor `false` is said to be false.
pub(crate) const BOOLEAN: Kind<bool> = Kind {
    parse: |text| match text {
        _ if text.eq_ignore_ascii_case("true") => Ok(true),
        _ if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err("neither true nor false".to_owned()),
    },
    show: bool::to_string,
    is_secret: false,
};

/// A whole number, zero included.
pub(crate) const COUNT: Kind<usize> = Kind {
    parse: |text| whole(text).ok_or_else(|| "not a whole number".to_owned()),
    show: usize::to_string,
    is_secret: false,
};

/// A whole number above zero.
pub(crate) const POSITIVE: Kind<usize> = Kind {
    parse: |text| {
        let number = whole(text).filter(|number| *number > 0);
        number.ok_or_else(|| "not a whole number above zero".to_owned())
    },
    show: usize::to_string,
    is_secret: false,
};

/// Milliseconds.
pub(crate) const DURATION: Kind<Duration> = Kind {
    parse: |text| milliseconds(text).ok_or_else(|| NOT_MILLISECONDS.to_owned()),
    show: |duration| duration.as_millis().to_string(),
    is_secret: false,
};

/// Milliseconds, of which zero are without end.
pub(crate) const TIMEOUT: Kind<Duration> = Kind {
    parse: |text| match milliseconds(text) {
        Some(Duration::ZERO) => Ok(WITHOUT_END),
        Some(timeout) => Ok(timeout.min(WITHOUT_END)),
        None => Err(NOT_MILLISECONDS.to_owned()),
    },
    show: |timeout| match *timeout {
        WITHOUT_END => "no timeout".to_owned(),
        _ => timeout.as_millis().to_string(),
    },
    is_secret: false,
};

/// What the specification proposes for "indefinite": 24 days.
pub(crate) const WITHOUT_END: Duration = Duration::from_millis(i32::MAX as u64);

const NOT_MILLISECONDS: &str = "not a whole number of milliseconds";

/// Bytes: a whole number and, if one likes, `KiB`, `MiB` or `GiB`.
pub(crate) const BYTES: Kind<usize> = Kind {
    parse: |text| {
        let digits_end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let scale = match text[digits_end..].trim_start() {
            "" | "B" => Some(1),
            "KiB" => Some(1 << 10),
            "MiB" => Some(1 << 20),
            "GiB" => Some(1 << 30),
            _ => None,
        };
        let bytes =
            whole(&text[..digits_end]).zip(scale).and_then(|(n, scale)| n.checked_mul(scale));
        let bytes = bytes.filter(|bytes| *bytes > 0);
        bytes.ok_or_else(|| "not a number of bytes above zero, as in 32MiB".to_owned())
    },
    show: |bytes| match *bytes {
        bytes if bytes % (1 << 20) == 0 => format!("{}MiB", bytes >> 20),
        bytes if bytes % (1 << 10) == 0 => format!("{}KiB", bytes >> 10),
        bytes => bytes.to_string(),
    },
    is_secret: false,
};

/// A share between 0 and 1.
pub(crate) const RATIO: Kind<f64> = Kind {
    parse: |text| match text.parse() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(ratio),
        _ => Err("not a number between 0 and 1".to_owned()),
    },
    show: f64::to_string,
    is_secret: false,
};

/// Any text.
pub(crate) const TEXT: Kind<String> =
    Kind { parse: |text| Ok(text.to_owned()), show: String::clone, is_secret: false };

/// A file.
#[cfg(feature = "otlp")]
pub(crate) const FILE: Kind<PathBuf> = Kind {
    parse: |text| Ok(PathBuf::from(text)),
    show: |path| path.display().to_string(),
    is_secret: false,
};

fn whole(text: &str) -> Option<usize> {
    // `parse` alone would take a plus sign.
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

fn milliseconds(text: &str) -> Option<Duration> {
    Some(Duration::from_millis(u64::try_from(whole(text)?).ok()?))
}

/// The value of a word in a table, in any case.
pub(crate) fn word<T: Copy>(text: &str, table: &[(&str, T)]) -> Option<T> {
    table.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}

/// `a`, `b` or `c`.
pub(crate) fn one_of<T>(table: &[(&str, T)]) -> String {
    one_of_names(&table.iter().map(|(name, _)| *name).collect::<Vec<_>>())
}

fn one_of_names(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => format!("not {last}"),
        Some((last, others)) => format!("not one of {} and {last}", others.join(", ")),
        None => "nothing is known".to_owned(),
    }
}

/// The parts of a list.
pub(crate) fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good<T>(kind: &Kind<T>, text: &str) -> Option<T> {
        (kind.parse)(text).ok()
    }

    #[test]
    fn booleans_know_two_words() {
        for (text, value) in [
            ("true", Some(true)),
            ("TRUE", Some(true)),
            ("True", Some(true)),
            ("false", Some(false)),
            ("FALSE", Some(false)),
            ("1", None),
            ("yes", None),
            ("on", None),
        ] {
            assert_eq!(good(&BOOLEAN, text), value, "{text}");
        }
    }

    #[test]
    fn numbers_are_whole_and_have_no_sign() {
        for (text, value) in [
            ("0", Some(0)),
            ("2147483647", Some(2_147_483_647)),
            ("007", Some(7)),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("1_000", None),
            ("99999999999999999999999", None),
            ("many", None),
        ] {
            assert_eq!(good(&COUNT, text), value, "{text}");
        }
        assert_eq!(good(&POSITIVE, "1"), Some(1));
        assert_eq!(good(&POSITIVE, "0"), None);
    }

    #[test]
    fn zero_is_a_duration_and_a_timeout_without_end() {
        assert_eq!(good(&DURATION, "0"), Some(Duration::ZERO));
        assert_eq!(good(&DURATION, "1500"), Some(Duration::from_millis(1500)));
        assert_eq!(good(&DURATION, "1500ms"), None);
        assert_eq!(good(&DURATION, "-5"), None);
        assert_eq!(good(&TIMEOUT, "0"), Some(WITHOUT_END));
        assert_eq!(good(&TIMEOUT, "10000"), Some(Duration::from_secs(10)));
        assert_eq!(good(&TIMEOUT, "soon"), None);
        assert_eq!((TIMEOUT.show)(&WITHOUT_END), "no timeout");
    }

    #[test]
    fn bytes_have_binary_units() {
        for (text, value) in [
            ("4096", Some(4096)),
            ("64KiB", Some(64 << 10)),
            ("32 MiB", Some(32 << 20)),
            ("1GiB", Some(1 << 30)),
            ("0", None),
            ("32MB", None),
            ("MiB", None),
            ("99999999999999GiB", None),
        ] {
            assert_eq!(good(&BYTES, text), value, "{text}");
        }
        assert_eq!((BYTES.show)(&(32 << 20)), "32MiB");
    }

    #[test]
    fn ratios_lie_between_zero_and_one() {
        for (text, value) in [
            ("0", Some(0.0)),
            ("0.25", Some(0.25)),
            ("1", Some(1.0)),
            ("1e-3", Some(0.001)),
            ("1.1", None),
            ("-0.1", None),
            ("NaN", None),
            ("inf", None),
            ("25%", None),
        ] {
            assert_eq!(good(&RATIO, text), value, "{text}");
        }
    }
}
