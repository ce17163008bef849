//! What is kept, and what follows the decision.

use std::sync::Mutex;
use traced::data::Status;
use traced::sampling::{
    AlwaysOff, AlwaysOn, End, Head, ParentBased, Sampler, Start, TraceIdRatio, Verdict,
};
use traced::test::{Capturing, Spans};
use traced::{Context, Dropped, Instrument, SpanId, TraceId, span};
use traced_tests::{
    Boxed, assert_accounted, assert_tree, block_on, elsewhere, leaf, open, poll_once, room, site,
    task, twig, yield_now,
};

fn sampled_by(sampler: impl Sampler, work: impl FnOnce()) -> Spans {
    Capturing::new().sampler(sampler).run(work)
}

fn trace() {
    open!(_root = "root");
    open!(_inner = "inner");
    leaf();
}

#[test]
fn always_on_keeps_everything() {
    assert_tree(&sampled_by(AlwaysOn, trace), "root(inner(leaf))");
}

#[test]
fn always_off_records_nothing() {
    let spans = sampled_by(AlwaysOff, || {
        trace();
        block_on(task!("future", async { leaf() }));
    });
    assert_tree(&spans, "");
    assert_eq!(spans.stats().created, 0);
}

#[test]
fn an_unsampled_trace_still_has_a_context_that_says_so() {
    sampled_by(AlwaysOff, || {
        open!(_root = "root");
        let context = traced::current();
        assert!(context.trace_id().is_valid() && context.span_id().is_valid());
        assert!(!context.is_sampled());
        open!(_inner = "inner");
        assert_eq!(traced::current().trace_id(), context.trace_id());
    });
}

#[test]
fn an_unsampled_trace_is_unsampled_on_every_thread() {
    let spans = sampled_by(RootsNamed("kept"), || {
        let (context, called) = {
            open!(_root = "root");
            (traced::current(), task!("called", async { leaf() }))
        };
        context.in_scope(leaf);
        elsewhere(|| context.in_scope(leaf));
        elsewhere(|| block_on(called));
        block_on(async { leaf() }.in_context(&context));
        open!(_kept = "kept");
        context.in_scope(leaf);
        block_on(async { twig() }.instrument(span!("below").parent(&context)));
    });
    assert_tree(&spans, "kept");
}

/// Samples traces whose root has this name.
#[derive(Debug)]
struct RootsNamed(&'static str);

impl Sampler for RootsNamed {
    fn start(&self, root: &Start) -> Head {
        match root.place.name {
            traced::__private::Name::Literal(name) if name == self.0 => Head::SAMPLED,
            _ => Head::OFF,
        }
    }
}

#[test]
fn a_sampler_sees_the_place_of_the_root() {
    let spans = sampled_by(RootsNamed("twig"), || {
        leaf();
        twig();
        trace();
    });
    assert_tree(&spans, "twig");
}

#[test]
fn a_ratio_keeps_whole_traces() {
    let spans = sampled_by(TraceIdRatio::new(0.5), || (0..1000).for_each(|_| trace()));
    let roots = spans.roots().count();
    assert!((300..700).contains(&roots), "{roots} of 1000");
    assert_eq!(spans.len(), 3 * roots);
    assert_accounted(&spans);
}

fn far(is_sampled: bool) -> Context {
    Context::remote(TraceId::from_u128(7), SpanId::from_u64(8), is_sampled)
}

#[test]
fn a_parent_based_sampler_follows_remote_parents() {
    let spans = sampled_by(ParentBased::new(AlwaysOff), || {
        far(true).in_scope(leaf);
        far(false).in_scope(twig);
        trace();
    });
    assert_tree(&spans, "leaf");
    let spans = sampled_by(ParentBased::new(AlwaysOn).remote_sampled(AlwaysOff), || {
        far(true).in_scope(leaf);
        far(false).in_scope(twig);
        trace();
    });
    assert_tree(&spans, "root(inner(leaf))");
}

/// Keeps what its function says, and remembers what it was asked.
#[derive(Debug, Default)]
struct Tail {
    keeps: Option<fn(&End) -> bool>,
}

impl Sampler for Tail {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, root: &End) -> Verdict {
        if self.keeps.is_some_and(|keeps| keeps(root)) { Verdict::Keep } else { Verdict::Drop }
    }
}

fn kept_if(keeps: fn(&End) -> bool, work: impl FnOnce()) -> Spans {
    sampled_by(Tail { keeps: Some(keeps) }, work)
}

