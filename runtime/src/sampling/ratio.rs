use super::{Head, Randomness, Sampler, Start, Threshold};

/// Samples a share of all traces, chosen by their [randomness](super::Randomness): whoever uses the same
/// ratio chooses the same traces, and a greater ratio chooses those of a smaller one too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceIdRatio {
    threshold: Option<Threshold>,
}

impl TraceIdRatio {
    /// From 0 (none) to 1 (all); what lies outside is taken for the nearer of the two, and no number for 0.
    pub fn new(ratio: f64) -> Self {
        Self { threshold: Threshold::of_probability(ratio) }
    }
}

impl Sampler for TraceIdRatio {
    fn start(&self, root: &Start) -> Head {
        match self.threshold {
            Some(threshold) if threshold.admits(root.randomness) => Head::SAMPLED.at(threshold),
            _ => Head::OFF,
        }
    }

    fn asks_for_routes(&self) -> bool {
        false
    }

    fn leaves_out_below(&self) -> u64 {
        self.threshold.map_or(Randomness::ALL, Threshold::to_u64)
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

    #[test]
    fn what_it_leaves_out_is_what_it_does_not_sample() {
        for ratio in [-1.0, 0.0, 0.01, 0.5, 1.0] {
            let below = TraceIdRatio::new(ratio).leaves_out_below();
            for _ in 0..1000 {
                let id = TraceId::random();
                let is_left_out = Randomness::of_trace(id).to_u64() < below;
                assert_eq!(is_left_out, !sampled(ratio, id.to_u128()), "{ratio} of {id}");
            }
        }
    }

    #[test]
    fn an_explicit_randomness_decides_in_place_of_the_id() {
        let start = Start::new(TraceId::from_u128(u128::MAX), &PLACE);
        let start = start.with_randomness(Randomness::new(0));
        assert!(!TraceIdRatio::new(0.5).start(&start).sampled);
    }

    #[test]
    fn what_is_sampled_says_how_many_it_stands_for() {
        let start = Start::new(TraceId::from_u128(u128::MAX), &PLACE);
        let head = TraceIdRatio::new(0.25).start(&start);
        assert_eq!(head.threshold.unwrap().to_string(), "c", "a quarter");
    }
}
