//! Where a span hangs.

use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use traced::__private::{Parent, Value, enter_at};
use traced::test::{Capturing, Spans, capture, capture_async};
use traced::{Context, Instrument, SpanId, TraceId, in_current, span};
use traced_tests::{
    Boxed, assert_tree, block_on, elsewhere, leaf, open, parent_of, poll_once, site, task, twig,
    yield_now,
};

fn far(is_sampled: bool) -> Context {
    Context::remote(TraceId::from_u128(7), SpanId::from_u64(8), is_sampled)
}

#[test]
fn the_current_context_is_that_of_the_innermost_span() {
    let mut seen = Vec::new();
    let spans = capture(|| {
        seen.push(traced::current());
        open!(_root = "root");
        seen.push(traced::current());
        {
            open!(_inner = "inner");
            seen.push(traced::current());
        }
        seen.push(traced::current());
    });
    let (root, inner) = (spans.named("root"), spans.named("inner"));
    assert!(seen[0].is_none() && !seen[0].trace_id().is_valid() && !seen[0].span_id().is_valid());
    let ids: Vec<_> = seen[1..].iter().map(Context::span_id).collect();
    assert_eq!(ids, [root.span_id, inner.span_id, root.span_id]);
    assert!(seen[1..].iter().all(|context| context.trace_id() == root.trace_id));
    assert!(seen[1..].iter().all(Context::is_sampled));
}

#[test]
fn the_current_context_of_a_future_is_the_same_wherever_it_is_polled() {
    let mut seen = Vec::new();
    let spans = capture(|| {
        open!(_root = "root");
        let (send, receive) = std::sync::mpsc::channel();
        let mut moving: Boxed = Box::pin(task!("moving", async move {
            for _ in 0..3 {
                send.send(traced::current()).unwrap();
                yield_now().await;
            }
        }));
        assert!(poll_once(moving.as_mut()).is_pending());
        elsewhere(|| assert!(poll_once(moving.as_mut()).is_pending()));
        block_on(moving);
        seen.extend(receive);
    });
    let moving = spans.named("moving");
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|context| context.span_id() == moving.span_id));
}

#[test]
fn a_closure_continues_the_trace_on_another_thread() {
    let spans = capture(|| {
        open!(_root = "root");
        let work = in_current(|| {
            leaf();
            twig();
            7
        });
        assert_eq!(std::thread::spawn(work).join().unwrap(), 7);
        leaf();
    });
    assert_tree(&spans, "root(leaf twig leaf)");
}

#[test]
fn a_closure_continues_the_trace_where_it_was_made_not_where_it_runs() {
    let spans = capture(|| {
        let work = {
            open!(_made = "made");
            in_current(leaf)
        };
        open!(_runs = "runs");
        work();
        leaf();
    });
    assert_tree(&spans, "made(leaf) runs(leaf)");
}

#[test]
fn a_thread_without_a_context_is_outside_of_the_trace() {
    let spans = capture(|| {
        open!(_root = "root");
        elsewhere(leaf);
    });
    assert_tree(&spans, "root");
}

#[test]
fn a_thread_pool_continues_the_trace() {
    let spans = capture(|| {
        open!(_root = "root");
        let context = traced::current();
        (0..100).into_par_iter().for_each(|_| context.in_scope(leaf));
    });
    assert_tree(&spans, &format!("root({})", ["leaf"; 100].join(" ")));
}

