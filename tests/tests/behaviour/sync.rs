//! Trees of plain functions.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use traced::__private::{Value, enter, enter_with};
use traced::data::Status;
use traced::test::{Spans, capture};
use traced::{SpanKind, span};
use traced_tests::{assert_tree, leaf, open, parent_of, site, twig};

fn branch() {
    open!(_branch = "branch");
    leaf();
    twig();
}

fn sample() -> Spans {
    capture(|| {
        open!(_root = "root");
        branch();
        leaf();
    })
}

#[test]
fn spans_hang_on_the_function_that_called_them() {
    assert_tree(&sample(), "root(branch(leaf twig) leaf)");
}

#[test]
fn a_root_has_no_parent_and_the_others_have_theirs() {
    let spans = sample();
    let root = spans.named("root");
    assert!(!root.parent_id.is_valid() && root.is_local_root());
    for span in spans.iter().filter(|span| span.name != "root") {
        assert!(parent_of(&spans, span).is_some() && !span.is_local_root());
    }
}

#[test]
fn spans_of_one_trace_share_its_id_and_have_ids_of_their_own() {
    let spans = sample();
    let traces: HashSet<_> = spans.iter().map(|span| span.trace_id).collect();
    let ids: HashSet<_> = spans.iter().map(|span| span.span_id).collect();
    assert_eq!((traces.len(), ids.len()), (1, spans.len()));
    assert!(ids.iter().all(|id| id.is_valid()));
}

#[test]
fn each_root_begins_a_trace() {
    let spans = capture(|| {
        leaf();
        leaf();
    });
    assert_tree(&spans, "leaf leaf");
    assert_ne!(spans[0].trace_id, spans[1].trace_id);
}

#[test]
fn the_times_of_a_span_lie_within_those_of_its_parent() {
    let spans = sample();
    for span in spans.iter() {
        assert!(span.start_unix_ns <= span.end_unix_ns);
        if let Some(parent) = parent_of(&spans, span) {
            assert!(parent.start_unix_ns <= span.start_unix_ns, "{span:?} {parent:?}");
            assert!(span.end_unix_ns <= parent.end_unix_ns, "{span:?} {parent:?}");
        }
    }
}

#[test]
fn siblings_follow_each_other() {
    let spans = sample();
    let root = spans.named("root");
    let children: Vec<_> = spans.children(root).collect();
    assert!(children[0].end_unix_ns <= children[1].start_unix_ns);
}

#[test]
fn a_span_knows_its_place_and_kind() {
    let spans = capture(|| drop(enter(site!("call"; kind = SpanKind::Client))));
    let call = spans.named("call");
    let place = call.place.unwrap();
    assert_eq!(call.kind, SpanKind::Client);
    assert_eq!((place.file, place.target), (file!(), module_path!()));
}

#[test]
fn nothing_said_is_status_unset_without_attributes() {
    let spans = capture(leaf);
    let leaf = spans.named("leaf");
    assert_eq!(leaf.status, Status::Unset);
    assert!(leaf.attributes.is_empty() && leaf.events.is_empty() && leaf.links.is_empty());
}

fn outlast_a_nanosecond() {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_micros(10) {}
}

#[test]
fn a_span_at_its_threshold_says_that_it_was_slow() {
    let spans = capture(|| {
        let _slow = enter(site!("slow"; slow_ns = 1));
        outlast_a_nanosecond();
    });
    let slow = spans.named("slow");
    assert_eq!(slow.attribute("traced.slow"), Some(&true.into()));
    assert_eq!(slow.events[0].name, "slow");
    let keys: Vec<_> = slow.events[0].attributes.iter().map(|(key, _)| &**key).collect();
    assert_eq!(keys, ["threshold_ms", "actual_ms"]);
}

#[test]
fn a_span_below_its_threshold_says_nothing() {
    let spans = capture(|| {
        let _root = enter(site!("root"; slow_ns = u64::MAX));
        let _fast = enter_with(site!("fast", "n"; slow_ns = u64::MAX), || [Value::U64(7)]);
    });
    assert_tree(&spans, "root(fast)");
    for span in spans.iter() {
        assert!(span.events.is_empty() && span.attribute("traced.slow").is_none());
    }
}

#[test]
fn a_span_without_a_function_is_opened_in_scope_or_by_hand() {
    let spans = capture(|| {
        let seven = span!("outer", n = 7).in_scope(|| {
            let _inner = span!("inner").enter();
            leaf();
            7
        });
        assert_eq!(seven, 7);
    });
    assert_tree(&spans, "outer(inner(leaf))");
    assert_eq!(spans.named("outer").attribute("n"), Some(&7.into()));
}

#[test]
fn a_span_that_is_never_opened_is_never_there() {
    let spans = capture(|| drop(span!("never")));
    assert_tree(&spans, "");
}

#[test]
fn nothing_is_recorded_outside_of_a_capture() {
    leaf();
    assert!(traced::current().is_none());
    assert_tree(&capture(|| {}), "");
}

#[test]
fn a_panic_in_a_function_is_an_error_of_its_span() {
    let spans = capture(|| {
        open!(_root = "root");
        let panics = || {
            open!(_panics = "panics");
            panic!("on purpose");
        };
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    });
    assert_eq!(spans.named("panics").status, Status::Error("".into()));
    assert_eq!(spans.named("panics").attribute("error.type"), Some(&"panic".into()));
    assert_eq!(spans.named("root").status, Status::Unset);
}
