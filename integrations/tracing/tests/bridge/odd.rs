//! Spans of `tracing` as programs really use them.

use crate::{assert_tree, bridged};
use std::thread;
use traced::data::Status;
use traced::{span, traced};
use tracing::{Span, error, info, info_span, instrument};

#[test]
fn an_instrumented_function_is_a_span_and_ours_in_it_its_child() {
    #[instrument]
    fn theirs(order: u64) {
        ours(order);
    }
    #[traced(name = "ours")]
    fn ours(order: u64) {
        deeper(order);
    }
    #[instrument(skip_all)]
    fn deeper(_order: u64) {}
    let spans = bridged(|| theirs(7));
    assert_tree(&spans, "theirs(ours(deeper))");
    assert_eq!(spans.named("theirs").attribute("order"), Some(&7.into()));
    let place = spans.named("theirs").place.unwrap();
    assert!(place.file.ends_with("odd.rs") && place.line > 0);
}

#[test]
fn guards_that_are_dropped_in_another_order_leave_each_span_its_children() {
    let spans = bridged(|| {
        let first = info_span!("first").entered();
        let second = info_span!("second").entered();
        span!("in both").in_scope(|| {});
        drop(first);
        span!("in second").in_scope(|| {});
        drop(second);
        span!("alone").in_scope(|| {});
    });
    assert_tree(&spans, "first(second(in both in second)) alone");
}

#[test]
fn a_span_that_is_entered_twice_at_a_time_stays_current_until_it_is_left_twice() {
    let spans = bridged(|| {
        let twice = info_span!("twice");
        let outer = twice.enter();
        twice.in_scope(|| span!("inner").in_scope(|| {}));
        span!("outer").in_scope(|| {});
        drop(outer);
        span!("outside").in_scope(|| {});
    });
    assert_tree(&spans, "twice(inner outer) outside");
}

#[test]
fn a_span_that_is_entered_again_later_goes_on() {
    let spans = bridged(|| {
        let lasting = info_span!("lasting");
        lasting.in_scope(|| span!("first").in_scope(|| {}));
        span!("between").in_scope(|| {});
        lasting.in_scope(|| span!("second").in_scope(|| {}));
    });
    assert_tree(&spans, "lasting(first second) between");
}

#[test]
fn a_span_that_is_entered_on_several_threads_has_children_from_all_of_them() {
    let spans = bridged(|| {
        let shared = info_span!("shared");
        let _here = shared.clone().entered();
        let threads = (0..4).map(|_| {
            let shared = shared.clone();
            thread::spawn(move || shared.in_scope(|| span!("work").in_scope(|| {})))
        });
        threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
    });
    assert_tree(&spans, "shared(work work work work)");
}

#[test]
fn a_span_that_ends_on_another_thread_ends() {
    let spans = bridged(|| {
        let span = info_span!("moved");
        span.in_scope(|| span!("here").in_scope(|| {}));
        thread::spawn(move || {
            span.in_scope(|| span!("there").in_scope(|| {}));
            drop(span);
        })
        .join()
        .unwrap();
    });
    assert_tree(&spans, "moved(here there)");
    assert_eq!(spans.named("moved").attribute("traced.outcome"), None);
}

#[test]
fn a_span_that_is_never_entered_is_there_and_nobodys_parent() {
    let spans = bridged(|| {
        let _outer = span!("outer").enter();
        let _never = info_span!("never");
        span!("after").in_scope(|| {});
    });
    assert_tree(&spans, "outer(never after)");
}

#[test]
fn parents_that_are_named_are_obeyed() {
    let spans = bridged(|| {
        let parent = info_span!("parent");
        let _other = info_span!("other").entered();
        let child = info_span!(parent: &parent, "child").entered();
        span!("ours").in_scope(|| {});
        drop(child);
        info_span!(parent: None, "root").in_scope(|| {});
        let off = tracing::trace_span!("recorded nonetheless");
        info_span!(parent: &off, "grandchild").in_scope(|| {});
    });
    assert_tree(&spans, "parent(child(ours)) other(recorded nonetheless(grandchild)) root");
}