#[test]
fn a_trace_that_is_dropped_at_its_end_is_counted() {
    let spans = sampled_by(Tail::default(), trace);
    assert_tree(&spans, "");
    assert_eq!(spans.stats().created, 3);
    assert_eq!(spans.stats().dropped(Dropped::Sampled), 3);
}

#[test]
fn a_tail_decision_does_not_change_what_goes_out() {
    kept_if(
        |_| true,
        || {
            open!(_root = "root");
            assert!(!traced::current().is_sampled());
        },
    );
}

#[test]
fn a_tail_sampler_sees_errors_of_the_trace() {
    let spans = kept_if(End::has_error, || {
        trace();
        open!(_failed = "failed");
        open!(_inner = "inner");
        traced::fail!("Inner");
    });
    assert_tree(&spans, "failed(inner)");
}

#[test]
fn a_tail_sampler_tells_the_failure_of_the_root_from_others() {
    let spans = kept_if(End::is_failed, || {
        {
            open!(_handled = "handled");
            open!(_inner = "inner");
            traced::fail!("Inner");
        }
        open!(_failed = "failed");
        traced::fail!("Root");
    });
    assert_tree(&spans, "failed");
    assert_eq!(spans.named("failed").status, Status::Error("".into()));
}

#[test]
fn a_tail_sampler_sees_errors_of_other_threads_that_ended_before() {
    let spans = kept_if(End::has_error, || {
        open!(_root = "root");
        elsewhere(traced::in_current(|| {
            open!(_there = "there");
            traced::fail!("There");
        }));
    });
    assert_tree(&spans, "root(there)");
}

#[test]
fn a_tail_sampler_sees_slow_spans() {
    let spans = kept_if(
        |end| end.has_slow() && end.is_finished(),
        || {
            trace();
            open!(_root = "root");
            let _slow = traced::__private::enter(site!("slow"; slow_ns = 1));
            std::thread::sleep(std::time::Duration::from_millis(1));
        },
    );
    assert_tree(&spans, "root(slow)");
}

#[test]
fn a_tail_sampler_sees_panics_of_futures() {
    let spans = kept_if(End::has_error, || {
        let panics = std::panic::AssertUnwindSafe(|| {
            block_on(task!("root", task!("panics", async { panic!("on purpose") })));
        });
        assert!(std::panic::catch_unwind(panics).is_err());
    });
    assert_tree(&spans, "root(panics)");
}

fn with_late_children(root: &'static traced::__private::Callsite) {
    let (context, mut late) = {
        let _root = traced::__private::enter(root);
        let mut late: Boxed = Box::pin(task!("late", async {
            leaf();
            yield_now().await;
            twig();
        }));
        assert!(poll_once(late.as_mut()).is_pending());
        elsewhere(|| assert!(poll_once(late.as_mut()).is_ready()));
        let mut late: Boxed = Box::pin(task!("later", async {
            yield_now().await;
            yield_now().await;
            twig();
        }));
        elsewhere(|| assert!(poll_once(late.as_mut()).is_pending()));
        (traced::current(), late)
    };
    context.in_scope(leaf);
    assert!(poll_once(late.as_mut()).is_pending());
    elsewhere(|| block_on(late));
}

#[test]
fn children_that_end_after_the_decision_follow_it() {
    let spans = kept_if(|_| true, || with_late_children(site!("root")));
    assert_tree(&spans, "root(late(leaf twig) later(twig) leaf)");
    let spans = kept_if(|_| false, || with_late_children(site!("root")));
    assert_tree(&spans, "");
    assert_eq!(spans.stats().created, 7);
    assert_eq!(spans.stats().dropped(Dropped::Sampled), 7);
}

#[test]
fn keep_overrides_the_sampler() {
    let spans = sampled_by(Tail::default(), || {
        open!(_root = "root");
        leaf();
        traced::keep!();
    });
    assert_tree(&spans, "root(leaf)");
}

#[test]
fn a_trace_without_recording_cannot_be_kept() {
    let spans = sampled_by(AlwaysOff, || {
        open!(_root = "root");
        traced::keep!();
    });
    assert_tree(&spans, "");
}

/// Panics where it is told to.
#[derive(Debug)]
struct Panics {
    at_start: bool,
    head: Head,
}

impl Sampler for Panics {
    fn start(&self, _: &Start) -> Head {
        assert!(!self.at_start, "on purpose");
        self.head
    }

