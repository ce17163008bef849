//! Which part of all traces is sampled, as one number that two services can compare.

use crate::id::TraceId;
use std::fmt;

/// W3C Trace Context Level 2: so many bits of a trace, or of its `rv`, are random.
const BITS: u32 = 56;
const ALL: u64 = 1 << BITS;
const DIGITS: usize = 14;

/// The random 56 bits that decide about a trace, the same ones in every service that it passes.
///
/// They are the last seven bytes of the trace id, unless whoever began the trace says otherwise in the `rv` of the
/// `ot` member of `tracestate`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Randomness(u64);

impl Randomness {
    /// There are so many: each is below this number.
    pub const ALL: u64 = ALL;

    /// That of a trace which says nothing else.
    pub fn of_trace(trace: TraceId) -> Self {
        Self(trace.halves().1 % ALL)
    }

    /// From its number; only the lower 56 bits count.
    pub const fn new(bits: u64) -> Self {
        Self(bits % ALL)
    }

    /// Reads an `rv`: exactly fourteen hexadecimal digits, lower case.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == DIGITS).then(|| hexadecimal(text)).flatten().map(Self)
    }

    /// Its number.
    pub const fn to_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:014x}", self.0)
    }
}

impl fmt::Debug for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Randomness({self})")
    }
}

/// Traces whose [`Randomness`] reaches this are sampled: OpenTelemetry's rejection threshold, the `th` of
/// the `ot` member of `tracestate`.
///
/// Because all services compare the same randomness, whoever has the higher threshold keeps a subset of what
/// the others keep. "None" is no threshold: it is not sampling.
///
/// ```
/// use traced::sampling::{Randomness, Threshold};
///
/// let quarter = Threshold::of_probability(0.25).unwrap();
/// assert_eq!(quarter.to_string(), "c");
/// assert_eq!(quarter.weight(), 4.0);
/// assert!(quarter.admits(Randomness::new(0xc0_0000_0000_0000)));
/// assert!(!quarter.admits(Randomness::new(0xbf_ffff_ffff_ffff)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Threshold(u64);

impl Threshold {
    /// Admits every trace.
    pub const EVERYTHING: Self = Self(0);

    /// That of a probability; none for zero, for what is below the least there is (2⁻⁵⁶), and for no number.
    /// What is above one is one.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between 0 and 2^56, which f64 holds to the last bit that matters"
    )]
    pub fn of_probability(probability: f64) -> Option<Self> {
        if probability.is_nan() || probability <= 0.0 {
            return None;
        }
        let admitted = (probability.min(1.0) * ALL as f64).round() as u64;
        (admitted > 0).then_some(Self(ALL - admitted))
    }

    /// From its number, below 2⁵⁶.
    pub const fn new(rejected: u64) -> Option<Self> {
        if rejected < ALL { Some(Self(rejected)) } else { None }
    }

    /// Its number: so many of 2⁵⁶ are rejected.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// Reads a `th`: one to fourteen hexadecimal digits, lower case; trailing zeros may be left out.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > DIGITS {
            return None;
        }
        Some(Self(hexadecimal(text)? << (4 * (DIGITS - text.len()))))
    }

    /// Whether a trace is sampled.
    pub const fn admits(self, randomness: Randomness) -> bool {
        randomness.0 >= self.0
    }

    /// Which part of all traces is admitted.
    #[allow(clippy::cast_precision_loss, reason = "a difference of 2^-53 is no other probability")]
    pub fn probability(self) -> f64 {
        (ALL - self.0) as f64 / ALL as f64
    }

    /// How many traces an admitted one stands for.
    pub fn weight(self) -> f64 {
        1.0 / self.probability()
    }

    /// That of this part of what is admitted; at least one trace in 2⁵⁶ is.
    #[must_use]
    pub fn thinned(self, part: f64) -> Self {
        if part >= 1.0 {
            return self;
        }
        Self::of_probability(self.probability() * part).map_or(Self(ALL - 1), |thin| thin.max(self))
    }
}

/// As a `th`: without trailing zeros, but at least one digit.
impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zeros = (self.0.trailing_zeros() as usize / 4).min(DIGITS - 1);
        let width = DIGITS - zeros;
        write!(f, "{:0width$x}", self.0 >> (4 * zeros))
    }
}

impl fmt::Debug for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Threshold({self})")
    }
}

/// Digits in lower case and nothing else; no sign, which the standard library would take.
fn hexadecimal(text: &str) -> Option<u64> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.bytes().all(is_digit).then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::random;

    #[test]
    fn a_threshold_survives_being_written() {
        for _ in 0..10_000 {
            // Also numbers with few digits, which are written short.
            let bits = random() & (u64::MAX << (random() % 57));
            let bits = bits % ALL;
            let threshold = Threshold::new(bits).unwrap();
            let text = threshold.to_string();
            assert_eq!(Threshold::parse(&text), Some(threshold), "{text}");
            assert!((1..=14).contains(&text.len()) && (text == "0" || !text.ends_with('0')));
            let randomness = Randomness::new(bits);
            assert_eq!(Randomness::parse(&randomness.to_string()), Some(randomness));
        }
    }

    #[test]
    fn the_examples_of_the_specification() {
        let th = |probability| Threshold::of_probability(probability).unwrap().to_string();
        assert_eq!(th(1.0), "0");
        assert_eq!(th(0.5), "8");
        assert_eq!(th(0.25), "c");
        assert_eq!(th(f64::from_bits(0x3c70_0000_0000_0000)), "ffffffffffffff");
        assert_eq!(Threshold::parse("c").unwrap(), Threshold::parse("c0000000000000").unwrap());
    }

    #[test]
    fn a_higher_threshold_admits_a_subset() {
        for _ in 0..10_000 {
            let [low, high] = {
                let mut two = [random() % ALL, random() % ALL].map(Threshold);
                two.sort();
                two
            };
            let randomness = Randomness::new(random());
            assert!(!high.admits(randomness) || low.admits(randomness));
            assert!(high.probability() <= low.probability());
        }
    }

    #[test]
    fn probabilities_out_of_bounds_are_none_or_all() {
        for none in [0.0, -0.0, -1.0, f64::NAN, f64::NEG_INFINITY, 1e-30, f64::MIN_POSITIVE] {
            assert_eq!(Threshold::of_probability(none), None, "{none}");
        }
        for all in [1.0, 1.5, f64::INFINITY] {
            assert_eq!(Threshold::of_probability(all), Some(Threshold::EVERYTHING), "{all}");
        }
    }

    #[test]
    fn thinning_multiplies_probabilities_and_never_admits_more() {
        let half = Threshold::of_probability(0.5).unwrap();
        assert_eq!(half.thinned(0.5), Threshold::of_probability(0.25).unwrap());
        for part in [1.0, 2.0, f64::INFINITY] {
            assert_eq!(half.thinned(part), half);
        }
        for part in [0.0, -1.0, 1e-30, f64::NAN] {
            assert_eq!(half.thinned(part), Threshold(ALL - 1), "{part}");
        }
    }

    #[test]
    fn what_is_no_number_of_hexadecimal_digits_is_refused() {
        for bad in ["", "+1", "-1", " 1", "1 ", "C", "g", "0x1", "123456789abcdef", "é", "1_0"] {
            assert_eq!(Threshold::parse(bad), None, "{bad}");
            assert_eq!(Randomness::parse(bad), None, "{bad}");
        }
        assert_eq!(Randomness::parse("0"), None);
        assert_eq!(Randomness::parse("00000000000000"), Some(Randomness(0)));
    }
}
