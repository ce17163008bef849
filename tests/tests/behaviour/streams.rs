//! Spans of streams: open from the first poll until the last item.

use futures_util::future::poll_fn;
use futures_util::stream::{self, Stream, StreamExt};
use std::pin::Pin;
use std::task::Poll;
use traced::test::capture;
use traced::{InSpan, span};
use traced_tests::{
    assert_tree, block_on, elsewhere, leaf, open, poll_once, task, twig, yield_now,
};

type Boxed = Pin<Box<dyn Stream<Item = u32> + Send>>;

fn three_items() -> Boxed {
    Box::pin(
        stream::iter(0..3)
            .then(|n| async move {
                leaf();
                yield_now().await;
                n
            })
            .in_span(span!("stream")),
    )
}

#[test]
fn a_stream_is_current_while_it_is_polled() {
    let spans = capture(|| {
        open!(_root = "root");
        let items = block_on(
            three_items()
                .map(|n| {
                    twig();
                    n
                })
                .collect::<Vec<_>>(),
        );
        assert_eq!(items, [0, 1, 2]);
        twig();
    });
    assert_tree(&spans, "root(stream(leaf leaf leaf) twig twig twig twig)");
    assert_eq!(spans.named("stream").attribute("traced.outcome"), None);
}

#[test]
fn a_stream_that_is_dropped_before_its_end_was_cancelled() {
    let spans = capture(|| {
        let mut items = three_items();
        assert_eq!(block_on(items.next()), Some(0));
        drop(items);
        twig();
    });
    assert_tree(&spans, "stream(leaf) twig");
    assert_eq!(spans.named("stream").attribute("traced.outcome"), Some(&"cancelled".into()));
}

#[test]
fn a_stream_that_moves_between_items_keeps_its_place() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut items = three_items();
        assert_eq!(block_on(items.next()), Some(0));
        elsewhere(|| assert_eq!(block_on(items.next()), Some(1)));
        assert_eq!(block_on(items.next()), Some(2));
        elsewhere(|| assert_eq!(block_on(items.next()), None));
        twig();
    });
    assert_tree(&spans, "root(stream(leaf leaf leaf) twig)");
}

#[test]
fn interleaved_streams_each_keep_their_own() {
    let spans = capture(|| {
        block_on(task!("root", async {
            let (mut one, mut other) = (three_items(), three_items());
            loop {
                let both = (one.next().await, other.next().await);
                if both == (None, None) {
                    break;
                }
            }
        }));
    });
    assert_tree(&spans, "root(stream(leaf leaf leaf) stream(leaf leaf leaf))");
}

#[test]
fn a_stream_that_is_never_polled_has_no_span() {
    assert_tree(&capture(|| drop(three_items())), "");
}

#[test]
fn a_stream_that_goes_on_after_its_end_may_do_so() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut answers = Box::pin(
            stream::poll_fn(|_| {
                leaf();
                Poll::Ready(None::<u32>)
            })
            .in_span(span!("stream")),
        );
        for _ in 0..2 {
            assert_eq!(
                poll_once(Box::pin(poll_fn(|cx| answers.as_mut().poll_next(cx))).as_mut()),
                Poll::Ready(None)
            );
        }
    });
    assert_tree(&spans, "root(stream(leaf) leaf)");
}