    fn end(&self, _: &End) -> Verdict {
        panic!("on purpose")
    }
}

#[test]
fn a_sampler_that_panics_at_the_start_records_nothing() {
    let spans = sampled_by(Panics { at_start: true, head: Head::SAMPLED }, trace);
    assert_tree(&spans, "");
}

#[test]
fn a_sampler_that_panics_at_the_end_leaves_it_as_it_was_at_the_start() {
    let spans = sampled_by(Panics { at_start: false, head: Head::SAMPLED }, trace);
    assert_tree(&spans, "root(inner(leaf))");
    let spans = sampled_by(Panics { at_start: false, head: Head::UNTIL_END }, trace);
    assert_tree(&spans, "");
    assert_eq!(spans.stats().dropped(Dropped::Sampled), 3);
}

/// Remembers the traces that it was asked about.
#[derive(Debug)]
struct Witness(&'static Mutex<Vec<TraceId>>);

impl Sampler for Witness {
    fn start(&self, root: &Start) -> Head {
        self.0.lock().unwrap().push(root.trace_id);
        Head::SAMPLED
    }

    fn end(&self, root: &End) -> Verdict {
        self.0.lock().unwrap().push(root.trace_id());
        Verdict::Keep
    }
}

#[test]
fn a_sampler_is_asked_once_at_the_start_and_once_at_the_end() {
    static ASKED: Mutex<Vec<TraceId>> = Mutex::new(Vec::new());
    let spans = sampled_by(Witness(&ASKED), || {
        trace();
        with_late_children(site!("root"));
    });
    let asked = ASKED.lock().unwrap();
    let roots: Vec<_> = spans.roots().map(|root| root.trace_id).collect();
    assert_eq!(*asked, [roots[0], roots[0], roots[1], roots[1]]);
}

/// Is itself traced.
#[derive(Debug)]
struct CallsTraced {
    at_start: bool,
}

impl Sampler for CallsTraced {
    fn start(&self, _: &Start) -> Head {
        if self.at_start {
            leaf();
        }
        Head::SAMPLED
    }

    fn end(&self, _: &End) -> Verdict {
        if !self.at_start {
            leaf();
        }
        Verdict::Keep
    }
}

#[test]
fn a_sampler_may_call_traced_functions_at_the_end() {
    let spans = sampled_by(CallsTraced { at_start: false }, twig);
    spans.named("twig");
    assert_accounted(&spans);
}

#[test]
fn a_sampler_may_call_traced_functions_when_it_judges_a_part() {
    let _room = room();
    let spans = sampled_by(CallsTraced { at_start: false }, || {
        open!(_root = "root");
        for _ in 0..35_000 {
            open!(_call = "call");
            traced::ok!();
        }
    });
    spans.named("root");
    assert_accounted(&spans);
}

#[test]
fn a_sampler_may_call_traced_functions_at_the_start() {
    let spans = sampled_by(CallsTraced { at_start: true }, twig);
    spans.named("twig");
    assert_accounted(&spans);
}

/// Samples traces whose root has another name.
#[derive(Debug)]
struct NotTheRoot;

impl Sampler for NotTheRoot {
    fn start(&self, root: &Start) -> Head {
        match root.place.name {
            traced::__private::Name::Literal("root") => Head::OFF,
            _ => Head::SAMPLED,
        }
    }
}

#[test]
fn a_future_of_an_unsampled_trace_stays_unsampled_when_it_moves() {
    let spans = Capturing::new().sampler(NotTheRoot).run(|| {
        let mut moving: Boxed = {
            open!(_root = "root");
            let mut moving: Boxed = Box::pin(task!("moving", async {
                yield_now().await;
                leaf();
            }));
            assert!(poll_once(moving.as_mut()).is_pending());
            moving
        };
        assert!(poll_once(moving.as_mut()).is_ready());
    });
    assert_tree(&spans, "");
}

#[test]
fn a_keep_in_a_task_that_is_suspended_when_the_root_ends_keeps_the_trace() {
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
    let spans = Capturing::new().sampler(KeepNothing).run(|| {
        let mut child: Boxed;
        {
            open!(_root = "root");
            child = Box::pin(task!("child", async {
                traced::keep!();
                yield_now().await;
            }));
            elsewhere(|| assert!(poll_once(child.as_mut()).is_pending()));
        }
        block_on(child);
    });
    assert_tree(&spans, "root(child)");
}
