//! Guards that are used in unusual ways: no panic, no corruption, and every span keeps its own.
//!
//! What is promised: a span's parent is what was innermost when it was opened, and its end is when its guard
//! was dropped, in whatever order that happens. A guard that is dropped before those inside of it makes its
//! own parent innermost again; those inside keep their place and end later. A guard that is forgotten leaves
//! its span open: what follows hangs on it until a span around it ends. A root that is forgotten stays
//! current until its thread ends.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use traced::__private::{Parent, enter, enter_at};
use traced::data::Span;
use traced::sampling::{End, Head, Sampler, Start, Verdict};
use traced::test::{Capturing, capture};
use traced::{Context, Guard, Instrument, span};
use traced_tests::{
    assert_accounted, assert_tree, block_on, elsewhere, leaf, open, poll_once, room, site, task,
    twig, yield_now,
};

fn is_finished(span: &Span) -> bool {
    span.attribute("traced.outcome").is_none()
}

fn new_root(place: &'static traced::__private::Callsite) -> Guard {
    enter_at(place, || Parent::Root, || [])
}

#[test]
fn guards_may_be_dropped_in_any_order() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let spans = capture(|| {
            open!(_root = "root");
            let mut guards =
                [Some(enter(site!("a"))), Some(enter(site!("b"))), Some(enter(site!("c")))];
            for at in order {
                guards[at] = None;
            }
            leaf();
        });
        assert_tree(&spans, "root(a(b(c)) leaf)");
        assert!(spans.iter().all(is_finished));
    }
}

#[test]
fn what_follows_an_outer_guard_that_was_dropped_first_hangs_outside() {
    let spans = capture(|| {
        open!(_root = "root");
        let outer = enter(site!("outer"));
        let inner = enter(site!("inner"));
        drop(outer);
        leaf();
        drop(inner);
        twig();
    });
    assert_tree(&spans, "root(outer(inner) leaf twig)");
}

#[test]
fn what_follows_a_forgotten_guard_hangs_on_it_until_a_span_around_it_ends() {
    let spans = capture(|| {
        open!(_root = "root");
        {
            open!(_around = "around");
            std::mem::forget(enter(site!("forgotten")));
            leaf();
        }
        twig();
    });
    assert_tree(&spans, "root(around(forgotten(leaf)) twig)");
    assert!(!is_finished(spans.named("forgotten")));
    assert!(is_finished(spans.named("around")));
}

#[test]
fn a_guard_that_is_forgotten_in_a_future_is_left_when_the_future_ends() {
    let spans = capture(|| {
        open!(_root = "root");
        block_on(task!("call", async {
            std::mem::forget(enter(site!("forgotten")));
            yield_now().await;
            leaf();
        }));
        twig();
    });
    assert_tree(&spans, "root(call(forgotten(leaf)) twig)");
}

#[test]
fn a_forgotten_root_ends_with_the_scope_it_was_forgotten_in() {
    let spans = elsewhere(|| {
        capture(|| {
            let context = {
                open!(_around = "around");
                traced::current()
            };
            context.in_scope(|| {
                std::mem::forget(new_root(site!("forgotten")));
                leaf();
            });
            twig();
        })
    });
    assert_tree(&spans, "around forgotten(leaf) twig");
    assert!(!is_finished(spans.named("forgotten")));
}

#[test]
fn a_forgotten_root_keeps_its_thread_and_no_other() {
    elsewhere(|| {
        let forgets = capture(|| {
            std::mem::forget(enter(site!("forgotten")));
            leaf();
        });
        assert_tree(&forgets, "");
        assert_tree(&capture(leaf), "");
        elsewhere(|| assert_tree(&capture(leaf), "leaf"));
    });
}

#[test]
fn a_root_that_is_dropped_before_what_is_inside_of_it_ends_first() {
    let spans = capture(|| {
        let root = enter(site!("root"));
        let child = enter(site!("child"));
        let grandchild = enter(site!("grandchild"));
        drop(root);
        leaf();
        drop(child);
        drop(grandchild);
        twig();
    });
    assert_tree(&spans, "root(child(grandchild)) leaf twig");
    assert!(spans.iter().all(is_finished));
}

#[test]
fn a_stale_guard_that_is_dropped_in_another_segment_ends_its_own_span() {
    let spans = capture(|| {
        let root = enter(site!("root"));
        let stale = enter(site!("stale"));
        drop(root);
        open!(_other = "other");
        leaf();
        drop(stale);
        twig();
    });
    assert_tree(&spans, "root(stale) other(leaf twig)");
    assert!(spans.iter().all(is_finished));
}

#[test]
fn a_guard_of_an_outer_segment_may_be_dropped_inside_of_a_nested_root() {
    let spans = capture(|| {
        open!(_root = "root");
        let child = enter(site!("child"));
        let nested = new_root(site!("nested"));
        drop(child);
        leaf();
        drop(nested);
        twig();
    });
    assert_tree(&spans, "root(child twig) nested(leaf)");
    assert!(spans.iter().all(is_finished));
}

