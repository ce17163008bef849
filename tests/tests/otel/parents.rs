//! Who hangs on whom, in one thread.

use super::{foreign, foreign_around, library, tree};
use opentelemetry::Context;
use opentelemetry::trace::{
    Span as _, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
};
use traced::test::capture;
use traced::{Context as Ours, traced};

#[traced(name = "a")]
fn a(work: impl FnOnce()) {
    work();
}

#[traced(name = "b")]
fn b(work: impl FnOnce()) {
    work();
}

#[traced(name = "c")]
fn c(_number: u64) {}

fn remote(trace: u128, span: u64) -> Context {
    let (trace, span) = (TraceId::from(trace), SpanId::from(span));
    let ids = SpanContext::new(trace, span, TraceFlags::SAMPLED, true, TraceState::NONE);
    Context::new().with_remote_span_context(ids)
}

#[test]
fn ours_foreign_ours_foreign() {
    assert_eq!(
        tree(|| a(|| foreign_around("f", || b(|| foreign_around("g", || c(1)))))),
        "a(f(b(g(c))))"
    );
}

#[test]
fn foreign_ours_foreign_ours() {
    assert_eq!(
        tree(|| foreign_around("f", || a(|| foreign_around("g", || b(|| foreign("h")))))),
        "f(a(g(b(h))))"
    );
}

#[test]
fn a_foreign_span_that_is_not_attached_has_no_children() {
    assert_eq!(
        tree(|| a(|| {
            let mut open = library().start("f");
            b(|| foreign("g"));
            open.end();
        })),
        "a(f b(g))"
    );
}

#[test]
fn siblings_after_a_detach() {
    assert_eq!(
        tree(|| a(|| {
            c(1);
            foreign_around("f", || {
                c(2);
                b(|| {});
                c(3);
            });
            c(4);
            foreign("g");
            b(|| foreign("h"));
        })),
        "a(c f(c b c) c g b(h))"
    );
}

#[test]
fn a_context_that_is_detached_inside_of_a_span_that_goes_on() {
    assert_eq!(
        tree(|| a(|| {
            let attached = Context::current_with_span(library().start("f")).attach();
            b(|| {
                drop(attached);
                c(1);
                foreign("g");
            });
            c(2);
        })),
        "a(f(b(c g)) c)"
    );
}

#[test]
fn a_context_that_is_attached_inside_of_a_span_and_outlives_it() {
    let mut kept = None;
    assert_eq!(
        tree(|| a(|| {
            b(|| kept = Some(Context::current_with_span(library().start("f")).attach()));
            c(1);
            drop(kept.take());
            c(2);
        })),
        "a(b(f(c)) c)"
    );
}

#[test]
fn a_remote_parent_from_an_extracted_context() {
    library();
    let caller = remote(7, 8);
    let spans = capture(|| {
        let _attached = caller.attach();
        a(|| foreign_around("f", || b(|| {})));
    });
    assert_eq!(spans.to_string(), "a(f(b))");
    let root = spans.named("a");
    assert_eq!(root.trace_id.to_u128(), 7);
    assert_eq!(root.parent_id.to_u64(), 8);
    assert!(root.parent_is_remote);
    assert!(!spans.named("f").parent_is_remote && !spans.named("b").parent_is_remote);
}

#[test]
fn a_foreign_root_with_a_remote_parent() {
    library();
    let spans = capture(|| {
        let mut span = library().start_with_context("f", &remote(7, 8));
        span.end();
    });
    assert_eq!(spans.named("f").parent_id.to_u64(), 8);
    assert!(spans.named("f").parent_is_remote);
}

#[test]
fn ours_below_a_foreign_root_is_a_child_in_the_same_process() {
    library();
    let spans = capture(|| foreign_around("f", || a(|| {})));
    let ours = spans.named("a");
    assert!(!ours.parent_is_remote);
    assert_eq!(ours.trace_id, spans.named("f").trace_id);
}

#[test]
fn a_context_of_another_trace_inside_of_our_span_is_a_segment_of_its_own() {
    library();
    let spans = capture(|| {
        a(|| {
            let attached = remote(7, 8).attach();
            b(|| foreign_around("f", || c(1)));
            drop(attached);
            c(2);
            foreign("g");
        });
    });
    assert_eq!(spans.to_string(), "a(c g) b(f(c))");
    assert_eq!(spans.named("b").trace_id.to_u128(), 7);
    assert_eq!(spans.named("b").parent_id.to_u64(), 8);
    assert_ne!(spans.named("a").trace_id.to_u128(), 7);
}

