//! What is said about a span after it was opened.

use traced::__private::{Target, Value, event, fail, keep, ok, record};
use traced::data::{Attribute, Span, Status};
use traced::sampling::{AlwaysOn, End, Head, Sampler, Start, Verdict};
use traced::test::{Capturing, capture};
use traced::{Context, Instrument, SpanId, TraceId};
use traced_tests::{
    Boxed, assert_tree, block_on, elsewhere, leaf, open, poll_once, site, task, twig, yield_now,
};

fn say(number: u64) {
    record(site!("late", "late"), Target::Current, || [Value::U64(number)]);
}

fn say_on_root(text: &str) {
    record(site!("late", "on root"), Target::LocalRoot, || [Value::Text(text)]);
}

fn happen(number: u64) {
    event(site!("happened", "n"), || [Value::U64(number)]);
}

fn late(span: &Span) -> Option<&Attribute> {
    span.attribute("late")
}

#[test]
fn late_attributes_go_to_the_innermost_span() {
    let spans = capture(|| {
        open!(_root = "root");
        say(1);
        {
            open!(_inner = "inner");
            leaf();
            say(2);
        }
        leaf();
    });
    assert_tree(&spans, "root(inner(leaf) leaf)");
    assert_eq!(late(spans.named("root")), Some(&1.into()));
    assert_eq!(late(spans.named("inner")), Some(&2.into()));
    assert_eq!(late(spans.named("leaf")), None);
}

#[test]
fn a_later_value_replaces_an_earlier_one() {
    let spans = capture(|| {
        let early = || [Value::Text("early")];
        let _root = traced::__private::enter_with(site!("root", "late"), early);
        say(1);
        say(2);
    });
    assert_eq!(spans.named("root").attributes, [("late".into(), 2.into())]);
}

#[test]
fn attributes_of_the_local_root_can_be_said_from_anywhere_inside() {
    let spans = capture(|| {
        open!(_root = "root");
        open!(_inner = "inner");
        say_on_root("from inside");
    });
    assert_eq!(spans.named("root").attribute("on root"), Some(&"from inside".into()));
    assert!(spans.named("inner").attributes.is_empty());
}

#[test]
fn attributes_of_the_local_root_can_be_said_from_another_thread() {
    let spans = capture(|| {
        open!(_root = "root");
        let work = traced::in_current(|| {
            open!(_there = "there");
            say_on_root("from there");
            say(1);
        });
        elsewhere(work);
    });
    assert_tree(&spans, "root(there)");
    assert_eq!(spans.named("root").attribute("on root"), Some(&"from there".into()));
    assert_eq!(late(spans.named("there")), Some(&1.into()));
}

#[test]
fn attributes_of_the_local_root_can_be_said_after_it_ended() {
    let spans = capture(|| {
        let context = {
            open!(_root = "root");
            traced::current()
        };
        elsewhere(|| context.in_scope(|| say_on_root("late")));
    });
    assert_eq!(spans.named("root").attribute("on root"), Some(&"late".into()));
}

#[test]
fn what_is_said_in_a_scope_is_about_its_span() {
    let spans = capture(|| {
        open!(_root = "root");
        let context = {
            open!(_closed = "closed");
            traced::current()
        };
        context.in_scope(|| {
            say(1);
            happen(1);
            fail("Late");
        });
        elsewhere(|| context.in_scope(|| happen(2)));
    });
    let closed = spans.named("closed");
    assert_eq!((late(closed), closed.events.len()), (Some(&1.into()), 2));
    assert_eq!(closed.status, Status::Error("".into()));
    assert!(spans.named("root").events.is_empty());
}

#[test]
fn what_is_said_in_a_future_is_about_its_span_wherever_it_is_polled() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut moving: Boxed = Box::pin(task!("moving", async {
            happen(1);
            yield_now().await;
            happen(2);
            say(2);
            ok();
            yield_now().await;
            happen(3);
        }));
        assert!(poll_once(moving.as_mut()).is_pending());
        elsewhere(|| assert!(poll_once(moving.as_mut()).is_pending()));
        block_on(moving);
    });
    let moving = spans.named("moving");
    assert_eq!(late(moving), Some(&2.into()));
    assert_eq!(moving.status, Status::Ok);
    let numbers: Vec<_> = moving.events.iter().map(|event| event.attributes[0].1.clone()).collect();
    assert_eq!(numbers, [1.into(), 2.into(), 3.into()]);
}

#[test]
fn events_lie_within_their_span_in_order() {
    let spans = capture(|| {
        open!(_root = "root");
        happen(1);
        leaf();
        happen(2);
    });
    let root = spans.named("root");
    assert_eq!(root.events.len(), 2);
    assert!(root.events.iter().all(|event| event.name == "happened"));
    assert_eq!(root.events[0].attributes, [("n".into(), 1.into())]);
    let times =
        [root.start_unix_ns, root.events[0].unix_ns, root.events[1].unix_ns, root.end_unix_ns];
    assert!(times.is_sorted());
}

