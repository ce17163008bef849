use super::{AlwaysOff, End, Head, Sampler, Start, Verdict};

/// Does what the parent did, and asks another sampler about traces that begin here.
#[derive(Debug)]
pub struct ParentBased {
    root: Box<dyn Sampler>,
    remote_sampled: Box<dyn Sampler>,
    remote_unsampled: Box<dyn Sampler>,
    local_sampled: Box<dyn Sampler>,
    local_unsampled: Box<dyn Sampler>,
}

impl ParentBased {
    /// Sampled parents are followed, unsampled ones too; `root` decides about the others.
    pub fn new(root: impl Sampler) -> Self {
        Self {
            root: Box::new(root),
            remote_sampled: Box::new(LikeParent),
            remote_unsampled: Box::new(AlwaysOff),
            local_sampled: Box::new(LikeParent),
            local_unsampled: Box::new(AlwaysOff),
        }
    }

    /// Decides about traces that another process sampled.
    #[must_use]
    pub fn remote_sampled(mut self, sampler: impl Sampler) -> Self {
        self.remote_sampled = Box::new(sampler);
        self
    }

    /// Decides about traces that another process did not sample.
    #[must_use]
    pub fn remote_unsampled(mut self, sampler: impl Sampler) -> Self {
        self.remote_unsampled = Box::new(sampler);
        self
    }

    /// Decides about local roots below a sampled span of this process.
    #[must_use]
    pub fn local_sampled(mut self, sampler: impl Sampler) -> Self {
        self.local_sampled = Box::new(sampler);
        self
    }

    /// Decides about local roots below an unsampled span of this process.
    #[must_use]
    pub fn local_unsampled(mut self, sampler: impl Sampler) -> Self {
        self.local_unsampled = Box::new(sampler);
        self
    }
}

/// Samples what the parent sampled, for the same weight.
#[derive(Debug)]
struct LikeParent;

impl Sampler for LikeParent {
    fn start(&self, root: &Start) -> Head {
        Head { threshold: root.parent.and_then(|parent| parent.threshold), ..Head::SAMPLED }
    }

    fn asks_for_routes(&self) -> bool {
        false
    }
}

impl Sampler for ParentBased {
    fn start(&self, root: &Start) -> Head {
        let sampler = match root.parent {
            None => &self.root,
            Some(parent) => match (parent.is_remote, parent.is_sampled) {
                (true, true) => &self.remote_sampled,
                (true, false) => &self.remote_unsampled,
                (false, true) => &self.local_sampled,
                (false, false) => &self.local_unsampled,
            },
        };
        sampler.start(root)
    }

    fn asks_for_routes(&self) -> bool {
        let parents = [
            &self.remote_sampled,
            &self.remote_unsampled,
            &self.local_sampled,
            &self.local_unsampled,
        ];
        self.root.asks_for_routes() || parents.iter().any(|sampler| sampler.asks_for_routes())
    }

    fn leaves_out_below(&self) -> u64 {
        self.root.leaves_out_below()
    }

    fn end(&self, root: &End) -> Verdict {
        self.root.end(root)
    }

    fn end_forced(&self, root: &End) -> Verdict {
        self.root.end_forced(root)
    }

    fn sent_more(&self, bytes: u64) {
        self.root.sent_more(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callsite::{About, Name};
    use crate::id::TraceId;
    use crate::sampling::{AlwaysOn, Threshold, TraceIdRatio};

    static PLACE: About = About::new(Name::Literal("test"), "test", "test", 0);

    /// Says who it is by the weight of what it samples.
    fn named(probability: f64) -> TraceIdRatio {
        TraceIdRatio::new(probability)
    }

    /// Five samplers that can be told apart, and which of them decides about this parent: whether it is remote,
    /// and sampled.
    fn asked(parent: Option<(bool, bool)>) -> Option<Threshold> {
        // The greatest randomness, which each of them samples.
        let start = Start::new(TraceId::from_u128(u128::MAX), &PLACE);
        let start = match parent {
            None => start,
            Some((is_remote, is_sampled)) => start.with_parent(is_remote, is_sampled),
        };
        let sampler = ParentBased::new(named(0.5))
            .remote_sampled(named(0.25))
            .remote_unsampled(named(0.125))
            .local_sampled(named(0.0625))
            .local_unsampled(named(0.03125));
        sampler.start(&start).threshold
    }

    /// Such a parent has a sampler of its own, and is followed where only that of roots is given, whatever that says.
    fn assert_row(is_remote: bool, is_sampled: bool, own: f64) {
        assert_eq!(asked(Some((is_remote, is_sampled))), Threshold::of_probability(own));
        let start = Start::new(TraceId::from_u128(1), &PLACE).with_parent(is_remote, is_sampled);
        assert_eq!(ParentBased::new(AlwaysOn).start(&start).sampled, is_sampled);
        assert_eq!(ParentBased::new(AlwaysOff).start(&start).sampled, is_sampled);
    }

    #[test]
    fn without_a_parent_the_root_sampler_decides() {
        assert_eq!(asked(None), Threshold::of_probability(0.5));
        let start = Start::new(TraceId::from_u128(1), &PLACE);
        assert!(ParentBased::new(AlwaysOn).start(&start).sampled);
        assert!(!ParentBased::new(AlwaysOff).start(&start).sampled);
    }

    #[test]
    fn a_remote_parent_that_is_sampled() {
        assert_row(true, true, 0.25);
    }

    #[test]
    fn a_remote_parent_that_is_not_sampled() {
        assert_row(true, false, 0.125);
    }

    #[test]
    fn a_local_parent_that_is_sampled() {
        assert_row(false, true, 0.0625);
    }

    #[test]
    fn a_local_parent_that_is_not_sampled() {
        assert_row(false, false, 0.03125);
    }

    #[test]
    fn a_sampled_parent_hands_its_weight_on_and_none_if_it_has_none() {
        let quarter = Threshold::of_probability(0.25).unwrap();
        let start = Start::new(TraceId::from_u128(1), &PLACE);
        let sampler = ParentBased::new(TraceIdRatio::new(1.0));
        for is_remote in [true, false] {
            let weighted = start.clone().with_parent_threshold(is_remote, quarter);
            assert_eq!(sampler.start(&weighted), Head::SAMPLED.at(quarter));
            let unknown = start.clone().with_parent(is_remote, true);
            assert_eq!(sampler.start(&unknown), Head::SAMPLED);
        }
        assert_eq!(sampler.start(&start), Head::SAMPLED.at(Threshold::EVERYTHING));
    }
}
