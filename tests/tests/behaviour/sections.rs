//! Sections: child spans of a part of a function, which may last across `.await`.

use traced::__private::{Section, Value, section};
use traced::data::Span;
use traced::test::{Spans, capture};
use traced_tests::{
    Boxed, assert_tree, block_on, elsewhere, leaf, open, poll_once, site, task, twig, yield_now,
};

fn part(place: &'static traced::__private::Callsite) -> Section {
    section(place, || [])
}

#[test]
fn a_section_is_a_child_for_as_long_as_it_lives() {
    let spans = capture(|| {
        open!(_root = "root");
        leaf();
        {
            let _part = part(site!("part"));
            leaf();
        }
        leaf();
    });
    assert_tree(&spans, "root(leaf part(leaf) leaf)");
}

#[test]
fn a_section_has_attributes() {
    let spans = capture(|| {
        open!(_root = "root");
        drop(section(site!("part", "n", "text"), || [Value::U64(7), Value::Text("seven")]));
    });
    assert_eq!(spans.named("part").attribute("n"), Some(&7.into()));
    assert_eq!(spans.named("part").attribute("text"), Some(&"seven".into()));
}

#[test]
fn a_section_outside_of_any_trace_records_nothing() {
    let spans = capture(|| {
        let _part = part(site!("part"));
        leaf();
    });
    assert_tree(&spans, "leaf");
}

#[test]
fn a_slow_section_says_so() {
    let spans = capture(|| {
        open!(_root = "root");
        let _part = section(site!("part"; slow_ns = 1), || []);
        std::thread::sleep(std::time::Duration::from_millis(1));
    });
    assert_eq!(spans.named("part").attribute("traced.slow"), Some(&true.into()));
}

/// A section over two awaits, and what comes before and after it.
async fn with_a_section() {
    task!("call", async {
        leaf();
        let section = part(site!("part"));
        leaf();
        yield_now().await;
        task!("inner", async {
            leaf();
            yield_now().await;
            leaf();
        })
        .await;
        yield_now().await;
        twig();
        drop(section);
        twig();
        yield_now().await;
        twig();
    })
    .await;
}

const TREE: &str = "call(leaf part(leaf inner(leaf leaf) twig) twig twig)";

#[test]
fn a_section_lasts_across_awaits() {
    assert_tree(&capture(|| block_on(with_a_section())), TREE);
}

#[test]
fn a_section_of_a_suspended_future_is_not_current() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut call: Boxed = Box::pin(with_a_section());
        while poll_once(call.as_mut()).is_pending() {
            leaf();
        }
    });
    assert_tree(&spans, &format!("root({TREE} leaf leaf leaf leaf)"));
}

#[test]
fn interleaved_sections_each_keep_their_own() {
    let spans = capture(|| {
        block_on(task!("root", async {
            futures_util::future::join(with_a_section(), with_a_section()).await;
        }));
    });
    assert_tree(&spans, &format!("root({TREE} {TREE})"));
}

/// The call is polled so often here, and then goes on there.
fn moved_after(polls: usize, to: impl FnOnce(Boxed)) -> Spans {
    capture(|| {
        open!(_root = "root");
        let mut call: Boxed = Box::pin(with_a_section());
        for _ in 0..polls {
            assert!(poll_once(call.as_mut()).is_pending());
        }
        to(call);
    })
}

#[test]
fn a_section_stays_open_when_its_future_moves_to_another_thread() {
    for polls in 1..=4 {
        let spans = moved_after(polls, |call| elsewhere(|| block_on(call)));
        assert_tree(&spans, &format!("root({TREE})"));
    }
}

#[test]
fn a_section_stays_open_when_its_future_moves_to_another_trace() {
    for polls in 1..=4 {
        let spans = moved_after(polls, |call| block_on(span_of_its_own(call)));
        assert_tree(&spans, &format!("root({TREE}) other"));
    }
}

async fn span_of_its_own(call: Boxed) {
    use traced::Instrument;
    call.instrument(traced::span!("other").root()).await;
}

#[test]
fn sections_nest() {
    let spans = capture(|| {
        block_on(task!("call", async {
            let outer = part(site!("outer"));
            let inner = part(site!("inner"));
            leaf();
            yield_now().await;
            leaf();
            drop(inner);
            leaf();
            yield_now().await;
            drop(outer);
            twig();
        }));
    });
    assert_tree(&spans, "call(outer(inner(leaf leaf) leaf) twig)");
}

