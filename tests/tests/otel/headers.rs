//! The global propagator: what is written and read through it.

use super::{foreign_around, library};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{Span as _, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, global};
use std::collections::HashMap;
use traced::otel::IntoContext;
use traced::propagation;
use traced::test::capture;
use traced::traced;

type Headers = HashMap<String, String>;

#[traced(name = "a")]
fn a<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[traced(name = "b")]
fn b<R>(work: impl FnOnce() -> R) -> R {
    work()
}

fn inject(context: &Context) -> Headers {
    let mut headers = Headers::new();
    global::get_text_map_propagator(|propagator| propagator.inject_context(context, &mut headers));
    headers
}

fn extract(headers: &[(&str, &str)]) -> Context {
    let headers: Headers =
        headers.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    global::get_text_map_propagator(|propagator| propagator.extract(&headers))
}

#[track_caller]
fn names(headers: &Headers, span: &traced::data::Span) {
    let expected = format!("00-{}-{}-03", span.trace_id, span.span_id);
    assert_eq!(headers["traceparent"], expected);
}

#[test]
fn the_innermost_span_is_written_ours_or_theirs() {
    library();
    let mut sent = Vec::new();
    let spans = capture(|| {
        a(|| {
            sent.push(inject(&Context::current()));
            b(|| sent.push(Context::map_current(inject)));
            foreign_around("f", || {
                sent.push(inject(&Context::current()));
                b(|| sent.push(inject(&Context::current())));
            });
            // And by our own function.
            let mut headers = Headers::new();
            foreign_around("g", || propagation::inject(&mut headers));
            sent.push(headers);
        });
        assert!(inject(&Context::current()).is_empty());
    });
    assert_eq!(spans.to_string(), "a(b f(b) g)");
    let of = |parent: &str| spans.children(spans.named(parent)).next().unwrap();
    names(&sent[0], spans.named("a"));
    names(&sent[1], of("a"));
    names(&sent[2], spans.named("f"));
    names(&sent[3], of("f"));
    names(&sent[4], spans.named("g"));
}

#[test]
fn an_explicit_context_is_written_as_it_is() {
    let tracer = library();
    let mut sent = Vec::new();
    let spans = capture(|| {
        a(|| {
            let exact = traced::otel::context();
            let theirs = Context::current_with_span(tracer.start("f"));
            b(|| {
                sent.push(inject(&exact));
                sent.push(inject(&theirs));
            });
        });
    });
    names(&sent[0], spans.named("a"));
    names(&sent[1], spans.named("f"));
}

const CALLER: &str = "00-12345678901234567890123456789012-1234567890123456-03";

#[test]
fn what_was_read_goes_on() {
    library();
    let received = [("traceparent", CALLER), ("tracestate", "a@b@c=1,rojo=2"), ("baggage", "k=v")];
    let mut sent = Headers::new();
    let spans = capture(|| {
        let _attached = extract(&received).attach();
        assert_eq!(inject(&Context::current())["traceparent"], CALLER);
        a(|| foreign_around("f", || sent = inject(&Context::current())));
    });
    let root = spans.named("a");
    assert_eq!(root.parent_id.to_string(), "1234567890123456");
    assert!(root.parent_is_remote);
    assert_eq!(root.trace_state.as_deref(), Some("a@b@c=1,rojo=2"));
    assert_eq!(spans.named("f").trace_state.as_deref(), Some("a@b@c=1,rojo=2"));
    names(&sent, spans.named("f"));
    assert_eq!(sent["tracestate"], "a@b@c=1,rojo=2");
    assert_eq!(sent["baggage"], "k=v");
}

#[test]
fn several_headers_of_a_name_are_all_read() {
    use opentelemetry::propagation::Extractor;
    struct Several;
    impl Extractor for Several {
        fn get(&self, key: &str) -> Option<&str> {
            self.get_all(key).and_then(|all| all.first().copied())
        }
        fn keys(&self) -> Vec<&str> {
            vec!["traceparent", "tracestate"]
        }
        fn get_all(&self, key: &str) -> Option<Vec<&str>> {
            match key {
                "traceparent" => Some(vec![CALLER]),
                "tracestate" => Some(vec!["a=1", "b=2"]),
                _ => None,
            }
        }
    }
    library();
    let context = global::get_text_map_propagator(|propagator| propagator.extract(&Several));
    assert_eq!(context.span().span_context().trace_state().header(), "a=1,b=2");
}

#[test]
fn what_makes_no_sense_leaves_the_context_as_it_was() {
    let tracer = library();
    let _spans = capture(|| {
        foreign_around("f", || {
            let before = Context::current().span().span_context().clone();
            let after = extract(&[("traceparent", "00-1-2-3")]);
            assert_eq!(*after.span().span_context(), before);
        });
        drop(tracer);
    });
}

#[test]
fn baggage_of_both_sides_travels() {
    library();
    let _spans = capture(|| {
        let context = extract(&[("baggage", "tenant=acme%20inc;ttl=3,plan=free")]);
        let (value, metadata) = context.baggage().get_with_metadata("tenant").unwrap().clone();
        assert_eq!((value.as_str(), metadata.as_str()), ("acme inc", "ttl=3"));
        let _attached = context.attach();
        a(|| {
            let sent = inject(&Context::current());
            let sent: propagation::Baggage = sent["baggage"].parse().unwrap();
            assert_eq!(sent.get("tenant").as_deref(), Some("acme inc"));
            assert_eq!(sent.get("plan").as_deref(), Some("free"));
            let more = Context::current().with_baggage([KeyValue::new("more", "a, b")]);
            let _attached = more.attach();
            let mut headers = Headers::new();
            b(|| propagation::inject(&mut headers));
            assert_eq!(headers["baggage"], "more=a%2C%20b");
        });
    });
}

#[test]
fn our_own_contexts_show_their_baggage_to_others() {
    library();
    let received = [("traceparent", CALLER), ("baggage", "tenant=acme")];
    let _spans = capture(|| {
        propagation::extract(&received).in_scope(|| {
            let seen = || {
                Context::current().baggage().get("tenant").map(|value| value.as_str().to_owned())
            };
            assert_eq!(seen().as_deref(), Some("acme"));
            a(|| assert_eq!(seen().as_deref(), Some("acme")));
        });
    });
}

#[test]
fn a_context_goes_from_one_side_to_the_other_and_back() {
    library();
    let _spans = capture(|| {
        a(|| {
            let ours = traced::current();
            let theirs = Context::from(&ours);
            let back = theirs.into_context();
            assert_eq!((back.trace_id(), back.span_id()), (ours.trace_id(), ours.span_id()));
        });
        let far = propagation::extract(&[("traceparent", CALLER), ("tracestate", "a=1")]);
        let theirs = Context::from(&far);
        assert!(theirs.span().span_context().is_remote());
        let spans = capture(|| traced::otel::with_context(&theirs, || b(|| ())));
        assert_eq!(spans[0].parent_id, far.span_id());
        assert_eq!(spans[0].trace_state.as_deref(), Some("a=1"));
    });
}

#[test]
fn the_fields_are_those_of_the_formats() {
    library();
    let fields: Vec<String> = global::get_text_map_propagator(|propagator| {
        propagator.fields().map(str::to_owned).collect()
    });
    assert_eq!(fields, ["traceparent", "tracestate", "baggage"]);
}

#[test]
fn ours_is_the_global_provider() {
    library();
    assert!(traced::otel::is_installed());
    let mut span = global::tracer("x").start("x");
    span.end();
}