#[test]
fn nested_roots_may_be_closed_out_of_order() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let spans = capture(|| {
            let mut roots = [
                Some(new_root(site!("a"))),
                Some(new_root(site!("b"))),
                Some(new_root(site!("c"))),
            ];
            leaf();
            for at in order {
                roots[at] = None;
            }
            twig();
        });
        assert_tree(&spans, "a b c(leaf) twig");
        assert!(spans.iter().all(is_finished));
    }
}

#[test]
fn what_follows_a_nested_root_belongs_to_the_innermost_one_left() {
    let spans = capture(|| {
        let a = new_root(site!("a"));
        let b = new_root(site!("b"));
        let c = new_root(site!("c"));
        drop(b);
        leaf();
        drop(c);
        leaf();
        drop(a);
        leaf();
    });
    assert_tree(&spans, "a(leaf) b c(leaf) leaf");
}

#[test]
fn explicit_parents_may_be_closed_out_of_order() {
    let spans = capture(|| {
        open!(_root = "root");
        let first = {
            open!(_first = "first");
            traced::current()
        };
        let below = enter_at(site!("below"), || Parent::Of(first), || []);
        let inner = enter(site!("inner"));
        drop(below);
        leaf();
        drop(inner);
        twig();
    });
    assert_tree(&spans, "root(first(below(inner)) leaf twig)");
    assert!(spans.iter().all(is_finished));
}

#[test]
fn a_guard_may_outlive_the_scope_it_was_opened_in() {
    let spans = capture(|| {
        let other = {
            open!(_other = "other");
            traced::current()
        };
        open!(_root = "root");
        let same = {
            open!(_same = "same");
            traced::current()
        };
        let mut outlives = Vec::new();
        for context in [&other, &same, &Context::none()] {
            outlives.push(context.in_scope(|| enter(site!("outlives"))));
            leaf();
        }
        drop(outlives);
        twig();
    });
    let expected = "other(outlives) root(same(outlives) leaf leaf leaf twig) outlives";
    assert_tree(&spans, expected);
    assert!(spans.iter().all(is_finished));
}

#[test]
fn a_guard_that_stays_open_in_a_suspended_future_is_not_current() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut call = Box::pin(task!("call", async {
            let held = enter(site!("held"));
            yield_now().await;
            leaf();
            drop(held);
            yield_now().await;
            leaf();
        }));
        while poll_once(call.as_mut()).is_pending() {
            twig();
        }
    });
    assert_tree(&spans, "root(call(held(leaf) leaf) twig twig)");
}

#[test]
fn a_root_that_stays_open_in_a_suspended_future_ends_with_the_poll() {
    let spans = capture(|| {
        open!(_outside = "outside");
        let mut call = Box::pin(
            async {
                let root = new_root(site!("root"));
                leaf();
                yield_now().await;
                leaf();
                drop(root);
                leaf();
            }
            .instrument(span!("call")),
        );
        while poll_once(call.as_mut()).is_pending() {
            twig();
        }
        twig();
    });
    assert_tree(&spans, "outside(call(leaf leaf) twig twig) root(leaf)");
    assert!(spans.iter().all(is_finished));
}

#[test]
fn a_root_that_ends_inside_of_another_task_s_poll_ends_all_the_same() {
    let spans = capture(|| {
        let root = new_root(site!("root"));
        leaf();
        let mut other = Box::pin(
            async {
                drop(root);
                twig();
                yield_now().await;
            }
            .instrument(span!("other").root()),
        );
        while poll_once(other.as_mut()).is_pending() {
            leaf();
        }
        twig();
    });
    assert_tree(&spans, "root(leaf) other(twig) leaf twig");
    assert!(spans.iter().all(is_finished));
}

#[test]
fn guards_stay_right_where_their_chunk_moves_to_larger_blocks() {
    let _room = room();
    let spans = capture(|| {
        open!(_outer = "outer");
        for _ in 0..3 {
            open!(_middle = "middle");
            (0..3_000).for_each(|_| leaf());
        }
        twig();
    });
    let parents_of = |name: &str| {
        let parent = |span: &Span| {
            let named = spans.iter().find(|other| other.span_id == span.parent_id);
            named.map(|named| named.name.clone()).unwrap_or_default()
        };
        let all = spans.iter().filter(|span| span.name == name);
        all.map(parent).collect::<std::collections::HashSet<_>>()
    };
    assert_eq!(parents_of("leaf"), ["middle".into()].into());
    assert_eq!(parents_of("middle"), ["outer".into()].into());
    assert_eq!(parents_of("twig"), ["outer".into()].into());
    assert!(spans.iter().all(is_finished));
}

struct TracedDrop;

impl Drop for TracedDrop {
    fn drop(&mut self) {
        open!(_dropped = "dropped");
        leaf();
    }
}