#[test]
fn nested_sections_close_one_after_the_other_on_another_thread() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut call: Boxed = Box::pin(task!("call", async {
            let outer = part(site!("outer"));
            let inner = part(site!("inner"));
            yield_now().await;
            leaf();
            drop(inner);
            leaf();
            yield_now().await;
            leaf();
            drop(outer);
            leaf();
        }));
        assert!(poll_once(call.as_mut()).is_pending());
        elsewhere(|| block_on(call));
    });
    assert_tree(&spans, "root(call(outer(inner(leaf) leaf leaf) leaf))");
}

#[test]
fn a_section_that_is_dropped_with_its_future_ends() {
    let spans = capture(|| {
        let mut call = Box::pin(task!("call", async {
            let _part = part(site!("part"));
            leaf();
            std::future::pending::<()>().await;
        }));
        assert!(poll_once(call.as_mut()).is_pending());
        drop(call);
        twig();
    });
    assert_tree(&spans, "call(part(leaf)) twig");
    assert!(is_finished(spans.named("part")));
}

#[test]
fn a_section_ends_when_its_future_is_dropped_on_another_thread() {
    let spans = moved_after(2, |call| elsewhere(|| drop(call)));
    assert_tree(&spans, "root(call(leaf part(leaf inner(leaf))))");
    assert!(is_finished(spans.named("part")));
}

fn is_finished(span: &Span) -> bool {
    span.attribute("traced.outcome").is_none()
}

#[test]
fn a_section_inside_of_a_function_closes_with_it() {
    let spans = capture(|| {
        open!(_root = "root");
        for _ in 0..3 {
            let _part = part(site!("part"));
            leaf();
        }
    });
    assert_tree(&spans, "root(part(leaf) part(leaf) part(leaf))");
}

#[test]
fn sections_that_are_closed_out_of_order_keep_their_own() {
    let spans = capture(|| {
        open!(_root = "root");
        let outer = part(site!("outer"));
        let inner = part(site!("inner"));
        drop(outer);
        leaf();
        drop(inner);
        leaf();
    });
    assert_tree(&spans, "root(outer(inner) leaf leaf)");
}

/// Polls a future where its segment is current in a chunk that is not its own: inside of another task.
fn poll_in_another_task(future: &mut Boxed) {
    let other = task!("other", async {
        assert!(poll_once(future.as_mut()).is_pending());
    });
    elsewhere(|| block_on(other));
}

#[test]
fn a_section_that_is_opened_in_another_task_stays_open() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut call: Boxed = Box::pin(task!("call", async {
            yield_now().await;
            let part = part(site!("part"));
            yield_now().await;
            leaf();
            drop(part);
            twig();
        }));
        assert!(poll_once(call.as_mut()).is_pending());
        poll_in_another_task(&mut call);
        block_on(call);
    });
    assert_tree(&spans, "root(call(part(leaf) twig) other)");
}

#[test]
fn a_section_that_is_closed_in_another_task_is_closed() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut call: Boxed = Box::pin(task!("call", async {
            let part = part(site!("part"));
            yield_now().await;
            leaf();
            drop(part);
            yield_now().await;
            twig();
        }));
        assert!(poll_once(call.as_mut()).is_pending());
        poll_in_another_task(&mut call);
        block_on(call);
    });
    assert_tree(&spans, "root(call(part(leaf) twig) other)");
}

#[test]
fn sections_that_are_closed_out_of_order_on_another_thread_are_both_closed() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut call: Boxed = Box::pin(task!("call", async {
            let outer = part(site!("outer"));
            let inner = part(site!("inner"));
            yield_now().await;
            drop(outer);
            drop(inner);
            leaf();
        }));
        assert!(poll_once(call.as_mut()).is_pending());
        elsewhere(|| block_on(call));
    });
    assert_tree(&spans, "root(call(outer(inner) leaf))");
}

fn close_inside(part: Section) {
    open!(_inside = "inside");
    drop(part);
}

#[test]
fn a_section_that_is_closed_inside_of_a_function_on_another_thread_is_closed() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut call: Boxed = Box::pin(task!("call", async {
            let part = part(site!("part"));
            yield_now().await;
            close_inside(part);
            leaf();
        }));
        assert!(poll_once(call.as_mut()).is_pending());
        elsewhere(|| block_on(call));
    });
    assert_tree(&spans, "root(call(part(inside) leaf))");
}
