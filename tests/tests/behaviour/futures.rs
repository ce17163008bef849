//! Spans of futures: open from the first poll to the end, current during each poll and at no other time.

use futures_util::future::{join, join_all};
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::task::Poll;
use tokio::runtime::{Builder, Runtime};
use traced::__private::{Value, arguments, enter};
use traced::data::Status;
use traced::test::{Spans, capture, capture_async};
use traced::{Instrument, span};
use traced_tests::{
    Boxed, assert_accounted, assert_tree, block_on, elsewhere, leaf, open, parent_of, poll_once,
    site, task, twig, yield_now,
};

fn threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap()
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

async fn child() {
    task!("child", async {
        leaf();
        yield_now().await;
        twig();
    })
    .await;
}

async fn parent() {
    task!("parent", async {
        leaf();
        child().await;
        yield_now().await;
        twig();
    })
    .await;
}

#[test]
fn a_future_that_is_awaited_hangs_on_who_awaits_it() {
    let spans = capture(|| block_on(parent()));
    assert_tree(&spans, "parent(leaf child(leaf twig) twig)");
}

#[test]
fn a_future_that_is_polled_in_a_function_hangs_on_it() {
    let spans = capture(|| {
        open!(_root = "root");
        block_on(parent());
        leaf();
    });
    assert_tree(&spans, "root(parent(leaf child(leaf twig) twig) leaf)");
}

#[test]
fn the_times_of_a_future_lie_within_those_of_its_parent() {
    let spans = capture(|| block_on(parent()));
    for span in spans.iter() {
        if let Some(parent) = parent_of(&spans, span) {
            assert!(parent.start_unix_ns <= span.start_unix_ns);
            assert!(span.end_unix_ns <= parent.end_unix_ns);
        }
    }
}

#[test]
fn a_suspended_future_is_not_current() {
    let spans = capture(|| {
        let mut waiting = Box::pin(task!("waiting", async {
            yield_now().await;
            leaf();
        }));
        assert!(poll_once(waiting.as_mut()).is_pending());
        assert!(traced::current().is_none());
        twig();
        assert!(poll_once(waiting.as_mut()).is_ready());
        twig();
    });
    assert_tree(&spans, "waiting(leaf) twig twig");
}

#[test]
fn interleaved_children_each_keep_their_own() {
    let spans = capture(|| {
        block_on(task!("root", async {
            join_all((0..10).map(|_| child())).await;
        }));
    });
    assert_tree(&spans, &format!("root({})", ["child(leaf twig)"; 10].join(" ")));
}

#[test]
fn interleaved_roots_each_keep_their_own() {
    let spans = capture(|| {
        let mut roots: Vec<Boxed> = (0..10).map(|_| -> Boxed { Box::pin(parent()) }).collect();
        while !roots.is_empty() {
            roots.retain_mut(|root| poll_once(root.as_mut()).is_pending());
        }
    });
    assert_tree(&spans, &["parent(leaf child(leaf twig) twig)"; 10].join(" "));
}

async fn many_tasks() {
    task!("root", async {
        let tasks: Vec<_> = (0..50).map(|_| tokio::spawn(parent())).collect();
        leaf();
        for task in tasks {
            task.await.unwrap();
        }
    })
    .await;
}

#[track_caller]
fn assert_many_tasks(spans: &Spans) {
    assert_eq!(spans.roots().count(), 1);
    for name in ["parent", "child"] {
        assert_eq!(spans.iter().filter(|span| span.name == name).count(), 50);
    }
    for span in spans.iter() {
        let children: Vec<_> = spans.children(span).map(|child| &*child.name).collect();
        match &*span.name {
            "root" => assert_eq!(children.len(), 51),
            "parent" => assert_eq!(children, ["leaf", "child", "twig"]),
            "child" => assert_eq!(children, ["leaf", "twig"]),
            _ => assert!(children.is_empty()),
        }
    }
    assert_accounted(spans);
}

/// Whoever is spawned without a span of its own is not part of the trace, so `parent` is called first.
async fn spawned_inside(runtime: &Runtime) -> Spans {
    let handle = runtime.handle().clone();
    capture_async(async move {
        let _inside = handle.enter();
        many_tasks().await;
    })
    .await
}

#[test]
fn tasks_on_many_threads_keep_their_trees() {
    let runtime = threads();
    let spans = runtime.block_on(capture_async(many_called_tasks()));
    assert_many_tasks(&spans);
}

#[test]
fn tasks_on_one_thread_keep_their_trees() {
    let runtime = one_thread();
    let spans = runtime.block_on(capture_async(many_called_tasks()));
    assert_many_tasks(&spans);
}

