//! Tasks, blocking threads, channels and streams: who starts work is the parent of what it does, on every runtime.

#![allow(missing_docs)]

use futures_util::stream::{self, StreamExt};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, yield_now};
use traced::propagation::{Baggage, inject};
use traced::test::{Spans, capture};
use traced::{Context, InSpan, Instrument, Message, span, task, traced};
use traced_tests::{assert_tree, leaf, open, twig};

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap()
}

/// The same work on both kinds of runtimes.
fn on_each(work: impl Fn(&Runtime) -> Spans, check: impl Fn(&Spans)) {
    for runtime in [one_thread(), threads()] {
        check(&work(&runtime));
    }
}

#[traced]
async fn parent() {
    task::spawn(async {
        leaf();
        yield_now().await;
        leaf();
    })
    .await
    .unwrap();
    twig();
}

#[test]
fn a_task_hangs_on_the_span_that_started_it() {
    on_each(
        |runtime| capture(|| runtime.block_on(parent())),
        |spans| assert_tree(spans, "parent(leaf leaf twig)"),
    );
}

#[test]
fn a_task_of_tokio_itself_does_not() {
    // What makes the other tests worth something.
    let spans = capture(|| {
        let runtime = threads();
        runtime.block_on(
            async { tokio::spawn(async { leaf() }).await.unwrap() }.instrument(span!("parent")),
        );
    });
    assert_tree(&spans, "parent");
}

#[test]
fn a_task_that_starts_a_task_hands_the_trace_on() {
    #[traced]
    async fn outer() {
        let middle = task::spawn(
            async { task::spawn(async { leaf() }).await.unwrap() }.instrument(span!("middle")),
        );
        middle.await.unwrap();
    }
    on_each(
        |runtime| capture(|| runtime.block_on(outer())),
        |spans| {
            let middle = spans.named("middle");
            assert_eq!(spans.named("leaf").parent_id, middle.span_id);
            assert_eq!(spans.roots().count(), 1);
        },
    );
}

#[test]
fn blocking_work_hangs_on_the_span_that_started_it() {
    #[traced]
    async fn outer() -> u32 {
        let blocking = task::spawn_blocking(|| {
            leaf();
            7
        });
        blocking.await.unwrap()
    }
    on_each(
        |runtime| capture(|| assert_eq!(runtime.block_on(outer()), 7)),
        |spans| assert_eq!(spans.named("leaf").parent_id, spans.roots().next().unwrap().span_id),
    );
}

#[test]
fn each_task_of_a_set_hangs_on_the_span_that_spawned_it() {
    async fn all() {
        let mut set = task::JoinSet::new();
        async { set.spawn(async { leaf() }) }.instrument(span!("first")).await;
        async { set.spawn_blocking(twig) }.instrument(span!("second")).await;
        let mut done = 0;
        while let Some(end) = set.join_next().await {
            end.unwrap();
            done += 1;
        }
        assert_eq!((done, set.len()), (2, 0));
    }
    on_each(
        |runtime| capture(|| runtime.block_on(all().instrument(span!("root")))),
        |spans| {
            assert_eq!(spans.named("leaf").parent_id, spans.named("first").span_id);
            assert_eq!(spans.named("twig").parent_id, spans.named("second").span_id);
            assert_eq!(spans.roots().count(), 1);
        },
    );
}

#[test]
fn a_set_of_many_futures_returns_all_of_them() {
    on_each(
        |runtime| {
            capture(|| {
                let all = async {
                    let set: task::JoinSet<_> = (0..20_u32)
                        .map(|n| async move {
                            yield_now().await;
                            leaf();
                            n
                        })
                        .collect();
                    set.join_all().await.into_iter().sum::<u32>()
                };
                assert_eq!(runtime.block_on(all.instrument(span!("root"))), 190);
            })
        },
        |spans| {
            let root = spans.named("root");
            assert_eq!(spans.children(root).filter(|span| span.name == "leaf").count(), 20);
        },
    );
}

#[test]
fn a_local_task_hangs_on_the_span_that_started_it() {
    let spans = capture(|| {
        let local = LocalSet::new();
        let work = async {
            let not_send = std::rc::Rc::new(7);
            let task = async move {
                leaf();
                *not_send
            };
            assert_eq!(task::spawn_local(task).await.unwrap(), 7);
        };
        local.block_on(&one_thread(), work.instrument(span!("root")));
    });
    assert_tree(&spans, "root(leaf)");
}

