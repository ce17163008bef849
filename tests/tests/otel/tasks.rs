//! Who hangs on whom in tasks and threads.

use super::{
    foreign, foreign_around, foreign_around_future, library, on_many_threads, on_one_thread, tree,
};
use opentelemetry::Context;
use opentelemetry::trace::{FutureExt, Span as _, TraceContextExt, Tracer};
use std::time::Duration;
use traced::test::{Spans, capture};
use traced::{Instrument, traced};

#[traced(name = "a")]
async fn a(work: impl Future<Output = ()>) {
    tokio::task::yield_now().await;
    work.await;
    tokio::task::yield_now().await;
}

#[traced(name = "b")]
async fn b(work: impl Future<Output = ()>) {
    tokio::task::yield_now().await;
    work.await;
    tokio::task::yield_now().await;
}

#[traced(name = "c")]
fn c() {}

#[traced(name = "s")]
fn s(work: impl FnOnce()) {
    work();
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// The tree of a future on one thread and on several, which must be the same.
#[track_caller]
fn tree_of<F: Future<Output = ()>>(work: impl Fn() -> F) -> String {
    // Called inside of the capture: a call where nobody listens makes no span.
    let one = on_one_thread(async { work().await }).to_string();
    let many = on_many_threads(async { work().await }).to_string();
    assert_eq!(one, many);
    one
}

#[test]
fn ours_foreign_ours_foreign() {
    let work = || {
        a(async {
            c();
            let inside = b(async {
                foreign("g");
                pause().await;
                foreign_around("h", c);
                c();
            });
            foreign_around_future("f", inside).await;
            c();
            foreign("i");
        })
    };
    assert_eq!(tree_of(work), "a(c f(b(g h(c) c)) c i)");
}

#[test]
fn foreign_ours_foreign_ours() {
    let work = || {
        foreign_around_future("f", async {
            a(async {
                pause().await;
                foreign_around_future("g", b(async { c() })).await;
            })
            .await;
            c();
        })
    };
    assert_eq!(tree_of(work), "f(a(g(b(c))) c)");
}

#[test]
fn a_foreign_context_around_many_polls() {
    let work = || {
        a(async {
            let inside = async {
                for _ in 0..3 {
                    c();
                    pause().await;
                    b(async { foreign("g") }).await;
                }
            };
            foreign_around_future("f", inside).await;
        })
    };
    assert_eq!(tree_of(work), "a(f(c b(g) c b(g) c b(g)))");
}

#[test]
fn futures_in_turn_do_not_mix() {
    let work = || {
        a(async {
            let first = foreign_around_future(
                "f",
                b(async {
                    pause().await;
                    foreign("f1");
                    c();
                }),
            );
            let second = b(async {
                pause().await;
                foreign("s1");
                c();
            });
            tokio::join!(first, second);
            c();
        })
    };
    let name = |name: &str, spans: &Spans| {
        let parent = spans.named(name).parent_id;
        let parent = spans.iter().find(|span| span.span_id == parent).unwrap();
        spans.iter().find(|span| span.span_id == parent.parent_id).unwrap().name.to_string()
    };
    for spans in [on_one_thread(async { work().await }), on_many_threads(async { work().await })] {
        assert_eq!(name("f1", &spans), "f");
        assert_eq!(name("s1", &spans), "a");
    }
}

#[test]
fn a_context_captured_inside_of_ours_and_attached_in_a_task() {
    let work = || {
        a(async {
            b(async {
                let context = Context::current();
                let task = async {
                    c();
                    pause().await;
                    foreign_around("f", c);
                    b(async { foreign("g") }).await;
                };
                tokio::spawn(task.with_context(context)).await.unwrap();
            })
            .await;
        })
    };
    // It shows the local root, not `b`: the trace is the same.
    for spans in [on_one_thread(async { work().await }), on_many_threads(async { work().await })] {
        assert_eq!(spans.to_string(), "a(b c f(c) b(g))");
    }
}

#[test]
fn an_exact_context_in_a_task() {
    let work = || {
        a(async {
            b(async {
                let context = traced::otel::context();
                let task = async {
                    c();
                    pause().await;
                    foreign_around("f", c);
                };
                tokio::spawn(task.with_context(context)).await.unwrap();
            })
            .await;
        })
    };
    assert_eq!(tree_of(work), "a(b(c f(c)))");
}

#[test]
fn a_context_captured_inside_of_ours_and_attached_in_a_thread() {
    assert_eq!(
        tree(|| s(|| {
            let context = Context::current();
            let work = move || {
                let _attached = context.attach();
                s(c);
                foreign("f");
            };
            std::thread::spawn(work).join().unwrap();
        })),
        "s(s(c) f)"
    );
}

#[test]
fn a_foreign_context_of_our_trace_in_a_thread() {
    assert_eq!(
        tree(|| s(|| {
            let context = Context::current_with_span(library().start("f"));
            let work = move || {
                let _attached = context.attach();
                s(|| foreign_around("g", c));
            };
            std::thread::spawn(work).join().unwrap();
        })),
        "s(f(s(g(c))))"
    );
}

#[test]
fn a_span_context_alone_is_enough_where_the_segment_is() {
    assert_eq!(
        tree(|| s(|| {
            let mut span = library().start("f");
            let ids = span.span_context().clone();
            let attached = Context::new().with_remote_span_context(ids).attach();
            s(c);
            foreign("g");
            drop(attached);
            span.end();
        })),
        "s(f(s(c) g))"
    );
}

#[test]
fn a_task_of_ours_spawned_inside_of_a_foreign_span() {
    let work = || {
        a(async {
            let task = foreign_around("f", || tokio::spawn(b(async { c() })));
            task.await.unwrap();
        })
    };
    assert_eq!(tree_of(work), "a(f(b(c)))");
    let work = || async {
        let task = foreign_around("f", || tokio::spawn(b(async { c() })));
        task.await.unwrap();
    };
    // A capture belongs to its task: what begins a segment elsewhere is not in it.
    assert_eq!(on_one_thread(async { work().await }).to_string(), "f");
}

#[test]
fn our_own_ways_of_carrying_a_context_show_it_to_others() {
    let work = || {
        a(async {
            let task = async {
                foreign("f");
                pause().await;
                let seen = Context::current().span().span_context().clone();
                assert!(seen.is_valid());
                foreign_around("g", c);
            };
            tokio::spawn(task.in_current()).await.unwrap();
            let thread = traced::in_current(|| foreign("h"));
            tokio::task::spawn_blocking(thread).await.unwrap();
        })
    };
    assert_eq!(tree_of(work), "a(f g(c) h)");
}

#[test]
fn other_tasks_of_the_thread_see_nothing() {
    let work = || async {
        let traced_task = a(async {
            for _ in 0..5 {
                pause().await;
                foreign("f");
            }
        });
        let bystander = async {
            for _ in 0..5 {
                assert!(!Context::current().span().span_context().is_valid());
                pause().await;
            }
        };
        tokio::join!(traced_task, bystander);
    };
    assert_eq!(tree_of(work), "a(f f f f f)");
}

#[test]
fn a_future_that_is_dropped_leaves_no_context() {
    let work = || async {
        {
            let future = a(std::future::pending());
            let _ = tokio::time::timeout(Duration::from_millis(2), future).await;
        }
        assert!(!Context::current().span().span_context().is_valid());
        foreign("f");
    };
    assert_eq!(tree_of(work), "a f");
}

#[test]
fn a_root_in_a_poll_goes_with_it() {
    let work = || {
        a(async {
            traced::Context::none().in_scope(|| s(|| foreign_around("f", c)));
            pause().await;
            foreign("g");
        })
    };
    assert_eq!(tree_of(work), "a(g) s(f(c))");
}

#[test]
fn many_tasks_at_once() {
    let work = async {
        let tasks = (0..100).map(|_| {
            tokio::spawn(
                a(async {
                    let inside = b(async {
                        pause().await;
                        foreign_around("g", c);
                    });
                    foreign_around_future("f", inside).await;
                    pause().await;
                    c();
                })
                .in_context(&traced::current()),
            )
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    };
    let around = async {
        #[traced(name = "all")]
        async fn all(work: impl Future<Output = ()>) {
            work.await;
        }
        all(work).await;
    };
    let spans = on_many_threads(around);
    let one = "a(f(b(g(c))) c)";
    assert_eq!(spans.to_string(), format!("all({})", [one; 100].join(" ")));
}

#[test]
fn a_foreign_root_is_not_in_the_way_of_our_segments() {
    library();
    let spans = capture(|| {
        let context = Context::new().with_span(library().start("f"));
        for _ in 0..3 {
            let _attached = context.clone().attach();
            s(c);
        }
        context.span().end();
    });
    assert_eq!(spans.to_string(), "f(s(c) s(c) s(c))");
}

/// Runs a function of ours when its thread is torn down, whatever is still there then.
struct Farewell;

impl Drop for Farewell {
    fn drop(&mut self) {
        s(c);
        let _ = traced::current();
    }
}

thread_local! {
    static FIRST: Farewell = const { Farewell };
    static LAST: Farewell = const { Farewell };
}

#[test]
fn a_thread_that_is_torn_down_looks_no_more() {
    let work = |uses_ours: bool| {
        move || {
            FIRST.with(|_| {});
            let context = Context::new()
                .with_remote_span_context(opentelemetry::trace::SpanContext::empty_context());
            drop(context.attach());
            if uses_ours {
                s(|| foreign_around("f", c));
            }
            LAST.with(|_| {});
        }
    };
    let _spans = capture(|| {
        library();
        std::thread::spawn(work(true)).join().unwrap();
        std::thread::spawn(work(false)).join().unwrap();
    });
}