/// The call is what continues the trace: the traced future is made here and polled there.
async fn many_called_tasks() {
    task!("root", async {
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                tokio::spawn(task!("parent", async {
                    leaf();
                    child().await;
                    tokio::task::yield_now().await;
                    twig();
                }))
            })
            .collect();
        leaf();
        for task in tasks {
            task.await.unwrap();
        }
    })
    .await;
}

#[test]
fn an_untraced_future_that_is_spawned_is_outside_of_the_trace() {
    let spans = one_thread().block_on(async { spawned_inside(one_thread_for_ever()).await });
    let root = spans.named("root");
    assert_eq!(spans.children(root).map(|child| &*child.name).collect::<Vec<_>>(), ["leaf"]);
}

/// Leaked, so that it may be dropped inside of another runtime.
fn one_thread_for_ever() -> &'static Runtime {
    Box::leak(Box::new(threads()))
}

#[test]
#[allow(clippy::async_yields_async, reason = "the handle is to outlive the root")]
fn a_detached_task_that_outlives_its_parent_still_hangs_on_it() {
    let spans = threads().block_on(capture_async(async {
        let (go, gone) = tokio::sync::oneshot::channel::<()>();
        let task = task!("root", async {
            tokio::spawn(task!("late", async {
                gone.await.unwrap();
                leaf();
            }))
        })
        .await;
        go.send(()).unwrap();
        task.await.unwrap();
    }));
    assert_tree(&spans, "root(late(leaf))");
}

#[test]
fn a_first_poll_where_nothing_is_current_continues_the_trace_of_the_call() {
    let spans = capture(|| {
        let called = {
            open!(_root = "root");
            task!("called", async { leaf() })
        };
        block_on(called);
    });
    assert_tree(&spans, "root(called(leaf))");
}

#[test]
fn a_first_poll_inside_of_a_span_hangs_on_that_span() {
    let spans = capture(|| {
        open!(_root = "root");
        let called = {
            open!(_caller = "caller");
            task!("called", async { leaf() })
        };
        open!(_awaits = "awaits");
        block_on(called);
    });
    assert_tree(&spans, "root(caller awaits(called(leaf)))");
}

#[test]
fn a_first_poll_inside_of_another_trace_belongs_to_that_trace() {
    let spans = capture(|| {
        let called = {
            open!(_one = "one");
            task!("called", async { leaf() })
        };
        open!(_other = "other");
        block_on(called);
    });
    assert_tree(&spans, "one other(called(leaf))");
}

/// `child` was polled once inside of `root`; what follows happens on another thread.
fn move_a_child(root_ends: RootEnds) -> Spans {
    capture(|| {
        let (send, receive) = channel::<Boxed>();
        let mut root = Box::pin(task!("root", async move {
            let mut moving: Boxed = Box::pin(task!("moving", async {
                leaf();
                yield_now().await;
                leaf();
                child().await;
                yield_now().await;
                twig();
            }));
            poll_fn(|cx| {
                assert!(moving.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            send.send(moving).unwrap();
            twig();
            yield_now().await;
        }));
        assert!(poll_once(root.as_mut()).is_pending());
        let moving = receive.recv().unwrap();
        match root_ends {
            RootEnds::Before => {
                block_on(root);
                elsewhere(|| block_on(moving));
            }
            RootEnds::After => {
                elsewhere(|| block_on(moving));
                block_on(root);
            }
        }
    })
}

#[derive(Clone, Copy)]
enum RootEnds {
    Before,
    After,
}

#[test]
fn a_child_that_moves_to_another_thread_keeps_its_place() {
    let tree = "root(moving(leaf leaf child(leaf twig) twig) twig)";
    assert_tree(&move_a_child(RootEnds::After), tree);
    assert_tree(&move_a_child(RootEnds::Before), tree);
}

#[test]
fn a_child_that_moves_at_every_poll_keeps_its_place() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut moving: Boxed = Box::pin(task!("moving", async {
            for _ in 0..5 {
                leaf();
                child().await;
                yield_now().await;
            }
        }));
        let mut is_done = false;
        for poll in 0.. {
            if is_done {
                break;
            }
            is_done = if poll % 2 == 0 {
                poll_once(moving.as_mut()).is_ready()
            } else {
                elsewhere(|| poll_once(moving.as_mut()).is_ready())
            };
        }
    });
    let inside = ["leaf child(leaf twig)"; 5].join(" ");
    assert_tree(&spans, &format!("root(moving({inside}))"));
}

