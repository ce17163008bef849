//! Two services, each a process of its own, decide about the same traces.
//!
//! The caller begins traces and hands their headers to the called one, which is this program started anew. What
//! both kept is compared by trace.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::Stdio;
use traced::__private::{enter, fail};
use traced::memory::Memory;
use traced::sampling::{Adaptive, Budget, Randomness, Threshold};
use traced::{Context, SpanId, TraceId};
use traced_tests::{again, in_a_process_of_its_own, site};

const CALLED: &str = "TRACED_TEST_CALLED";
const TEST: &str = "a_called_service_follows_the_caller_and_both_keep_the_same_errors";
/// Every so many traces fail in both services.
const FAILS: u64 = 50;

/// What is said to the called service about one trace: id, span, whether it is sampled, `tracestate`.
fn header(number: u64, context: &Context) -> String {
    let (trace, span) = (context.trace_id(), context.span_id());
    format!("{number} {trace} {span} {} {}", context.is_sampled(), context.trace_state())
}

fn context_of(header: &str) -> (u64, Context) {
    let mut parts = header.split(' ');
    let mut next = || parts.next().unwrap_or_default();
    let number = next().parse().unwrap();
    let trace = TraceId::from_u128(u128::from_str_radix(next(), 16).unwrap());
    let span = SpanId::from_u64(u64::from_str_radix(next(), 16).unwrap());
    let context = Context::remote(trace, span, next() == "true");
    let state = next();
    let state = if state.is_empty() { "x=y" } else { state };
    (number, context.with_trace_state(state.parse().unwrap()))
}

fn work(number: u64) {
    let _span = enter(site!("work"));
    if number.is_multiple_of(FAILS) {
        fail("Boom");
    }
}

/// Of each kept trace: its weight in hexadecimal, or that it is partial.
fn kept(memory: &Memory) -> BTreeMap<TraceId, String> {
    assert!(traced_tests::flush());
    let roots = memory.take().into_iter().filter(traced::data::Span::is_local_root);
    let told = |span: &traced::data::Span| match span.attribute("traced.partial") {
        Some(_) => "partial".to_owned(),
        None => span.trace_state.as_deref().unwrap_or("unknown").to_owned(),
    };
    roots.map(|span| (span.trace_id, told(&span))).collect()
}

fn be_called(memory: &Memory) {
    for line in std::io::stdin().lines() {
        let (number, context) = context_of(&line.unwrap());
        context.in_scope(|| work(number));
    }
    for (trace, told) in kept(memory) {
        println!("kept {trace} {told}");
    }
}

#[test]
fn a_called_service_follows_the_caller_and_both_keep_the_same_errors() {
    in_a_process_of_its_own(TEST, || {
        let memory = Memory::new();
        // So much room that nothing is thinned.
        let budget = Budget { traces_per_second: 1e7, bytes_per_second: 1e11 };
        let sampler = Adaptive::within(budget).base_rate(0.25);
        let builder = traced_tests::builder().sampler(sampler).exporter(memory.clone());
        let _installed = builder.install().unwrap();
        if std::env::var_os(CALLED).is_some() {
            return be_called(&memory);
        }
        let mut called = again(TEST)
            .env(CALLED, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = called.stdin.take().unwrap();
        let mut failing = BTreeSet::new();
        for number in 0..2000_u64 {
            let _root = enter(site!("root"));
            if number.is_multiple_of(FAILS) {
                fail("Boom");
                failing.insert(traced::current().trace_id());
            }
            writeln!(pipe, "{}", header(number, &traced::current())).unwrap();
        }
        drop(pipe);
        let said = String::from_utf8(called.wait_with_output().unwrap().stdout).unwrap();
        let by_called: BTreeMap<String, String> = said
            .lines()
            .filter_map(|line| line.split_once("kept ")?.1.split_once(' '))
            .map(|(trace, told)| (trace.to_owned(), told.to_owned()))
            .collect();
        let own = kept(&memory);
        let quarter = Threshold::of_probability(0.25).unwrap();
        let sampled: BTreeSet<_> =
            own.keys().filter(|trace| own[trace].starts_with("ot=th:")).collect();
        assert!((350..650).contains(&sampled.len()), "{} of 2000", sampled.len());
        for trace in &sampled {
            assert!(quarter.admits(Randomness::of_trace(**trace)));
            let told = by_called.get(&trace.to_string()).map(String::as_str);
            assert_eq!(told, Some("ot=th:c"), "the flag and the weight are the caller's");
        }
        // Of those that are not sampled both keep their part, and nobody's whole.
        for trace in failing.iter().filter(|trace| !sampled.contains(trace)) {
            let told = by_called.get(&trace.to_string()).map(String::as_str);
            assert_eq!((&*own[trace], told), ("partial", Some("partial")));
        }
        assert!(failing.iter().any(|trace| !sampled.contains(trace)), "of 40, three in four");
    });
}