#[test]
fn a_foreign_span_may_be_told_to_begin_a_trace() {
    library();
    let spans = capture(|| {
        a(|| {
            let tracer = library();
            let root = tracer.start_with_context("f", &Context::new());
            let attached = Context::current_with_span(root).attach();
            b(|| {});
            drop(attached);
            c(1);
        });
    });
    assert_eq!(spans.to_string(), "a(c) f(b)");
}

#[test]
fn explicit_parents_are_obeyed() {
    let tracer = library();
    let spans = capture(|| {
        let first = Context::new().with_span(tracer.start("f"));
        a(|| {
            b(|| {
                tracer.start_with_context("g", &first).end();
                tracer.start_with_context("h", &remote(7, 8)).end();
            });
        });
        drop(first);
    });
    assert_eq!(spans.to_string(), "f(g) a(b) h");
}

#[test]
fn an_explicit_parent_that_is_also_attached_is_obeyed() {
    let tracer = library();
    let spans = capture(|| {
        let caller = remote(7, 8);
        let _attached = caller.clone().attach();
        a(|| tracer.start_with_context("f", &caller).end());
    });
    assert_eq!(spans.named("f").parent_id.to_u64(), 8);
    assert_eq!(spans.named("a").parent_id.to_u64(), 8);
    let spans = capture(|| {
        foreign_around("g", || {
            let ambient = Context::current();
            a(|| b(|| tracer.start_with_context("f", &ambient).end()));
        });
    });
    assert_eq!(spans.to_string(), "g(a(b) f)");
}

#[test]
fn a_captured_context_of_ours_means_the_segment_wherever_it_is() {
    let tracer = library();
    // This is how libraries pass "the present span" on.
    assert_eq!(
        tree(|| a(|| b(|| tracer.start_with_context("f", &Context::current()).end()))),
        "a(b(f))"
    );
    // Exactly the root, and exactly what was innermost, on request.
    assert_eq!(
        tree(|| a(|| {
            let root = traced::otel::context();
            b(|| tracer.start_with_context("f", &root).end());
        })),
        "a(b f)"
    );
}

#[test]
fn our_spans_can_be_told_to_hang_on_a_context() {
    let tracer = library();
    let spans = capture(|| {
        let context = Context::new().with_span(tracer.start("f"));
        a(|| {
            let _span = traced::span!("told").parent(&context).enter();
            c(1);
            foreign("g");
        });
        context.span().end();
    });
    assert_eq!(spans.to_string(), "f(told(c g)) a");
    let spans = capture(|| {
        let _span =
            traced::span!("told").parent(remote(7, 8).span().span_context().clone()).enter();
    });
    assert_eq!(spans[0].parent_id.to_u64(), 8);
}

#[test]
fn foreign_spans_follow_our_explicit_contexts() {
    let spans = capture(|| {
        library();
        let mut captured = Ours::none();
        a(|| b(|| captured = traced::current()));
        captured.in_scope(|| foreign_around("f", || c(1)));
        Ours::none().in_scope(|| foreign("g"));
        foreign("h");
    });
    assert_eq!(spans.to_string(), "a(b(f(c))) g h");
}

#[test]
fn hidden_contexts_are_hidden_from_others_too() {
    library();
    let spans = capture(|| {
        a(|| {
            Ours::none().in_scope(|| {
                foreign("f");
                assert!(!Context::current().span().span_context().is_valid());
            });
            let far = Ours::remote(7.into_trace(), traced::SpanId::from_u64(8), true);
            far.in_scope(|| {
                foreign("g");
                b(|| {});
                let seen = Context::current().span().span_context().clone();
                assert_eq!(seen.span_id(), SpanId::from(8_u64));
                assert!(seen.is_remote());
            });
            c(1);
        });
    });
    assert_eq!(spans.to_string(), "a(c) f g b");
    assert_eq!(spans.named("g").parent_id.to_u64(), 8);
    assert_eq!(spans.named("b").parent_id.to_u64(), 8);
}

trait IntoTrace {
    fn into_trace(self) -> traced::TraceId;
}

impl IntoTrace for u128 {
    fn into_trace(self) -> traced::TraceId {
        traced::TraceId::from_u128(self)
    }
}

