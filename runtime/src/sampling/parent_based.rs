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

    #[test]
    fn each_row_of_the_table() {
        let start = Start::new(TraceId::from_u128(1), &PLACE);
        let parents = [
            None,
            Some((true, true)),
            Some((true, false)),
            Some((false, true)),
            Some((false, false)),
        ];
        let decide = |sampler: &ParentBased| {
            parents.map(|parent| match parent {
                None => sampler.start(&start).sampled,
                Some((remote, sampled)) => {
                    sampler.start(&start.clone().with_parent(remote, sampled)).sampled
                }
            })
        };
        assert_eq!(decide(&ParentBased::new(AlwaysOff)), [false, true, false, true, false]);
        assert_eq!(decide(&ParentBased::new(AlwaysOn)), [true, true, false, true, false]);
        let turned = ParentBased::new(AlwaysOn)
            .remote_sampled(AlwaysOff)
            .remote_unsampled(AlwaysOn)
            .local_sampled(AlwaysOff)
            .local_unsampled(AlwaysOn);
        assert_eq!(decide(&turned), [true, false, true, false, true]);
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
