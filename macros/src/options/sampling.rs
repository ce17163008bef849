//! How many spans of a place are recorded: `sample = 0.01`, `limit = "100/s"`, `uncompressed`.

use super::{Options, equals, no_value};
use crate::report::here;
use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Expr, ExprLit, Lit, LitStr};

/// Seconds in each period that a limit may be for.
const PERIODS: [(&str, f64); 3] = [("s", 1.0), ("min", 60.0), ("h", 3600.0)];

pub(super) fn sample(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    let part: Expr = equals(key, input, "0.01")?.parse()?;
    options.sample = Some(probability(part)?);
    Ok(())
}

/// A number, or the path of a constant.
fn probability(part: Expr) -> syn::Result<Expr> {
    let number = match &part {
        Expr::Path(_) => return Ok(part),
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => number.base10_parse::<f64>()?,
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse::<f64>()?,
        _ => -1.0,
    };
    if !(0.0..=1.0).contains(&number) {
        let message =
            "`sample` is a number from 0.0 (none) to 1.0 (all), or the path of a constant";
        return Err(syn::Error::new_spanned(part, message));
    }
    // `sample = 1` means the same as `sample = 1.0`.
    Ok(syn::parse_quote!(#number))
}

pub(super) fn limit(options: &mut Options, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    let input = equals(key, input, "\"100/s\"")?;
    if !input.peek(LitStr) {
        return Err(here(input, "expected a rate as a string, as in \"100/s\""));
    }
    let text: LitStr = input.parse()?;
    options.limit_per_second = Some(per_second(&text.value()).map_err(|found| {
        let accepted =
            "write a whole number, `/`, and one of the periods s, min, h, as in \"100/s\"";
        syn::Error::new(text.span(), format!("{found}; {accepted}"))
    })?);
    Ok(())
}

fn per_second(text: &str) -> Result<f64, String> {
    let Some((number, period)) = text.split_once('/') else {
        return Err(format!("`{text}` has no period"));
    };
    let Ok(number) = number.trim().parse::<u32>() else {
        return Err(format!("`{}` is not a whole number", number.trim()));
    };
    let period = period.trim();
    let Some((_, seconds)) = PERIODS.into_iter().find(|(name, _)| *name == period) else {
        return Err(format!("unknown period `{period}`"));
    };
    if number == 0 {
        return Err(format!("`{text}` records nothing"));
    }
    Ok(f64::from(number) / seconds)
}

pub(super) fn uncompressed(
    options: &mut Options,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    options.uncompressed = true;
    no_value(key, input)
}

#[cfg(test)]
mod tests {
    use super::per_second;

    #[test]
    #[allow(clippy::float_cmp, reason = "exact quotients")]
    fn every_period_counts_in_seconds() {
        assert_eq!(per_second("100/s"), Ok(100.0));
        assert_eq!(per_second("90 / min"), Ok(1.5));
        assert_eq!(per_second("1800/h"), Ok(0.5));
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for bad in ["", "100", "/s", "0/s", "-1/s", "1.5/s", "1/d", "1/", "99999999999/s"] {
            assert!(per_second(bad).is_err(), "{bad}");
        }
    }
}
