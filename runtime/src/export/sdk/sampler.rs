use crate::callsite::{About, Name};
use crate::sampling::{self, Head, Start};
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::{SamplingDecision, ShouldSample};
use std::str::FromStr;

/// A sampler that was written for the SDK. It decides at the start, and nothing is decided at the end.
///
/// It sees the trace, its parent (whose span id is made up), the name and the kind of the root; attributes come later
/// than it is asked. What it says besides its decision, attributes and a trace state, is left aside. Nobody knows how many
/// traces stand behind one that it samples.
///
/// ```
/// use opentelemetry_sdk::trace::Sampler;
/// use traced::sdk;
///
/// let builder = traced::builder().sampler(sdk::Decides::new(Sampler::TraceIdRatioBased(0.1)));
/// # let _ = builder;
/// ```
#[derive(Debug)]
pub struct Decides<S>(S);

impl<S: ShouldSample + 'static> Decides<S> {
    /// Lets it decide.
    pub fn new(sampler: S) -> Self {
        Self(sampler)
    }
}

impl<S: ShouldSample + 'static> sampling::Sampler for Decides<S> {
    fn start(&self, root: &Start) -> Head {
        let trace = TraceId::from(root.trace_id.to_u128());
        let parent = root.parent.map(|parent| {
            let flags = if parent.is_sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
            let state = TraceState::from_str(root.trace_state.as_str()).unwrap_or_default();
            let span = SpanId::from(root.randomness.to_u64() | 1);
            let parent = SpanContext::new(trace, span, flags, parent.is_remote, state);
            Context::new().with_remote_span_context(parent)
        });
        let (name, kind) = (name_of(root.place), super::convert::kind(root.place.kind));
        let result = self.0.should_sample(parent.as_ref(), trace, name, &kind, &[], &[]);
        match result.decision {
            SamplingDecision::RecordAndSample => Head::SAMPLED,
            SamplingDecision::RecordOnly => Head::UNTIL_END,
            SamplingDecision::Drop => Head::OFF,
        }
    }
}

fn name_of(place: &About) -> &'static str {
    match place.name {
        Name::Literal(name) => name,
        Name::Path(path) => path(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::Sampler as _;
    use opentelemetry_sdk::trace::Sampler;

    static PLACE: About = About::new(Name::Literal("test"), "test", "test", 0);

    fn sampled(sampler: Sampler, start: &Start) -> bool {
        Decides::new(sampler).start(start).sampled
    }

    #[test]
    fn a_sampler_of_the_sdk_decides() {
        let root = Start::new(crate::TraceId::from_u128(7), &PLACE);
        assert!(sampled(Sampler::AlwaysOn, &root));
        assert_eq!(Decides::new(Sampler::AlwaysOff).start(&root), Head::OFF);
        let parent_based = || Sampler::ParentBased(Box::new(Sampler::AlwaysOff));
        assert!(!sampled(parent_based(), &root));
        for is_remote in [true, false] {
            assert!(sampled(parent_based(), &root.clone().with_parent(is_remote, true)));
            assert!(!sampled(parent_based(), &root.clone().with_parent(is_remote, false)));
        }
    }
}
