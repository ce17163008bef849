//! `polls`: how a future spent its time.

use traced::data::{Attribute, Span};
use traced::test::capture;
use traced::traced;
use traced_tests::{block_on, poll_once, yield_now};

fn number(span: &Span, key: &str) -> i64 {
    match span.attribute(key) {
        Some(Attribute::I64(number)) => *number,
        other => panic!("{key}: {other:?}"),
    }
}

#[test]
fn polls_and_their_time_are_recorded() {
    #[traced(polls)]
    async fn thrice() -> Result<u8, String> {
        yield_now().await;
        yield_now().await;
        Ok(1)
    }
    let spans = capture(|| drop(block_on(thrice())));
    assert_eq!(number(&spans[0], "traced.polls"), 3);
    let spent = number(&spans[0], "traced.busy_ns") + number(&spans[0], "traced.idle_ns");
    let lasted = i64::try_from(spans[0].duration().as_nanos()).unwrap();
    assert!(spent <= lasted, "{spent} {lasted}");
}

#[test]
fn a_future_that_is_dropped_says_how_far_it_came() {
    #[traced(polls)]
    async fn never_ends() {
        loop {
            yield_now().await;
        }
    }
    let spans = capture(|| {
        let mut future = Box::pin(never_ends());
        assert!(poll_once(future.as_mut()).is_pending());
        assert!(poll_once(future.as_mut()).is_pending());
    });
    assert_eq!(number(&spans[0], "traced.polls"), 2);
}