#[test]
fn whoever_reads_the_context_directly_sees_the_local_root() {
    library();
    let seen = || Context::current().span().span_context().clone();
    let mut ids = Vec::new();
    let spans = capture(|| {
        a(|| {
            ids.push(seen());
            b(|| ids.push(seen()));
            foreign_around("f", || ids.push(seen()));
            ids.push(seen());
        });
        assert!(!seen().is_valid());
    });
    let root = spans.named("a");
    for ours in [&ids[0], &ids[1], &ids[3]] {
        assert_eq!(traced::SpanId::from(ours.span_id()), root.span_id);
        assert_eq!(traced::TraceId::from(ours.trace_id()), root.trace_id);
        assert!(ours.is_sampled() && !ours.is_remote());
    }
    assert_eq!(traced::SpanId::from(ids[2].span_id()), spans.named("f").span_id);
}

#[test]
fn baggage_and_values_of_others_stay_in_sight() {
    use opentelemetry::KeyValue;
    use opentelemetry::baggage::BaggageExt;
    library();
    let _spans = capture(|| {
        let context = Context::current_with_value(7_u64);
        let _attached = context.with_baggage([KeyValue::new("tenant", "acme")]).attach();
        a(|| {
            let inside = Context::current();
            assert_eq!(inside.get::<u64>(), Some(&7));
            assert_eq!(
                inside.baggage().get("tenant").map(|v| v.as_str().to_owned()),
                Some("acme".into())
            );
            assert_eq!(traced::current().baggage().get("tenant"), None, "it is not ours");
        });
    });
}

#[test]
fn a_change_that_is_no_span_moves_nothing() {
    assert_eq!(
        tree(|| a(|| {
            let _attached = Context::current_with_value(7_u64).attach();
            b(|| foreign("f"));
            let _again = Context::current_with_value(8_u64).attach();
            c(1);
        })),
        "a(b(f) c)"
    );
}

#[test]
fn a_context_without_any_span_inside_of_ours_changes_nothing() {
    assert_eq!(
        tree(|| a(|| {
            let attached = Context::new().attach();
            b(|| foreign("f"));
            drop(attached);
            c(1);
        })),
        "a(b(f) c)"
    );
}

#[test]
fn a_root_in_a_root() {
    #[traced(name = "root", root)]
    fn root(work: impl FnOnce()) {
        work();
    }
    assert_eq!(
        tree(|| a(|| {
            foreign_around("f", || root(|| foreign_around("g", || c(1))));
            foreign_around("h", || c(2));
        })),
        "a(f h(c)) root(g(c))"
    );
}

#[test]
fn places_with_values_and_sections_look_too() {
    assert_eq!(
        tree(|| a(|| foreign_around("f", || {
            c(7);
            let _section = traced::section!("s");
            c(8);
            foreign("g");
        }))),
        "a(f(c s(c g)))"
    );
}

#[test]
fn an_unsampled_trace_takes_the_foreign_spans_with_it() {
    use traced::sampling::AlwaysOff;
    library();
    let mut ids = None;
    let spans = traced::test::Capturing::new().sampler(AlwaysOff).run(|| {
        a(|| {
            let span = library().start("f");
            ids = Some(span.span_context().clone());
            assert!(!span.is_recording());
            let _attached = Context::current_with_span(span).attach();
            b(|| {});
        });
        foreign("root");
    });
    assert!(spans.is_empty());
    let ids = ids.unwrap();
    assert!(ids.is_valid() && !ids.is_sampled());
}

#[test]
fn another_trace_is_recorded_inside_of_an_unsampled_one() {
    use traced::sampling::{AlwaysOff, ParentBased};
    library();
    let sampler = ParentBased::new(AlwaysOff);
    let spans = traced::test::Capturing::new().sampler(sampler).run(|| {
        a(|| {
            let _attached = remote(7, 8).attach();
            b(|| c(1));
        });
    });
    assert_eq!(spans.to_string(), "b(c)");
}

#[test]
fn silence_is_kept() {
    assert_eq!(
        tree(|| {
            foreign("before");
            let silence = Context::enter_telemetry_suppressed_scope();
            a(|| {
                b(|| {});
                foreign("f");
            });
            foreign_around("g", || c(1));
            drop(silence);
            a(|| {
                let silence = Context::enter_telemetry_suppressed_scope();
                b(|| {});
                c(1);
                foreign("f");
                drop(silence);
                c(2);
            });
        }),
        "before a(c)"
    );
}
