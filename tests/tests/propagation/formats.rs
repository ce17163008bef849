//! Lists of formats, and the carriers that they are read from and written to.

use std::collections::{BTreeMap, HashMap};
use traced::Context;
use traced::propagation::{self, Format, Propagators};
use traced::{SpanId, TraceId};

const W3C: (&str, &str) =
    ("traceparent", "00-12345678901234567890123456789012-1234567890123456-01");
const B3: (&str, &str) = ("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1");

fn trace(formats: &str, headers: &[(&str, &str)]) -> String {
    formats.parse::<Propagators>().unwrap().extract(headers).trace_id().to_string()
}

#[test]
fn of_several_formats_the_last_one_that_makes_sense_is_believed() {
    assert!(trace("tracecontext,b3", &[W3C, B3]).starts_with("80f1"));
    assert!(trace("b3,tracecontext", &[W3C, B3]).starts_with("1234"));
    assert!(trace("tracecontext,b3", &[W3C]).starts_with("1234"));
    assert!(trace("tracecontext,b3", &[W3C, ("b3", "broken")]).starts_with("1234"));
    assert_eq!(trace("jaeger", &[W3C, B3]), TraceId::INVALID.to_string());
}

#[test]
fn all_formats_are_written() {
    let all: Vec<_> = Format::ALL.iter().map(|format| format.name()).collect();
    let propagators: Propagators = all.join(",").parse().unwrap();
    let baggage = propagation::Baggage::EMPTY.with("a", "1").unwrap();
    let context = Context::remote(TraceId::from_u128(7 << 64 | 8), SpanId::from_u64(9), true);
    let context = context.with_trace_state("b=2".parse().unwrap()).with_baggage(baggage);
    let mut sent = BTreeMap::<String, String>::new();
    propagators.inject(&context, &mut sent);
    let names: Vec<_> = sent.keys().map(String::as_str).collect();
    let mut expected: Vec<_> = propagators.fields().filter(|name| *name != "x-b3-flags").collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
    // And each of them is read again.
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Baggage) {
        let read = Propagators::new([format]).extract(&sent);
        assert_eq!(read.trace_id(), context.trace_id(), "{format:?}");
        assert_eq!(read.span_id(), context.span_id(), "{format:?}");
        assert!(read.is_sampled(), "{format:?}");
    }
}

#[test]
fn nothing_is_written_of_no_context() {
    let propagators = Propagators::new(Format::ALL);
    let mut sent = HashMap::<String, String>::new();
    propagators.inject(&Context::none(), &mut sent);
    assert!(sent.is_empty());
}

#[test]
fn lists_are_those_of_the_variable() {
    let formats = |list: &str| list.parse::<Propagators>().map(|p| p.formats().to_vec());
    assert_eq!(formats(" b3 , baggage,b3,"), Ok(vec![Format::B3, Format::Baggage]));
    assert_eq!(formats("none"), Ok(vec![]));
    assert_eq!(formats("tracecontext,none").unwrap_err().name(), "none");
    let error = formats("tracecontext,xray").unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown format `xray`, expected one of `tracecontext`, `baggage`, `b3`, `b3multi`, `jaeger`, \
         `datadog`, or `none` alone"
    );
    assert_eq!(Propagators::default(), "tracecontext,baggage".parse().unwrap());
}

#[test]
fn any_map_list_or_closure_is_a_carrier() {
    let (name, value) = W3C;
    let expected = TraceId::from_u128(0x1234_5678_9012_3456_7890_1234_5678_9012);
    let is_read = |context: Context| assert_eq!(context.trace_id(), expected);
    is_read(propagation::extract(&HashMap::from([(name, value)])));
    is_read(propagation::extract(&HashMap::from([("TraceParent".to_owned(), value.to_owned())])));
    is_read(propagation::extract(&BTreeMap::from([(name.to_owned(), value)])));
    is_read(propagation::extract(&vec![(name, value)]));
    is_read(propagation::extract(&[(name, value)]));
    is_read(propagation::extract(&[(name, value)][..]));
    is_read(propagation::extract_with(|asked| (asked == name).then_some(value)));
    is_read(propagation::extract_with(
        |asked| if asked == name { vec![value.to_owned()] } else { vec![] },
    ));
}

#[test]
fn setting_a_header_replaces_what_was_there() {
    let context = Context::remote(TraceId::from_u128(7), SpanId::from_u64(8), true);
    let mut list = vec![("TraceParent".to_owned(), "old".to_owned())];
    Propagators::default().inject(&context, &mut list);
    Propagators::default().inject(&context, &mut list);
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].0, "traceparent");
}

#[test]
fn the_formats_of_the_process_are_chosen_once() {
    // Whatever other tests see is this or the default, which are the same.
    assert!(propagation::choose(Propagators::default()));
    assert!(!propagation::choose(Propagators::new([Format::B3])));
    assert_eq!(propagation::propagators(), &Propagators::default());
}
