//! The same trees by every clock: each test in a process of its own, because the clock is the process's.

#![allow(missing_docs)]

use traced::test::{Clock, capture, force_clock};
use traced_tests::{
    assert_tree, block_on, elsewhere, in_a_process_of_its_own, leaf, open, parent_of, task, twig,
    yield_now,
};

/// What the clock of the process says is in order, on every thread.
fn assert_in_order() {
    let spans = capture(|| {
        open!(_root = "root");
        (0..1000).for_each(|_| leaf());
        block_on(task!("future", async {
            leaf();
            yield_now().await;
            twig();
        }));
        elsewhere(traced::in_current(twig));
    });
    let leaves = ["leaf"; 1000].join(" ");
    assert_tree(&spans, &format!("root({leaves} future(leaf twig) twig)"));
    for span in spans.iter() {
        assert!(span.start_unix_ns <= span.end_unix_ns);
        if let Some(parent) = parent_of(&spans, span) {
            assert!(parent.start_unix_ns <= span.start_unix_ns, "{span:?} {parent:?}");
            assert!(span.end_unix_ns <= parent.end_unix_ns, "{span:?} {parent:?}");
        }
    }
}

#[test]
fn the_clock_that_is_chosen_keeps_spans_in_order() {
    let test = "the_clock_that_is_chosen_keeps_spans_in_order";
    in_a_process_of_its_own(test, assert_in_order);
}

#[test]
fn every_clock_that_exists_keeps_spans_in_order() {
    in_a_process_of_its_own("every_clock_that_exists_keeps_spans_in_order", || {
        assert!(force_clock(Clock::Instant), "this one exists everywhere");
        for clock in [Clock::Tsc, Clock::Counter, Clock::Instant] {
            if force_clock(clock) {
                assert_in_order();
            }
        }
    });
}
