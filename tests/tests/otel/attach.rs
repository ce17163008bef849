//! `attach`: inside of the span, OpenTelemetry's context is exactly the span.

use super::{foreign, foreign_around, library, on_many_threads, tree};
use opentelemetry::Context;
use opentelemetry::trace::{Span as _, TraceContextExt, Tracer};
use traced::test::capture;
use traced::{SpanId, traced};

fn seen() -> SpanId {
    Context::current().span().span_context().span_id().into()
}

#[traced(name = "root")]
fn root(work: impl FnOnce()) {
    work();
}

#[traced(name = "exact", attach)]
fn exact(work: impl FnOnce()) -> SpanId {
    let before = seen();
    work();
    assert_eq!(seen(), before);
    before
}

#[traced(name = "inner")]
fn inner() {}

#[test]
fn the_context_is_the_span() {
    library();
    let mut ids = Vec::new();
    let spans = capture(|| {
        root(|| {
            ids.push(seen());
            ids.push(exact(|| {}));
            ids.push(seen());
        });
        ids.push(exact(|| {}));
        ids.push(seen());
    });
    assert_eq!(spans.to_string(), "root(exact) exact");
    let root = spans.named("root").span_id;
    let second = spans.roots().nth(1).unwrap().span_id;
    assert_eq!(ids, [root, spans.named("exact").span_id, root, second, SpanId::INVALID]);
}

#[test]
fn a_context_captured_inside_is_exact_anywhere() {
    let tracer = library();
    let spans = capture(|| {
        let mut captured = Context::new();
        root(|| {
            exact(|| captured = Context::current());
            inner();
            tracer.start_with_context("f", &captured).end();
        });
        let context = captured.clone();
        std::thread::spawn(move || {
            let _attached = context.attach();
            inner();
            library().start("g").end();
        })
        .join()
        .unwrap();
    });
    assert_eq!(spans.to_string(), "root(exact(f inner g) inner)");
}

#[test]
fn all_goes_on_inside_as_elsewhere() {
    assert_eq!(
        tree(|| root(|| {
            exact(|| {
                inner();
                foreign_around("f", || {
                    inner();
                    exact(|| foreign("g"));
                    inner();
                });
                inner();
            });
            inner();
        })),
        "root(exact(inner f(inner exact(g) inner) inner) inner)"
    );
}

#[test]
fn values_and_explicit_parents_attach_too() {
    #[traced(name = "number", attach)]
    fn number(_n: u64) {
        foreign("f");
    }
    #[traced(name = "told", attach, parent = context)]
    fn told(context: &traced::Context) {
        assert!(!context.is_none());
        foreign("g");
    }
    assert_eq!(
        tree(|| root(|| {
            number(1);
            let here = traced::current();
            exact(|| told(&here));
        })),
        "root(number(f) exact told(g))"
    );
}

#[test]
fn a_panic_detaches() {
    library();
    let spans = capture(|| {
        root(|| {
            let panicked = std::panic::catch_unwind(|| exact(|| panic!("on purpose")));
            assert!(panicked.is_err());
            inner();
        });
    });
    assert_eq!(spans.to_string(), "root(exact inner)");
}

#[test]
fn futures_attach_while_they_are_polled() {
    #[traced(name = "outer")]
    async fn outer() {
        tokio::task::yield_now().await;
        let before = seen();
        let inside = exactly().await;
        assert_eq!(seen(), before);
        assert_ne!(inside, before);
    }
    #[traced(name = "exact", attach)]
    async fn exactly() -> SpanId {
        let first = seen();
        foreign("f");
        tokio::task::yield_now().await;
        assert_eq!(seen(), first);
        inner();
        first
    }
    let spans = on_many_threads(async {
        outer().await;
        assert_eq!(seen(), SpanId::INVALID);
        let alone = exactly().await;
        assert!(alone.is_valid());
    });
    assert_eq!(spans.to_string(), "outer(exact(f inner)) exact(f inner)");
}