#[test]
fn a_traced_drop_during_unwinding_belongs_to_what_unwinds() {
    let spans = capture(|| {
        open!(_root = "root");
        let panics = AssertUnwindSafe(|| {
            open!(_unwinds = "unwinds");
            let _traced = TracedDrop;
            open!(_innermost = "innermost");
            panic!("on purpose");
        });
        assert!(catch_unwind(panics).is_err());
        twig();
    });
    assert_tree(&spans, "root(unwinds(innermost dropped(leaf)) twig)");
}

#[test]
fn a_traced_drop_after_its_root_begins_a_trace() {
    let spans = capture(|| {
        let panics = AssertUnwindSafe(|| {
            let _traced = TracedDrop;
            open!(_root = "root");
            panic!("on purpose");
        });
        assert!(catch_unwind(panics).is_err());
    });
    assert_tree(&spans, "root dropped(leaf)");
}

thread_local! {
    static KEPT: RefCell<Vec<Box<dyn std::any::Any>>> = const { RefCell::new(Vec::new()) };
}

/// Dropped in a destructor of the thread, before or after those of the runtime.
fn keep_until_the_thread_ends(thing: impl std::any::Any) {
    KEPT.with_borrow_mut(|kept| kept.push(Box::new(thing)));
}

/// The runtime's own thread-locals are made at the first root, ours at the first thing kept.
fn in_either_order(work: impl Fn() + Send + Sync) {
    elsewhere(|| {
        keep_until_the_thread_ends(());
        work();
    });
    elsewhere(|| {
        Context::none().in_scope(|| ());
        work();
    });
}

#[test]
fn a_guard_may_be_dropped_while_its_thread_is_torn_down() {
    let spans = capture(|| {
        open!(_root = "root");
        let context = traced::current();
        in_either_order(|| {
            context.in_scope(|| {
                open!(_inside = "inside");
                keep_until_the_thread_ends(enter(site!("kept")));
                leaf();
            });
            twig();
        });
    });
    let inside = "inside(kept(leaf))";
    assert_tree(&spans, &format!("root({inside} {inside})"));
}

#[test]
fn a_traced_function_may_be_called_while_its_thread_is_torn_down() {
    struct Calls(Context);
    impl Drop for Calls {
        fn drop(&mut self) {
            leaf();
            self.0.in_scope(leaf);
            drop(enter_at(site!("root"), || Parent::Root, || []));
            drop(enter_at(site!("below"), || Parent::Of(self.0.clone()), || []));
            block_on(task!("future", async { leaf() }));
            let _current = traced::current();
        }
    }
    let spans = capture(|| {
        open!(_root = "root");
        let context = traced::current();
        in_either_order(|| keep_until_the_thread_ends(Calls(context.clone())));
        leaf();
    });
    // What is recorded in a teardown is not promised; that the trace is whole is.
    assert_eq!(spans.roots().map(|root| &*root.name).collect::<Vec<_>>(), ["root"]);
    assert_accounted(&spans);
}

#[test]
fn a_suspended_future_may_be_dropped_while_its_thread_is_torn_down() {
    let spans = capture(|| {
        open!(_root = "root");
        let context = traced::current();
        in_either_order(|| {
            let make = |name: &'static traced::__private::Callsite| {
                let mut future = Box::pin(traced::__private::traced(name, async {
                    let _traced = TracedDrop;
                    std::future::pending::<()>().await;
                }));
                assert!(poll_once(future.as_mut()).is_pending());
                future
            };
            keep_until_the_thread_ends(context.in_scope(|| make(site!("kept"))));
        });
        leaf();
    });
    let kept: Vec<_> = spans.iter().filter(|span| span.name == "kept").collect();
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|kept| kept.parent_id == spans.named("root").span_id));
    assert_accounted(&spans);
}

#[test]
fn a_thread_that_ends_inside_of_a_scope_leaves_its_spans_there() {
    let spans = capture(|| {
        open!(_root = "root");
        let context = traced::current();
        elsewhere(|| {
            std::mem::forget(context.attach());
            leaf();
            std::mem::forget(enter(site!("forgotten")));
            leaf();
        });
    });
    assert_tree(&spans, "root(leaf forgotten(leaf))");
}

/// Drops traces whose root is called `other`.
#[derive(Debug)]
struct DropsOther;

impl Sampler for DropsOther {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, root: &End) -> Verdict {
        match root.place().map(|place| place.name) {
            Some(traced::__private::Name::Literal("other")) => Verdict::Drop,
            _ => Verdict::Keep,
        }
    }
}

#[test]
fn a_stale_guard_that_is_dropped_in_a_trace_that_is_dropped_ends_its_own_span() {
    let spans = Capturing::new().sampler(DropsOther).run(|| {
        let root = enter(site!("root"));
        let stale = enter(site!("stale"));
        drop(root);
        open!(_other = "other");
        drop(stale);
    });
    assert_eq!(spans.named("stale").attribute("traced.outcome"), None);
}