#[test]
fn nested_scopes_of_a_thread_pool_keep_their_depth() {
    let spans = capture(|| {
        open!(_root = "root");
        let context = traced::current();
        (0..20).into_par_iter().for_each(|_| {
            context.in_scope(|| {
                open!(_outer = "outer");
                let inner = traced::current();
                (0..5).into_par_iter().for_each(|_| inner.in_scope(leaf));
            });
        });
    });
    let outer = format!("outer({})", ["leaf"; 5].join(" "));
    assert_tree(&spans, &format!("root({})", [&*outer; 20].join(" ")));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

#[test]
fn spawned_tasks_continue_the_trace_in_current() {
    let spans = runtime().block_on(capture_async(async {
        task!("root", async {
            let future = async {
                leaf();
                tokio::task::yield_now().await;
                twig();
            };
            tokio::spawn(future.in_current()).await.unwrap();
            tokio::task::spawn_blocking(in_current(leaf)).await.unwrap();
            leaf();
        })
        .await;
    }));
    assert_tree(&spans, "root(leaf twig leaf leaf)");
}

#[test]
fn a_spawned_task_without_a_context_is_outside_of_the_trace() {
    let spans = runtime().block_on(capture_async(async {
        task!("root", async {
            tokio::spawn(async { leaf() }).await.unwrap();
        })
        .await;
    }));
    assert_tree(&spans, "root");
}

#[test]
fn a_scope_in_the_same_segment_hangs_what_follows_there() {
    let spans = capture(|| {
        open!(_root = "root");
        let context = {
            open!(_first = "first");
            traced::current()
        };
        open!(_second = "second");
        context.in_scope(|| {
            leaf();
            open!(_nested = "nested");
            twig();
        });
        leaf();
    });
    assert_tree(&spans, "root(first(leaf nested(twig)) second(leaf))");
}

#[test]
fn scopes_nest_and_end_one_after_the_other() {
    let spans = capture(|| {
        let other = {
            open!(_other = "other");
            traced::current()
        };
        open!(_root = "root");
        let inner = {
            open!(_inner = "inner");
            traced::current()
        };
        other.in_scope(|| {
            leaf();
            inner.in_scope(|| {
                leaf();
                Context::none().in_scope(|| {
                    twig();
                    other.in_scope(leaf);
                    twig();
                });
                leaf();
            });
            leaf();
        });
        twig();
    });
    assert_tree(&spans, "other(leaf leaf leaf) root(inner(leaf leaf) twig) twig twig");
}

#[test]
fn a_scope_ends_when_its_work_panics() {
    let spans = capture(|| {
        let other = {
            open!(_other = "other");
            traced::current()
        };
        open!(_root = "root");
        for context in [&other, &Context::none(), &far(true), &traced::current()] {
            let panics = std::panic::AssertUnwindSafe(|| {
                context.in_scope(|| {
                    open!(_inside = "inside");
                    panic!("on purpose");
                });
            });
            assert!(std::panic::catch_unwind(panics).is_err());
        }
        leaf();
    });
    let root = spans.named("root");
    let children: Vec<_> = spans.children(root).map(|child| &*child.name).collect();
    assert_eq!(children, ["inside", "leaf"]);
    assert_eq!(spans.children(spans.named("other")).count(), 1);
}

#[test]
fn inside_of_no_context_a_root_begins() {
    let spans = capture(|| {
        open!(_root = "root");
        Context::none().in_scope(|| {
            assert!(traced::current().is_none());
            leaf();
        });
        twig();
    });
    assert_tree(&spans, "root(twig) leaf");
    assert_ne!(spans.named("leaf").trace_id, spans.named("root").trace_id);
}

#[track_caller]
fn assert_far(spans: &Spans, name: &str) {
    let span = spans.named(name);
    assert_eq!(span.trace_id, TraceId::from_u128(7));
    assert_eq!(span.parent_id, SpanId::from_u64(8));
    assert!(span.parent_is_remote && span.is_local_root());
}

#[test]
fn a_root_continues_the_trace_of_a_remote_parent() {
    let spans = capture(|| {
        far(true).in_scope(|| {
            assert_eq!(traced::current().span_id(), SpanId::from_u64(8));
            open!(_served = "served");
            leaf();
        });
        twig();
    });
    assert_tree(&spans, "served(leaf) twig");
    assert_far(&spans, "served");
    assert!(!spans.named("leaf").parent_is_remote);
    assert_eq!(parent_of(&spans, spans.named("leaf")).unwrap().name, "served");
    assert_ne!(spans.named("twig").trace_id, TraceId::from_u128(7));
}

#[test]
fn a_remote_parent_inside_of_a_trace_hides_it() {
    let spans = capture(|| {
        open!(_root = "root");
        far(true).in_scope(|| {
            open!(_served = "served");
        });
        leaf();
    });
    assert_tree(&spans, "root(leaf) served");
    assert_far(&spans, "served");
}

#[test]
fn a_future_that_is_called_below_a_remote_parent_continues_it() {
    let spans = capture(|| {
        let called = far(true).in_scope(|| task!("served", async { leaf() }));
        block_on(called);
    });
    assert_tree(&spans, "served(leaf)");
    assert_far(&spans, "served");
}

#[test]
fn a_closure_below_a_remote_parent_continues_it() {
    let spans = capture(|| {
        let work = far(true).in_scope(|| in_current(leaf));
        work();
    });
    assert_far(&spans, "leaf");
}

#[test]
fn an_unsampled_remote_parent_is_followed() {
    let spans = capture(|| {
        far(false).in_scope(|| {
            open!(_served = "served");
            assert!(!traced::current().is_sampled());
            leaf();
        });
    });
    assert_tree(&spans, "");
}

#[test]
fn a_span_may_name_its_parent_in_the_same_segment() {
    let spans = capture(|| {
        open!(_root = "root");
        let context = {
            open!(_first = "first");
            traced::current()
        };
        open!(_second = "second");
        let named = enter_at(site!("named", "n"), || Parent::Of(context), || [Value::U64(7)]);
        leaf();
        drop(named);
        leaf();
    });
    assert_tree(&spans, "root(first(named(leaf)) second(leaf))");
    assert_eq!(spans.named("named").attribute("n"), Some(&7.into()));
}

#[test]
fn a_span_may_name_its_parent_in_another_segment() {
    let spans = capture(|| {
        let context = {
            open!(_other = "other");
            traced::current()
        };
        open!(_root = "root");
        let named = enter_at(site!("named"), || Parent::Of(context), || []);
        leaf();
        drop(named);
        leaf();
    });
    assert_tree(&spans, "other(named(leaf)) root(leaf)");
}

#[test]
fn a_span_may_name_its_parent_from_another_thread() {
    let spans = capture(|| {
        open!(_root = "root");
        let context = traced::current();
        elsewhere(|| {
            let _named = enter_at(site!("named"), || Parent::Of(context), || []);
            leaf();
        });
    });
    assert_tree(&spans, "root(named(leaf))");
}

#[test]
fn a_span_may_name_a_remote_parent() {
    let spans = capture(|| {
        open!(_root = "root");
        let named = enter_at(site!("named"), || Parent::Of(far(true)), || []);
        leaf();
        drop(named);
        leaf();
    });
    assert_tree(&spans, "root(leaf) named(leaf)");
    assert_far(&spans, "named");
}

#[test]
fn a_span_may_begin_a_trace_inside_of_another() {
    let spans = capture(|| {
        open!(_root = "root");
        let inner = enter_at(site!("inner"), || Parent::Root, || []);
        leaf();
        drop(inner);
        {
            let _none = enter_at(site!("none"), || Parent::Of(Context::none()), || []);
        }
        leaf();
    });
    assert_tree(&spans, "root(leaf) inner(leaf) none");
    assert_ne!(spans.named("inner").trace_id, spans.named("root").trace_id);
}

#[test]
fn a_parent_that_is_the_current_one_changes_nothing() {
    let spans = capture(|| {
        let _root = enter_at(site!("root"), || Parent::Current, || []);
        let _inner = enter_at(site!("inner"), || Parent::Current, || []);
        leaf();
    });
    assert_tree(&spans, "root(inner(leaf))");
}

#[test]
fn a_future_may_name_its_parent() {
    let spans = capture(|| {
        let other = {
            open!(_other = "other");
            traced::current()
        };
        open!(_root = "root");
        let first = {
            open!(_first = "first");
            traced::current()
        };
        let work = || async {
            leaf();
            yield_now().await;
            leaf();
        };
        block_on(work().instrument(span!("a").parent(&first)));
        block_on(work().instrument(span!("b").parent(&other)));
        block_on(work().instrument(span!("c").root()));
        block_on(work().instrument(span!("d").parent(far(true))));
        block_on(work().instrument(span!("e").parent(None::<Context>)));
        twig();
    });
    let expected = "other(b(leaf leaf)) root(first(a(leaf leaf)) twig) \
                    c(leaf leaf) d(leaf leaf) e(leaf leaf)";
    assert_tree(&spans, expected);
    assert_far(&spans, "d");
}

#[test]
fn a_future_in_a_context_continues_it() {
    let spans = capture(|| {
        let other = {
            open!(_other = "other");
            traced::current()
        };
        open!(_root = "root");
        let work = async {
            leaf();
            yield_now().await;
            leaf();
        };
        block_on(work.in_context(&other));
        twig();
    });
    assert_tree(&spans, "other(leaf leaf) root(twig)");
}

#[test]
fn a_future_in_a_context_of_its_own_segment_continues_it() {
    let spans = capture(|| {
        open!(_root = "root");
        let first = {
            open!(_first = "first");
            traced::current()
        };
        open!(_second = "second");
        let work = async {
            leaf();
            yield_now().await;
            task!("child", async { yield_now().await }).await;
        };
        block_on(work.in_context(&first));
        twig();
    });
    assert_tree(&spans, "root(first(leaf child) second(twig))");
}

#[test]
fn a_context_outlives_its_trace() {
    let spans = capture(|| {
        let context = {
            open!(_root = "root");
            traced::current()
        };
        for _ in 0..3 {
            context.in_scope(leaf);
        }
        elsewhere(|| context.in_scope(leaf));
    });
    assert_tree(&spans, "root(leaf leaf leaf leaf)");
}

#[test]
fn a_context_that_outlives_its_capture_records_nowhere_else() {
    let mut kept = Context::none();
    let first = capture(|| {
        open!(_root = "root");
        kept = traced::current();
    });
    let second = capture(|| {
        kept.in_scope(leaf);
        twig();
    });
    assert_tree(&first, "root");
    assert_tree(&second, "twig");
}

#[test]
fn a_context_that_is_made_without_a_trace_continues_nothing() {
    let spans = Capturing::new().run(|| {
        let work = in_current(leaf);
        open!(_root = "root");
        work();
        twig();
    });
    assert_tree(&spans, "root(twig) leaf");
}

#[test]
fn a_future_in_a_remote_context_continues_it() {
    let spans = capture(|| block_on(async { leaf() }.in_context(&far(true))));
    assert_eq!(spans.named("leaf").parent_id, SpanId::from_u64(8));
}

#[test]
fn a_future_that_continues_a_remote_parent_in_current_does_so() {
    let spans = capture(|| {
        let work = far(true).in_scope(|| async { leaf() }.in_current());
        block_on(work);
    });
    assert_eq!(spans.named("leaf").parent_id, SpanId::from_u64(8));
}

#[test]
fn a_future_in_no_context_is_outside_of_any_trace() {
    let spans = capture(|| {
        open!(_root = "root");
        block_on(async { leaf() }.in_context(&Context::none()));
    });
    assert_tree(&spans, "root leaf");
}

#[test]
fn contexts_of_one_segment_may_be_detached_out_of_order() {
    let spans = capture(|| {
        open!(_root = "root");
        let a = {
            open!(_a = "a");
            traced::current()
        };
        let b = {
            open!(_b = "b");
            traced::current()
        };
        let first = a.attach();
        let second = b.attach();
        drop(first);
        drop(second);
        leaf();
    });
    assert_tree(&spans, "root(a b leaf)");
}

#[test]
fn remote_contexts_may_be_detached_out_of_order() {
    let spans = capture(|| {
        let first = far(true).attach();
        let second = Context::remote(TraceId::from_u128(9), SpanId::from_u64(8), true).attach();
        drop(first);
        drop(second);
        leaf();
    });
    assert!(!spans.named("leaf").parent_id.is_valid(), "the thread continues trace 7 for ever");
}

#[test]
fn no_context_may_stay_attached_across_an_await_of_a_local_root_future() {
    let spans = elsewhere(|| {
        capture(|| {
            {
                open!(_root = "root");
                let holds = async {
                    let attached = Context::none().attach();
                    yield_now().await;
                    drop(attached);
                    leaf();
                };
                block_on(holds.instrument(span!("holds").root()));
                twig();
            }
            twig();
        })
    });
    assert_tree(&spans, "root(twig) holds(leaf) twig");
}
