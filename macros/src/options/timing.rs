//! How long it took: `slow = "100ms"` and `polls`.

use super::{Options, equals, no_value};
use crate::report::here;
use proc_macro2::Ident;
use syn::LitStr;
use syn::parse::ParseStream;

const UNITS: [(&str, u64); 4] = [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];

pub(super) fn slow(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    options.slow_ns = Some(threshold(equals(key, input, "\"100ms\"")?)?);
    Ok(())
}

pub(super) fn polls(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    options.polls = true;
    options.polls_span = Some(key.span());
    no_value(key, input)
}

/// A duration as a string literal, in nanoseconds.
pub(crate) fn threshold(input: ParseStream<'_>) -> syn::Result<u64> {
    if !input.peek(LitStr) {
        return Err(here(input, "expected a duration as a string, as in \"100ms\""));
    }
    let text: LitStr = input.parse()?;
    nanoseconds(&text.value()).map_err(|found| refuse(&text, &found))
}

fn refuse(text: &LitStr, found: &str) -> syn::Error {
    let accepted = "write a whole number and one of the units ns, us, ms, s, as in \"100ms\"";
    syn::Error::new(text.span(), format!("{found}; {accepted}"))
}

fn nanoseconds(text: &str) -> Result<u64, String> {
    let digits_end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = (&text[..digits_end], text[digits_end..].trim_start());
    if number.is_empty() || unit.starts_with('.') {
        return Err(format!("`{text}` is not a duration"));
    }
    let Some((_, scale)) = UNITS.into_iter().find(|(name, _)| *name == unit) else {
        return Err(match unit {
            "" => format!("`{text}` has no unit"),
            _ => format!("unknown unit `{unit}`"),
        });
    };
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(scale)) {
        Some(0) => Err(format!("every span takes longer than `{text}`")),
        Some(nanoseconds) => Ok(nanoseconds),
        None => Err(format!("`{text}` is longer than 584 years")),
    }
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn every_unit_counts_in_nanoseconds() {
        assert_eq!(nanoseconds("7ns"), Ok(7));
        assert_eq!(nanoseconds("7us"), Ok(7_000));
        assert_eq!(nanoseconds("7 ms"), Ok(7_000_000));
        assert_eq!(nanoseconds("7s"), Ok(7_000_000_000));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for bad in ["", "ms", "100", "1.5s", "-1s", "1m", "0ms", "99999999999999999999s"] {
            assert!(nanoseconds(bad).is_err(), "{bad}");
        }
    }
}
