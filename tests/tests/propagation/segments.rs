//! What came along with a request stays with it: in all tasks and threads of the segment, on each of its
//! exported spans, and in what is sent on from any of them.

use traced::propagation::{self, Baggage, Propagators};
use traced::test::capture;
use traced::{Context, Instrument, in_current, traced};

const RECEIVED: [(&str, &str); 3] = [
    ("traceparent", "00-12345678901234567890123456789012-1234567890123456-01"),
    ("tracestate", "rojo=1,congo=2"),
    ("baggage", "tenant=acme"),
];

#[traced]
fn handler(work: impl FnOnce()) {
    work();
}

#[traced]
fn inner(work: impl FnOnce()) {
    work();
}

fn sends_it_on() {
    let sent = traced::current();
    assert_eq!(sent.trace_state().as_str(), "rojo=1,congo=2");
    assert_eq!(sent.baggage().get("tenant").as_deref(), Some("acme"));
    assert_eq!(sent.trace_id().to_string(), "12345678901234567890123456789012");
}

#[test]
fn every_span_of_the_segment_is_exported_with_the_state_of_its_trace() {
    let spans = capture(|| {
        propagation::extract(&RECEIVED).in_scope(|| {
            handler(|| {
                sends_it_on();
                inner(sends_it_on);
                let elsewhere = in_current(|| inner(sends_it_on));
                std::thread::spawn(elsewhere).join().unwrap();
            });
        });
    });
    assert_eq!(spans.to_string(), "segments::handler(segments::inner segments::inner)");
    for span in spans.iter() {
        assert_eq!(span.trace_state.as_deref(), Some("rojo=1,congo=2"));
        assert_eq!(span.trace_flags, 1);
        assert!(span.attributes.is_empty(), "what came along is no attribute");
    }
    assert!(spans.named("segments::handler").parent_is_remote);
}

#[test]
fn tasks_carry_it_too() {
    #[traced]
    async fn outer() {
        tokio::task::yield_now().await;
        sends_it_on();
        let task = tokio::spawn(async { sends_it_on() }.in_current());
        let other = tokio::spawn(leaf());
        task.await.unwrap();
        other.await.unwrap();
    }
    #[traced]
    async fn leaf() {
        tokio::task::yield_now().await;
        sends_it_on();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let spans = runtime.block_on(traced::test::capture_async(async {
        outer().in_context(&propagation::extract(&RECEIVED)).await;
    }));
    assert_eq!(spans.len(), 2);
    for span in spans.iter() {
        assert_eq!(span.trace_state.as_deref(), Some("rojo=1,congo=2"));
    }
}

#[test]
fn an_ordinary_trace_has_no_state_and_a_random_id() {
    let spans = capture(|| handler(|| assert!(traced::current().is_random())));
    assert_eq!(spans[0].trace_state, None);
    assert_eq!(spans[0].trace_flags, 3);
}

#[test]
fn a_remote_context_outside_of_any_span_is_sent_on_as_it_is() {
    let caller = propagation::extract(&RECEIVED);
    let mut sent = Vec::<(String, String)>::new();
    caller.in_scope(|| propagation::inject(&mut sent));
    let sent: Vec<_> = sent.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(sent, RECEIVED);
}

#[test]
fn baggage_comes_along_without_any_trace() {
    let caller = propagation::extract(&[("baggage", "tenant=acme")]);
    assert!(caller.is_none());
    let spans = capture(|| {
        caller.in_scope(|| {
            handler(|| {
                let current = traced::current();
                assert_eq!(current.baggage().get("tenant").as_deref(), Some("acme"));
                assert!(current.is_random(), "a trace of its own");
            });
        });
    });
    assert!(!spans[0].parent_is_remote && !spans[0].parent_id.is_valid());
}

#[test]
fn baggage_can_be_added_to_what_leaves() {
    let baggage = Baggage::EMPTY.with("tenant", "acme & sons").unwrap();
    let mut sent = Vec::<(String, String)>::new();
    Propagators::default().inject(&Context::none().with_baggage(baggage), &mut sent);
    assert_eq!(sent, [("baggage".to_owned(), "tenant=acme%20&%20sons".to_owned())]);
}

#[test]
fn the_threshold_of_the_trace_is_followed_and_goes_out() {
    let received = [
        ("traceparent", "00-12345678901234567890123456f89012-1234567890123456-03"),
        ("tracestate", "rojo=1,ot=th:8;rv:f0000000000000"),
    ];
    let mut sent = String::new();
    let spans = capture(|| {
        let caller = propagation::extract(&received);
        caller.in_scope(|| handler(|| sent = traced::current().trace_state().to_string()));
    });
    assert_eq!(sent, "rojo=1,ot=th:8;rv:f0000000000000");
    assert_eq!(spans[0].trace_state.as_deref(), Some(sent.as_str()));
}
