//! Every pair of the three as parent and child. `o` is ours, `t` is of `tracing`, `x` is of another library that speaks
//! OpenTelemetry.

use crate::{assert_tree, bridged};
use opentelemetry::trace::{FutureExt, TraceContextExt, Tracer, TracerProvider};
use std::future::Future;
use std::pin::Pin;
use tokio::task::yield_now;
use traced::span;
use traced::test::Spans;
use tracing::info_span;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Ours,
    Tracing,
    Otel,
}

const ALL: [Kind; 3] = [Kind::Ours, Kind::Tracing, Kind::Otel];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Ours => "o",
            Self::Tracing => "t",
            Self::Otel => "x",
        }
    }
}

fn tracer() -> traced::otel::Tracer {
    traced::otel::TracerProvider::new().tracer("some-library")
}

fn within(kind: Kind, work: impl FnOnce()) {
    match kind {
        Kind::Ours => span!("o").in_scope(work),
        Kind::Tracing => info_span!("t").in_scope(work),
        Kind::Otel => tracer().in_span("x", |_| work()),
    }
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The same around a future that yields inside and outside.
fn around(kind: Kind, work: Work) -> Work {
    let work = async move {
        yield_now().await;
        work.await;
        yield_now().await;
    };
    match kind {
        Kind::Ours => Box::pin(traced::Instrument::instrument(work, span!("o"))),
        // The parent of a span of `tracing` is what is current where it is made.
        Kind::Tracing => Box::pin(async move {
            tracing::Instrument::instrument(work, info_span!("t")).await;
        }),
        Kind::Otel => Box::pin(async move {
            // Now, where it is known what is around it.
            let context = traced::otel::context().with_span(tracer().start("x"));
            work.with_context(context).await;
        }),
    }
}

fn nothing() -> Work {
    Box::pin(async {})
}

#[test]
fn every_pair_of_functions() {
    for parent in ALL {
        for child in ALL {
            let spans = bridged(|| within(parent, || within(child, || {})));
            assert_tree(&spans, &format!("{}({})", parent.name(), child.name()));
        }
    }
}

#[test]
fn every_three_of_functions_and_siblings() {
    for a in ALL {
        for b in ALL {
            for c in ALL {
                let spans = bridged(|| {
                    within(a, || {
                        within(b, || within(c, || {}));
                        within(c, || within(a, || {}));
                    });
                    within(b, || {});
                });
                let [a, b, c] = [a, b, c].map(Kind::name);
                assert_tree(&spans, &format!("{a}({b}({c}) {c}({a})) {b}"));
            }
        }
    }
}

fn on_one_thread(work: impl Fn() -> Work) -> Spans {
    bridged(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(work());
    })
}

#[test]
fn every_pair_of_futures() {
    for parent in ALL {
        for child in ALL {
            let spans = on_one_thread(|| around(parent, around(child, nothing())));
            let tree = format!("{}({})", parent.name(), child.name());
            assert_eq!(spans.to_string(), tree, "{parent:?} around {child:?}");
        }
    }
}

#[test]
fn a_function_in_every_future_and_a_future_in_every_function() {
    for parent in ALL {
        for child in ALL {
            let tree = format!("{}({})", parent.name(), child.name());
            let inside: Work = Box::pin(async move { within(child, || {}) });
            let spans = bridged(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(around(parent, inside));
            });
            assert_eq!(spans.to_string(), tree, "{child:?} in the future {parent:?}");
            let spans = bridged(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                within(parent, || runtime.block_on(around(child, nothing())));
            });
            assert_eq!(spans.to_string(), tree, "the future {child:?} in {parent:?}");
        }
    }
}

#[test]
fn two_futures_of_each_pair_that_interleave_keep_their_own_children() {
    for parent in ALL {
        for child in ALL {
            let spans = bridged(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let set =
                    || around(parent, around(child, Box::pin(async move { within(child, || {}) })));
                runtime.block_on(async {
                    let (one, other) = (tokio::spawn(scoped(set())), tokio::spawn(scoped(set())));
                    one.await.unwrap();
                    other.await.unwrap();
                });
            });
            let tree = format!("{}({}({}))", parent.name(), child.name(), child.name());
            assert_eq!(spans.to_string(), format!("{tree} {tree}"), "{parent:?} around {child:?}");
        }
    }
}

/// On a current-thread runtime the thread's subscriber and the capture are there for every task.
async fn scoped(work: Work) {
    work.await;
}

#[test]
fn a_future_that_moves_between_threads_keeps_its_place() {
    for parent in ALL {
        for child in ALL {
            // A capture is of what begins on its thread: so all of it hangs on a span that does.
            let spans = bridged(|| {
                let _root = span!("root").enter();
                let mut work =
                    around(parent, around(child, Box::pin(async move { within(child, || {}) })));
                let dispatch = tracing::dispatcher::get_default(Clone::clone);
                // Each poll is on a thread of its own.
                while poll_once(&mut work).is_none() {
                    let dispatch = dispatch.clone();
                    let moved = std::thread::spawn(move || {
                        tracing::dispatcher::with_default(&dispatch, || {
                            let done = poll_once(&mut work);
                            (work, done)
                        })
                    });
                    let (back, done) = moved.join().unwrap();
                    work = back;
                    if done.is_some() {
                        break;
                    }
                }
            });
            let tree = format!("{}({}({}))", parent.name(), child.name(), child.name());
            assert_eq!(spans.to_string(), format!("root({tree})"), "{parent:?} around {child:?}");
        }
    }
}

fn poll_once(work: &mut Work) -> Option<()> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match work.as_mut().poll(&mut context) {
        std::task::Poll::Ready(()) => Some(()),
        std::task::Poll::Pending => None,
    }
}

#[test]
fn headers_name_a_span_of_tracing_where_it_is_the_innermost() {
    let mut headers = Vec::<(String, String)>::new();
    let spans = bridged(|| {
        within(Kind::Ours, || within(Kind::Tracing, || traced::propagation::inject(&mut headers)));
    });
    let span = spans.named("t").span_id.to_string();
    assert!(headers[0].1.contains(&span), "{headers:?}");
}
