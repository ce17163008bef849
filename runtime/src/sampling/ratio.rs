use super::{Head, Sampler, Start};

/// Samples a share of all traces, chosen by the low bits of the trace id: whoever uses the same ratio
/// chooses the same traces, and a greater ratio chooses those of a smaller one too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceIdRatio {
    /// Traces whose 56 random bits reach this are sampled.
    threshold: u64,
}

/// W3C Trace Context Level 2: the rightmost seven bytes of a trace id are random.
const RANDOM_BITS: u32 = 56;
const ALL: u64 = 1 << RANDOM_BITS;

impl TraceIdRatio {
    /// From 0 (none) to 1 (all); what lies outside is taken for the nearer of the two, and no number for 0.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between 0 and 2^56, which f64 holds to the last bit that matters"
    )]
    pub fn new(ratio: f64) -> Self {
        let ratio = if ratio.is_nan() { 0.0 } else { ratio.clamp(0.0, 1.0) };
        let rejected = ((1.0 - ratio) * ALL as f64).round() as u64;
        Self { threshold: rejected }
    }
}

impl Sampler for TraceIdRatio {
    fn start(&self, root: &Start) -> Head {
        let (_, low) = root.trace_id.halves();
        if low % ALL >= self.threshold { Head::SAMPLED } else { Head::OFF }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callsite::{About, Name};
    use crate::id::TraceId;

    static PLACE: About = About::new(Name::Literal("test"), "test", "test", 0);

    fn sampled(ratio: f64, id: u128) -> bool {
        TraceIdRatio::new(ratio).start(&Start::new(TraceId::from_u128(id), &PLACE)).sampled
    }

    #[test]
    fn the_ends_are_none_and_all() {
        for id in [1, u128::MAX, 1 << 56, (1 << 56) - 1] {
            assert!(sampled(1.0, id) && sampled(7.0, id));
            assert!(!sampled(0.0, id) && !sampled(-1.0, id) && !sampled(f64::NAN, id));
        }
    }

    #[test]
    fn only_the_random_bits_count_and_half_is_half() {
        assert!(sampled(0.5, 1 << 55));
        assert!(!sampled(0.5, (1 << 55) - 1));
        assert!(!sampled(0.5, u128::MAX << 56));
    }

    #[test]
    fn a_greater_ratio_samples_what_a_smaller_one_does() {
        for _ in 0..1000 {
            let id = TraceId::random().to_u128();
            assert!(!sampled(0.1, id) || sampled(0.2, id));
        }
    }
}