#[test]
fn what_follows_from_another_span_refers_to_it() {
    let spans = bridged(|| {
        let cause = info_span!("cause");
        let effect = info_span!(parent: None, "effect");
        effect.follows_from(&cause);
        effect.in_scope(|| {});
    });
    let link = &spans.named("effect").links[0];
    assert_eq!(link.span_id, spans.named("cause").span_id);
}

#[test]
fn values_that_are_recorded_later_are_the_spans_wherever_it_is() {
    let spans = bridged(|| {
        let span = info_span!(
            "span",
            before = 1,
            inside = tracing::field::Empty,
            after = tracing::field::Empty,
            nested = tracing::field::Empty
        );
        span.in_scope(|| {
            Span::current().record("inside", 2);
            span!("inner").in_scope(|| span.record("nested", 4));
        });
        span.record("after", 3);
    });
    let span = spans.named("span");
    for (key, value) in [("before", 1), ("inside", 2), ("after", 3), ("nested", 4)] {
        assert_eq!(span.attribute(key), Some(&value.into()), "{key}");
    }
    assert!(spans.named("inner").attributes.is_empty());
}

#[test]
fn events_are_those_of_the_innermost_span_ours_or_theirs() {
    let spans = bridged(|| {
        info!("belongs to nobody");
        let _ours = span!("ours").enter();
        info!(items = 3, "in our span");
        let theirs = info_span!("theirs");
        theirs.in_scope(|| {
            info!("in their span");
            span!("deeper").in_scope(|| info!("in our span again"));
        });
        info!(parent: &theirs, "said from outside");
    });
    assert_tree(&spans, "ours(theirs(deeper))");
    let said = |name| {
        let events = spans.named(name).events.iter();
        events.map(|event| event.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(said("ours"), ["in our span"]);
    assert_eq!(said("theirs"), ["in their span", "said from outside"]);
    assert_eq!(said("deeper"), ["in our span again"]);
    let event = &spans.named("ours").events[0];
    assert_eq!(event.attributes, [("items".into(), 3.into()), ("level".into(), "INFO".into())]);
}

#[test]
fn an_error_in_a_span_of_tracing_is_its_failure_and_in_ours_an_event() {
    let spans = bridged(|| {
        span!("ours").in_scope(|| error!("handled by the way"));
        info_span!("theirs").in_scope(|| {
            span!("inner").in_scope(|| error!("handled by the way"));
        });
        info_span!("failed").in_scope(|| error!("the disk is full"));
    });
    assert_eq!(spans.named("ours").status, Status::Unset);
    assert_eq!(spans.named("theirs").status, Status::Unset);
    assert!(matches!(spans.named("failed").status, Status::Error(_)));
}

#[test]
fn a_panic_in_a_span_of_tracing_leaves_nothing_behind() {
    let spans = bridged(|| {
        let unwound = std::panic::catch_unwind(|| {
            let _span = info_span!("span").entered();
            let _ours = span!("ours").enter();
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        assert!(unwound.is_err() && traced::current().is_none());
        span!("after").in_scope(|| {});
    });
    assert_tree(&spans, "span(ours) after");
}

#[test]
fn a_guard_that_outlives_our_span_does_no_harm() {
    let spans = bridged(|| {
        let guard = span!("outer").in_scope(|| {
            let guard = span!("ours").in_scope(|| info_span!("theirs").entered());
            span!("inside").in_scope(|| {});
            guard
        });
        drop(guard);
        assert!(traced::current().is_none());
        span!("after").in_scope(|| {});
    });
    assert_eq!(spans.named("theirs").parent_id, spans.named("ours").span_id);
    assert!(!spans.named("after").parent_id.is_valid());
    assert_eq!(spans.len(), 5);
}

#[test]
fn a_thousand_threads_worth_of_random_entering_ends_with_nothing_current() {
    let spans = bridged(|| {
        let mut state = 1_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut open = Vec::new();
        for _ in 0..3000 {
            match random(4) {
                0 | 1 if open.len() < 8 => open.push(info_span!("span").entered()),
                2 if !open.is_empty() => {
                    let at = usize::try_from(random(open.len() as u64)).unwrap();
                    drop(open.remove(at));
                }
                _ => span!("ours").in_scope(|| {}),
            }
        }
        open.clear();
        assert!(traced::current().is_none());
    });
    assert!(spans.iter().all(|span| span.attribute("traced.outcome").is_none()));
}