#[test]
fn a_child_that_moves_to_another_task_of_its_trace_keeps_its_place() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut moving: Boxed = Box::pin(parent());
        assert!(poll_once(moving.as_mut()).is_pending());
        let other = task!("other", async {
            twig();
            moving.await;
            twig();
        });
        elsewhere(|| block_on(other));
    });
    assert_tree(&spans, "root(parent(leaf child(leaf twig) twig) other(twig twig))");
}

#[test]
fn a_child_that_moves_into_another_trace_keeps_its_place() {
    let spans = capture(|| {
        let mut moving: Boxed = Box::pin(task!("one", parent()));
        assert!(poll_once(moving.as_mut()).is_pending());
        open!(_other = "other");
        twig();
        block_on(moving);
        twig();
    });
    assert_tree(&spans, "one(parent(leaf child(leaf twig) twig)) other(twig twig)");
}

#[test]
fn a_future_that_is_dropped_ends_and_says_so() {
    let spans = capture(|| {
        let mut waits = Box::pin(task!(
            "outer",
            task!("inner", async {
                leaf();
                pending::<()>().await;
            })
        ));
        assert!(poll_once(waits.as_mut()).is_pending());
    });
    assert_tree(&spans, "outer(inner(leaf))");
    for name in ["outer", "inner"] {
        let outcome = spans.named(name).attribute("traced.outcome");
        assert_eq!(outcome, Some(&"cancelled".into()));
    }
    assert_eq!(spans.named("leaf").attribute("traced.outcome"), None);
}

#[test]
fn what_is_dropped_with_a_future_belongs_to_its_span() {
    struct TracedDrop;
    impl Drop for TracedDrop {
        fn drop(&mut self) {
            open!(_dropped = "dropped");
        }
    }
    let spans = capture(|| {
        open!(_root = "root");
        let mut waits = Box::pin(task!("waits", async {
            let _held = TracedDrop;
            pending::<()>().await;
        }));
        assert!(poll_once(waits.as_mut()).is_pending());
        open!(_later = "later");
        drop(waits);
        leaf();
    });
    assert_tree(&spans, "root(waits(dropped) later(leaf))");
}

#[test]
fn a_future_that_is_dropped_on_another_thread_ends_there() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut waits: Boxed = Box::pin(task!("waits", pending()));
        assert!(poll_once(waits.as_mut()).is_pending());
        elsewhere(|| drop(waits));
        leaf();
    });
    assert_tree(&spans, "root(waits leaf)");
    assert_eq!(spans.named("waits").attribute("traced.outcome"), Some(&"cancelled".into()));
}

#[test]
fn an_aborted_task_ends_its_span() {
    let spans = threads().block_on(capture_async(async {
        task!("root", async {
            let (started, start) = tokio::sync::oneshot::channel::<()>();
            let task = tokio::spawn(task!("aborted", async {
                started.send(()).unwrap();
                pending::<()>().await;
            }));
            start.await.unwrap();
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        })
        .await;
    }));
    assert_tree(&spans, "root(aborted)");
    assert_eq!(spans.named("aborted").attribute("traced.outcome"), Some(&"cancelled".into()));
}

#[test]
fn a_panic_in_a_poll_ends_the_span_and_goes_on() {
    let spans = capture(|| {
        open!(_root = "root");
        let panics = task!("panics", async {
            leaf();
            yield_now().await;
            panic!("on purpose")
        });
        let caught = catch_unwind(AssertUnwindSafe(|| block_on::<_>(panics)));
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"on purpose"));
        leaf();
    });
    assert_tree(&spans, "root(panics(leaf) leaf)");
    let panics = spans.named("panics");
    assert_eq!(panics.status, Status::Error("".into()));
    assert_eq!(panics.attribute("error.type"), Some(&"panic".into()));
    assert_eq!(spans.named("root").status, Status::Unset);
}

#[test]
fn a_panic_in_a_task_of_another_thread_ends_its_span() {
    let spans = threads().block_on(capture_async(async {
        task!("root", async {
            let task = tokio::spawn(task!("panics", async { panic!("on purpose") }));
            assert!(task.await.unwrap_err().is_panic());
            leaf();
        })
        .await;
    }));
    assert_tree(&spans, "root(panics leaf)");
    assert_eq!(spans.named("panics").attribute("error.type"), Some(&"panic".into()));
}

#[test]
fn a_future_that_is_never_polled_has_no_span() {
    let spans = capture(|| {
        open!(_root = "root");
        drop(parent());
        drop(task!("never", async { leaf() }));
    });
    assert_tree(&spans, "root");
}

#[test]
fn a_finished_future_may_be_polled_as_far_as_it_allows_it() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut answers = Box::pin(task!(
            "answers",
            poll_fn(|_| {
                leaf();
                Poll::Ready(())
            })
        ));
        assert!(poll_once(answers.as_mut()).is_ready());
        assert!(poll_once(answers.as_mut()).is_ready());
    });
    assert_tree(&spans, "root(answers(leaf) leaf)");
}

