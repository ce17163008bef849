//! `sample` and `limit` at a place: the whole subtree of a call that is left out is left out.

use traced::__private::{Value, enter, enter_with};
use traced::sampling::{AlwaysOn, TraceIdRatio};
use traced::test::{Capturing, Spans, capture};
use traced::{Context, Dropped, Instrument, SpanId, TraceId, span};
use traced_tests::{
    Boxed, assert_accounted, assert_tree, block_on, elsewhere, leaf, open, poll_once, site, task,
    twig, yield_now,
};

fn left_out(spans: &Spans) -> u64 {
    spans.stats().dropped(Dropped::Place)
}

#[test]
fn none_of_a_place_means_nothing_of_what_is_inside() {
    let spans = capture(|| {
        open!(_root = "root");
        {
            let _out = enter(site!("out"; sample = 0.0));
            leaf();
            open!(_inner = "inner");
            twig();
        }
        leaf();
    });
    assert_tree(&spans, "root(leaf)");
    assert_eq!(left_out(&spans), 1);
}

#[test]
fn a_part_of_the_calls_is_recorded_with_all_that_is_inside() {
    let spans = capture(|| {
        open!(_root = "root");
        for _ in 0..2000 {
            let _part = enter_with(site!("part", "n"; sample = 0.25), || [Value::U64(1)]);
            leaf();
        }
    });
    assert_accounted(&spans);
    let recorded = spans.iter().filter(|span| span.name == "part").count();
    assert!((350..650).contains(&recorded), "{recorded} of 2000");
    assert_eq!(spans.len(), 1 + 2 * recorded);
    assert_eq!(left_out(&spans), 2000 - recorded as u64);
}

#[test]
fn a_limit_lets_in_so_many() {
    let spans = capture(|| {
        open!(_root = "root");
        for _ in 0..1000 {
            let _limited = enter(site!("limited"; limit_per_second = 0.01));
            leaf();
        }
    });
    assert_tree(&spans, "root(limited(leaf))");
    assert_eq!(left_out(&spans), 999);
}

#[test]
fn what_a_call_that_is_left_out_hands_on_is_left_out_too() {
    let spans = capture(|| {
        open!(_root = "root");
        let (context, called) = {
            let _out = enter(site!("out"; sample = 0.0));
            (traced::current(), task!("called", async { leaf() }))
        };
        elsewhere(|| context.in_scope(leaf));
        elsewhere(|| block_on(called));
        block_on(async { leaf() }.instrument(span!("below").parent(&context)));
        twig();
    });
    assert_tree(&spans, "root(twig)");
}

#[test]
fn what_goes_out_names_the_nearest_span_that_is_recorded() {
    let spans = capture(|| {
        open!(_root = "root");
        open!(_near = "near");
        let near = traced::current();
        let _out = enter(site!("out"; sample = 0.0));
        leaf();
        let inside = traced::current();
        assert_eq!(inside.trace_id(), near.trace_id());
        assert_eq!(inside.span_id(), near.span_id());
        assert_eq!(inside.is_sampled(), near.is_sampled());
    });
    assert_tree(&spans, "root(near)");
}

#[test]
fn a_future_is_left_out_with_all_of_its_polls() {
    let spans = capture(|| {
        block_on(task!("root", async {
            leaf();
            traced::__private::traced(site!("out"; sample = 0.0), async {
                leaf();
                yield_now().await;
                twig();
                task!("inner", async { leaf() }).await;
            })
            .await;
            twig();
        }));
    });
    assert_tree(&spans, "root(leaf twig)");
    assert_eq!(left_out(&spans), 1);
}

#[test]
fn a_future_that_is_left_out_moves_as_any_other() {
    let spans = capture(|| {
        let mut moving: Boxed = {
            open!(_root = "root");
            let out = site!("out"; sample = 0.0);
            let mut moving: Boxed = Box::pin(traced::__private::traced(out, async {
                leaf();
                yield_now().await;
                leaf();
                yield_now().await;
                leaf();
            }));
            assert!(poll_once(moving.as_mut()).is_pending());
            leaf();
            moving
        };
        elsewhere(|| assert!(poll_once(moving.as_mut()).is_pending()));
        assert!(poll_once(moving.as_mut()).is_ready());
    });
    assert_tree(&spans, "root(leaf)");
}

#[test]
fn a_spawned_future_may_be_left_out() {
    let spans = capture(|| {
        open!(_root = "root");
        let out = site!("out"; sample = 0.0);
        let called = traced::__private::traced(out, async { leaf() });
        elsewhere(|| block_on(called));
        twig();
    });
    assert_tree(&spans, "root(twig)");
    assert_eq!(left_out(&spans), 1);
}

#[test]
fn a_named_parent_of_this_process_does_not_change_that() {
    let spans = capture(|| {
        let context = {
            open!(_root = "root");
            traced::current()
        };
        {
            let _out = enter_below(&context);
            leaf();
        }
        twig();
    });
    assert_tree(&spans, "root twig");
}

fn enter_below(context: &Context) -> traced::Guard {
    let site = site!("out"; sample = 0.0);
    traced::__private::enter_at(site, || traced::__private::Parent::Of(context.clone()), || [])
}

#[test]
fn at_a_root_it_is_the_decision_about_the_trace() {
    let roots = |sampled_by: TraceIdRatio| {
        let spans = Capturing::new().sampler(sampled_by).run(|| {
            for _ in 0..4000 {
                let _root = enter(site!("root"; sample = 0.5));
                assert!(!traced::current().is_none());
                leaf();
            }
        });
        assert_accounted(&spans);
        spans
    };
    let spans = roots(TraceIdRatio::new(1.0));
    let count = spans.roots().count();
    assert!((1800..2200).contains(&count), "{count} of 4000");
    assert!(spans.iter().all(|span| span.trace_state.as_deref() == Some("ot=th:8")));
    // The smaller part is a part of the larger one, not half of it.
    let spans = roots(TraceIdRatio::new(0.25));
    let count = spans.roots().count();
    assert!((850..1150).contains(&count), "{count} of 4000");
    assert!(spans.iter().all(|span| span.trace_state.as_deref() == Some("ot=th:c")));
}

#[test]
fn a_limited_root_has_no_weight() {
    let spans = Capturing::new().sampler(TraceIdRatio::new(1.0)).run(|| {
        for _ in 0..100 {
            let _root = enter(site!("root"; limit_per_second = 0.01));
            leaf();
        }
    });
    assert_tree(&spans, "root(leaf)");
    assert_eq!(spans[0].trace_state, None);
}

#[test]
fn a_root_that_continues_another_process_is_gated_like_any() {
    let far = Context::remote(TraceId::from_u128(7), SpanId::from_u64(8), true);
    let spans = Capturing::new().sampler(AlwaysOn).run(|| {
        far.in_scope(|| {
            let _out = enter(site!("out"; sample = 0.0));
            leaf();
            assert!(!traced::current().is_sampled());
        });
        leaf();
    });
    assert_tree(&spans, "leaf");
}

#[test]
fn what_is_inside_passes_on_what_came_along() {
    let far = Context::remote(TraceId::from_u128(7), SpanId::from_u64(8), true)
        .with_trace_state("rojo=1".parse().unwrap());
    capture(|| {
        far.in_scope(|| {
            open!(_root = "root");
            let _out = enter(site!("out"; sample = 0.0));
            assert_eq!(traced::current().trace_state().as_str(), "rojo=1");
        });
    });
}