#[test]
fn links_name_other_spans_of_any_trace() {
    let far = Context::remote(TraceId::from_u128(7), SpanId::from_u64(8), true);
    let spans = capture(|| {
        let other = {
            open!(_other = "other");
            traced::current()
        };
        open!(_root = "root");
        traced::link(&other);
        traced::link(&far);
        traced::link(Context::none());
        traced::link(None::<Context>);
    });
    let (root, other) = (spans.named("root"), spans.named("other"));
    let links: Vec<_> = root.links.iter().map(|link| (link.trace_id, link.span_id)).collect();
    let expected = [(other.trace_id, other.span_id), (TraceId::from_u128(7), SpanId::from_u64(8))];
    assert_eq!(links, expected);
}

#[test]
fn a_failure_is_an_error_with_its_type() {
    let spans = capture(|| {
        open!(_root = "root");
        open!(_fails = "fails");
        traced::fail!("out_of_stock");
    });
    let fails = spans.named("fails");
    assert_eq!(fails.status, Status::Error("".into()));
    assert_eq!(fails.attribute("error.type"), Some(&"out_of_stock".into()));
    assert_eq!(spans.named("root").status, Status::Unset);
}

#[test]
fn said_to_be_ok_outweighs_any_failure() {
    for order in [[true, false], [false, true]] {
        let spans = capture(|| {
            open!(_root = "root");
            for is_ok in order {
                if is_ok { ok() } else { fail("Some") }
            }
        });
        assert_eq!(spans.named("root").status, Status::Ok);
    }
}

#[test]
fn nothing_can_be_said_outside_of_a_trace() {
    let spans = capture(|| {
        say(1);
        say_on_root("nobody");
        happen(1);
        fail("Nobody");
        ok();
        keep();
        traced::link(Context::remote(TraceId::from_u128(7), SpanId::from_u64(8), true));
        leaf();
    });
    assert_tree(&spans, "leaf");
    let leaf = spans.named("leaf");
    assert!(leaf.attributes.is_empty() && leaf.events.is_empty() && leaf.links.is_empty());
    assert_eq!(leaf.status, Status::Unset);
}

/// Records everything and keeps nothing of its own will.
#[derive(Debug)]
struct KeepNothing;

impl Sampler for KeepNothing {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, _: &End) -> Verdict {
        Verdict::Drop
    }
}

#[test]
fn a_trace_that_somebody_keeps_is_kept() {
    let spans = Capturing::new().sampler(KeepNothing).run(|| {
        twig();
        {
            open!(_root = "root");
            open!(_inner = "inner");
            traced::keep!();
        }
        twig();
    });
    assert_tree(&spans, "root(inner)");
    assert_eq!(spans.stats().dropped(traced::Dropped::Sampled), 2);
}

#[test]
fn a_trace_that_is_kept_from_another_thread_is_kept() {
    let spans = Capturing::new().sampler(KeepNothing).run(|| {
        open!(_root = "root");
        elsewhere(traced::in_current(keep));
        elsewhere(leaf);
    });
    assert_tree(&spans, "root");
}

#[test]
fn a_trace_that_is_kept_in_a_child_task_is_kept() {
    let spans = Capturing::new().sampler(KeepNothing).run(|| {
        block_on(task!("root", async {
            let child: Boxed = Box::pin(task!("child", async {
                yield_now().await;
                keep();
            }));
            elsewhere(|| block_on(child));
        }));
    });
    assert_tree(&spans, "root(child)");
}

#[test]
fn what_is_said_about_a_cancelled_future_stays() {
    let spans = capture(|| {
        let mut waits = Box::pin(task!("waits", async {
            say(1);
            happen(1);
            yield_now().await;
        }));
        assert!(poll_once(waits.as_mut()).is_pending());
    });
    let waits = spans.named("waits");
    assert_eq!((late(waits), waits.events.len()), (Some(&1.into()), 1));
    assert_eq!(waits.attribute("traced.outcome"), Some(&"cancelled".into()));
}

#[test]
fn what_is_said_by_a_future_without_a_span_is_about_the_one_around_it() {
    let spans = Capturing::new().sampler(AlwaysOn).run(|| {
        open!(_root = "root");
        let inside = async {
            happen(1);
            yield_now().await;
            happen(2);
        }
        .in_current();
        elsewhere(|| block_on(inside));
    });
    assert_tree(&spans, "root");
    assert_eq!(spans.named("root").events.len(), 2);
}