#[test]
fn a_finished_async_block_panics_as_it_would_without_us() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut done = Box::pin(task!("done", async {}));
        assert!(poll_once(done.as_mut()).is_ready());
        assert!(catch_unwind(AssertUnwindSafe(|| poll_once(done.as_mut()))).is_err());
        leaf();
    });
    assert_tree(&spans, "root(done leaf)");
}

#[test]
fn a_future_that_is_forgotten_stays_unfinished() {
    let spans = capture(|| {
        open!(_root = "root");
        let mut forgotten = Box::pin(task!("forgotten", pending::<()>()));
        assert!(poll_once(forgotten.as_mut()).is_pending());
        std::mem::forget(forgotten);
        leaf();
    });
    assert_tree(&spans, "root(forgotten leaf)");
    assert_eq!(spans.named("forgotten").attribute("traced.outcome"), Some(&"unfinished".into()));
}

#[test]
fn a_root_future_that_is_forgotten_takes_its_trace_with_it() {
    let spans = capture(|| {
        let mut forgotten = Box::pin(parent());
        assert!(poll_once(forgotten.as_mut()).is_pending());
        std::mem::forget(forgotten);
        leaf();
    });
    assert_tree(&spans, "leaf");
}

#[test]
fn arguments_join_the_span_of_the_future_that_was_just_opened() {
    let spans = capture(|| {
        let place = site!("call", "a", "b");
        block_on(traced::__private::traced(place, async {
            arguments(place, || [Value::U64(7), Value::Text("text")]);
            leaf();
            yield_now().await;
        }));
    });
    assert_tree(&spans, "call(leaf)");
    assert_eq!(spans.named("call").attribute("a"), Some(&7.into()));
    assert_eq!(spans.named("call").attribute("b"), Some(&"text".into()));
}

#[test]
fn arguments_that_were_formatted_by_traced_functions_arrive_all_the_same() {
    struct Traced;
    impl std::fmt::Display for Traced {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            leaf();
            f.write_str("shown")
        }
    }
    let spans = capture(|| {
        let place = site!("call", "a");
        block_on(traced::__private::traced(place, async {
            arguments(place, || [Value::Display(&Traced)]);
        }));
    });
    assert_tree(&spans, "call(leaf)");
    assert_eq!(spans.named("call").attribute("a"), Some(&"shown".into()));
}

#[test]
fn any_future_can_be_instrumented() {
    let spans = capture(|| {
        block_on(join(child().instrument(span!("one", n = 1)), child().instrument(span!("two"))));
    });
    assert_tree(&spans, "one(child(leaf twig)) two(child(leaf twig))");
    assert_eq!(spans.named("one").attribute("n"), Some(&1.into()));
}

#[test]
fn a_slow_future_says_so() {
    let spans = capture(|| {
        block_on(traced::__private::traced(site!("slow"; slow_ns = 1), async {
            yield_now().await;
            std::thread::sleep(std::time::Duration::from_millis(1));
        }));
        open!(_root = "root");
        block_on(traced::__private::traced(site!("nested"; slow_ns = 1), async {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }));
    });
    for name in ["slow", "nested"] {
        assert_eq!(spans.named(name).attribute("traced.slow"), Some(&true.into()));
        assert_eq!(spans.named(name).events[0].name, "slow");
    }
}

#[test]
fn a_function_may_stay_open_across_an_await_of_a_local_future() {
    let spans = capture(|| {
        block_on(task!("root", async {
            let guard = enter(site!("held"));
            leaf();
            yield_now().await;
            leaf();
            drop(guard);
            twig();
        }));
    });
    assert_tree(&spans, "root(held(leaf leaf) twig)");
}

#[test]
fn deep_awaits_keep_their_depth() {
    fn nested(depth: u32) -> Boxed {
        Box::pin(task!("level", async move {
            if depth > 0 {
                nested(depth - 1).await;
            }
            yield_now().await;
        }))
    }
    let spans = capture(|| block_on(nested(99)));
    assert_tree(&spans, &format!("{}{}", ["level"; 100].join("("), ")".repeat(99)));
}

#[test]
fn a_future_made_before_the_capture_is_part_of_it_if_its_place_was_on() {
    let called = std::cell::RefCell::new(None);
    // Some capture is running when the future is made, but it does not begin in any trace.
    let first = capture(|| {
        called.replace(Some(task!("called", async { leaf() })));
    });
    assert_tree(&first, "");
    let second = capture(|| block_on(called.take().unwrap()));
    assert_tree(&second, "called(leaf)");
}
