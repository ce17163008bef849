//! The tool that these tests use, which others use for theirs.

use std::sync::Barrier;
use traced::__private::{Parent, enter_at};
use traced::test::{capture, capture_async};
use traced_tests::{
    Boxed, assert_tree, block_on, elsewhere, leaf, open, poll_once, site, task, twig, yield_now,
};

#[test]
fn captures_of_threads_that_run_at_the_same_time_do_not_see_each_other() {
    let together = Barrier::new(8);
    std::thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| {
                let spans = capture(|| {
                    together.wait();
                    open!(_root = "root");
                    (0..100).for_each(|_| leaf());
                    together.wait();
                });
                assert_tree(&spans, &format!("root({})", ["leaf"; 100].join(" ")));
            });
        }
    });
}

#[test]
fn a_trace_that_begins_on_another_thread_is_not_captured() {
    assert_tree(&capture(|| elsewhere(leaf)), "");
}

#[test]
fn what_continues_a_captured_trace_elsewhere_is_captured() {
    let spans = capture(|| {
        open!(_root = "root");
        elsewhere(traced::in_current(leaf));
    });
    assert_tree(&spans, "root(leaf)");
}

#[test]
fn an_inner_capture_takes_the_traces_that_begin_in_it() {
    let mut inner = None;
    let outer = capture(|| {
        leaf();
        inner = Some(capture(twig));
        leaf();
    });
    assert_tree(&outer, "leaf leaf");
    assert_tree(&inner.unwrap(), "twig");
}

#[test]
fn a_new_root_inside_of_a_trace_belongs_to_the_innermost_capture() {
    let mut inner = None;
    let outer = capture(|| {
        open!(_root = "root");
        inner = Some(capture(|| {
            leaf();
            drop(enter_at(site!("inner"), || Parent::Root, || []));
        }));
    });
    assert_tree(&outer, "root(leaf)");
    assert_tree(&inner.unwrap(), "inner");
}

#[test]
fn a_capture_of_a_future_sees_it_wherever_it_is_polled() {
    let mut captured = Box::pin(capture_async(async {
        leaf();
        yield_now().await;
        twig();
        task!("child", async {
            yield_now().await;
            leaf();
        })
        .await;
    }));
    assert!(poll_once(captured.as_mut()).is_pending());
    leaf();
    elsewhere(|| assert!(poll_once(captured.as_mut()).is_pending()));
    assert_tree(&block_on(captured), "leaf twig child(leaf)");
}

#[test]
fn interleaved_captures_of_one_thread_do_not_see_each_other() {
    let mut tasks: Vec<_> = (0..3)
        .map(|count| {
            Box::pin(async move {
                let spans = capture_async(task!("root", async move {
                    for _ in 0..count {
                        task!("child", yield_now()).await;
                    }
                }))
                .await;
                assert_eq!(spans.iter().filter(|span| span.name == "child").count(), count);
            }) as Boxed
        })
        .collect();
    while !tasks.is_empty() {
        tasks.retain_mut(|task| poll_once(task.as_mut()).is_pending());
    }
}

#[test]
fn a_capture_that_panics_leaves_the_next_one_alone() {
    let panics = std::panic::AssertUnwindSafe(|| {
        capture(|| {
            open!(_root = "root");
            panic!("on purpose");
        });
    });
    assert!(std::panic::catch_unwind(panics).is_err());
    assert_tree(&capture(leaf), "leaf");
}

#[test]
fn a_span_that_is_not_there_is_missed_by_name() {
    let spans = capture(leaf);
    let missed = std::panic::catch_unwind(|| spans.named("twig").name.clone()).unwrap_err();
    let said = missed.downcast_ref::<String>().unwrap();
    assert_eq!(said, "no span is called `twig`; there are leaf");
}

#[test]
fn a_trace_that_is_still_open_is_not_captured_yet() {
    let mut late = None;
    let spans = capture(|| {
        let mut future = Box::pin(task!("late", yield_now()));
        assert!(poll_once(future.as_mut()).is_pending());
        late = Some(future);
    });
    assert_tree(&spans, "");
    block_on(late.unwrap());
    assert_tree(&capture(leaf), "leaf");
}