#[test]
fn a_task_that_outlives_its_trace_follows_it() {
    on_each(
        |runtime| {
            capture(|| {
                let mut late = None;
                runtime.block_on(
                    async {
                        late = Some(task::spawn(async {
                            tokio::time::sleep(Duration::from_millis(20)).await;
                            leaf();
                        }));
                    }
                    .instrument(span!("root")),
                );
                runtime.block_on(late.unwrap()).unwrap();
            })
        },
        |spans| assert_tree(spans, "root(leaf)"),
    );
}

#[test]
fn an_aborted_task_was_cancelled_and_a_panicking_one_says_so() {
    let spans = capture(|| {
        one_thread().block_on(
            async {
                let waiting =
                    task::spawn(std::future::pending::<()>().instrument(span!("waiting")));
                yield_now().await;
                waiting.abort();
                assert!(waiting.await.unwrap_err().is_cancelled());
                let panicking =
                    task::spawn(async { panic!("on purpose") }.instrument(span!("panicking")));
                assert!(panicking.await.unwrap_err().is_panic());
            }
            .instrument(span!("root")),
        );
    });
    assert_tree(&spans, "root(waiting panicking)");
    let waiting = spans.named("waiting");
    assert_eq!(waiting.attribute("traced.outcome"), Some(&"cancelled".into()));
    let panicking = spans.named("panicking");
    assert_eq!(panicking.attribute("error.type"), Some(&"panic".into()));
}

#[test]
fn outside_of_a_trace_a_task_is_nobodys() {
    let spans = capture(|| {
        one_thread().block_on(async {
            task::spawn(async { assert!(traced::current().is_none()) }).await.unwrap();
        });
    });
    assert_eq!(spans.len(), 0);
}

#[test]
fn what_came_along_with_the_request_is_sent_by_its_tasks() {
    let baggage: Baggage = "tenant=7".parse().unwrap();
    let caller = Context::none().with_baggage(baggage);
    let headers = threads().block_on(
        async {
            let sent = task::spawn(async {
                let mut headers = Vec::<(String, String)>::new();
                inject(&mut headers);
                headers
            });
            sent.await.unwrap()
        }
        .in_context(&caller),
    );
    assert!(headers.contains(&("baggage".into(), "tenant=7".into())), "{headers:?}");
}

#[test]
fn a_message_is_a_parent_or_a_link_by_choice() {
    #[traced(name = "one", parent = message)]
    fn one(message: &Message<u32>) {
        traced::record!(value = **message);
    }
    #[traced(name = "many", root, links = messages)]
    fn many(messages: &[Message<u32>]) {
        traced::record!(count = messages.len());
    }
    on_each(
        |runtime| {
            capture(|| {
                runtime.block_on(async {
                    let (sender, mut receiver) = tokio::sync::mpsc::channel(4);
                    for value in 0..2 {
                        let send = async { sender.send(Message::new(value)).await.unwrap() };
                        send.instrument(span!("send")).await;
                    }
                    drop(sender);
                    let mut all = Vec::new();
                    while let Some(message) = receiver.recv().await {
                        one(&message);
                        all.push(message.clone());
                        message.in_scope(|_| leaf());
                    }
                    many(&all);
                });
            })
        },
        |spans| {
            assert_tree(spans, "send(one leaf) send(one leaf) many");
            let senders: Vec<_> = spans.iter().filter(|span| span.name == "send").collect();
            let links: Vec<_> = spans.named("many").links.iter().map(|link| link.span_id).collect();
            assert_eq!(links, [senders[0].span_id, senders[1].span_id]);
        },
    );
}

#[test]
fn a_message_keeps_its_sender_when_its_value_changes() {
    capture(|| {
        open!(_root = "root");
        let here = traced::current().span_id();
        let message = Message::new(3).map(|n| n + 1);
        assert_eq!((*message, message.context().span_id()), (4, here));
        let (context, value) = message.into_parts();
        assert_eq!((value, context.span_id()), (4, here));
    });
}

#[test]
fn a_stream_that_another_task_polls_continues_the_trace() {
    on_each(
        |runtime| {
            capture(|| {
                runtime.block_on(
                    async {
                        let items = stream::iter(0..3).map(|n| {
                            leaf();
                            n
                        });
                        let items = items.in_current();
                        let consumer = tokio::spawn(async move {
                            let count = items.count().await;
                            // The consumer itself is nobody's.
                            assert!(traced::current().is_none());
                            count
                        });
                        assert_eq!(consumer.await.unwrap(), 3);
                    }
                    .instrument(span!("root")),
                );
            })
        },
        |spans| assert_tree(spans, "root(leaf leaf leaf)"),
    );
}
