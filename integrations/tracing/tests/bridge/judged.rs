//! A trace is judged whole, whoever opened its outermost span.

use crate::{Bridge, Registry, SubscriberExt};
use traced::sampling::{AlwaysOff, End, Head, Sampler, Start, Verdict};
use traced::span;
use traced::test::{Capturing, Spans};
use tracing::{error, info_span};

/// Keeps what failed.
#[derive(Debug)]
struct Failures;

impl Sampler for Failures {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, root: &End) -> Verdict {
        if root.has_error() { Verdict::Keep } else { Verdict::Drop }
    }
}

fn judged_by(sampler: impl Sampler, work: impl FnOnce()) -> Spans {
    let subscriber = Registry::default().with(Bridge::new());
    tracing::subscriber::with_default(subscriber, || Capturing::new().sampler(sampler).run(work))
}

fn request(fails: bool) {
    info_span!("request").in_scope(|| {
        span!("ours").in_scope(|| {
            info_span!("query").in_scope(|| {
                if fails {
                    error!("the disk is full");
                }
            });
        });
    });
}

#[test]
fn an_error_deep_inside_keeps_all_of_a_trace_that_tracing_began() {
    let spans = judged_by(Failures, || {
        request(false);
        request(true);
        request(false);
    });
    assert_eq!(spans.to_string(), "request(ours(query))");
    assert_eq!(spans.stats().created, 9);
}

#[test]
fn a_trace_that_is_not_sampled_is_in_headers_and_nowhere_else() {
    let mut headers = Vec::<(String, String)>::new();
    let spans = judged_by(AlwaysOff, || {
        info_span!("request").in_scope(|| {
            span!("ours").in_scope(|| traced::propagation::inject(&mut headers));
        });
    });
    assert!(spans.is_empty());
    assert!(headers[0].1.ends_with("-00") || headers[0].1.ends_with("-02"), "{headers:?}");
}

#[test]
fn a_caller_from_elsewhere_is_the_parent_of_a_span_of_tracing() {
    let received = [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
    let caller = traced::propagation::extract(&received);
    let spans = crate::bridged(|| caller.in_scope(|| request(false)));
    let root = spans.named("request");
    assert_eq!(root.parent_id.to_string(), "b7ad6b7169203331");
    assert!(root.parent_is_remote);
    assert!(
        spans.iter().all(|span| span.trace_id.to_string() == "0af7651916cd43dd8448eb211c80319c")
    );
}
