//! One trace with a library that knows nothing of `traced`: it uses the global provider and the global
//! propagator of OpenTelemetry, as database drivers and HTTP clients do.
//!
//! `cargo run -p traced-examples --example 05_opentelemetry`

use opentelemetry::propagation::Injector;
use opentelemetry::trace::{Span, SpanKind, Tracer};
use opentelemetry::{Context, KeyValue, global};
use std::collections::HashMap;
use std::thread::sleep;
use std::time::Duration;
use traced::{propagation, traced};

/// What somebody else wrote.
mod some_http_client {
    use super::{Duration, HashMap, Injector, KeyValue, Span, SpanKind, Tracer, global, sleep};

    pub(super) fn get(url: &'static str) -> HashMap<String, String> {
        let tracer = global::tracer("some-http-client");
        let builder = tracer.span_builder("GET").with_kind(SpanKind::Client);
        tracer.in_span_with_builder(builder, |context| {
            let mut headers = HashMap::new();
            global::get_text_map_propagator(|propagator| {
                propagator.inject_context(&context, &mut headers as &mut dyn Injector);
            });
            resolve(url);
            sleep(Duration::from_millis(5));
            headers
        })
    }

    fn resolve(url: &'static str) {
        let mut span = global::tracer("some-resolver").start("resolve");
        span.set_attribute(KeyValue::new("url.full", url));
        sleep(Duration::from_millis(2));
        span.end();
    }
}

#[traced]
fn order(id: u64) -> HashMap<String, String> {
    let sent = some_http_client::get("http://stock/items");
    payment(id);
    sent
}

#[traced]
fn payment(order: u64) {
    // Our own function does the same for carriers of all kinds.
    let mut message = Vec::<(String, String)>::new();
    propagation::inject(&mut message);
    assert!(order > 0 && message[0].0 == "traceparent");
    // What is attached elsewhere is there as well.
    let context = traced::otel::context();
    let worker = std::thread::spawn(move || {
        let _attached: opentelemetry::ContextGuard = Context::attach(context);
        some_http_client::get("http://bank/charge")
    });
    worker.join().expect("the worker does not panic");
}

fn main() {
    // A program calls `traced::init!()`, which does the same; here we want to look at the spans.
    traced::otel::install();
    let received = [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
    let caller = propagation::extract(&received);
    let mut sent = HashMap::new();
    let spans = traced::test::capture(|| sent = caller.in_scope(|| order(7)));
    println!("received {}", received[0].1);
    println!("sent     {}\n", sent["traceparent"]);
    print!("{}", traced::console::render(&spans, &traced::console::Style::detect()));
}
