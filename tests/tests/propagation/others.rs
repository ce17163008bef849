//! B3, Jaeger and Datadog.

use super::{Sent, through_service};
use traced::propagation::Propagators;

const TRACE: &str = "80f198ee56343ba864fe8b2a57d3eff7";
const SPAN: &str = "e457b5a2e4d86bd1";

/// What is understood: the ids and whether it is sampled.
fn read(formats: &str, headers: &[(&str, &str)]) -> Option<(String, String, bool)> {
    let context = formats.parse::<Propagators>().unwrap().extract(headers);
    (!context.is_none()).then(|| {
        (context.trace_id().to_string(), context.span_id().to_string(), context.is_sampled())
    })
}

#[track_caller]
fn understood(formats: &str, headers: &[(&str, &str)], is_sampled: bool) {
    let expected = Some((TRACE.to_owned(), SPAN.to_owned(), is_sampled));
    assert_eq!(read(formats, headers), expected, "{headers:?}");
}

#[track_caller]
fn refused(formats: &str, headers: &[(&str, &str)]) {
    assert_eq!(read(formats, headers), None, "{headers:?}");
}

fn b3(header: &str) -> Vec<(&'static str, String)> {
    vec![("b3", header.to_owned())]
}

fn send(formats: &str, headers: &[(&str, &str)]) -> Sent {
    through_service(formats, headers)
}

#[test]
fn b3_in_one_header() {
    for (state, is_sampled) in [("1", true), ("0", false), ("d", true)] {
        let header = format!("{TRACE}-{SPAN}-{state}");
        understood("b3", &[("b3", &header)], is_sampled);
        understood("b3multi", &[("B3", &header)], is_sampled);
        understood("b3", &[("b3", &format!("{header}-05e3ac9a4f6e3b90"))], is_sampled);
    }
    understood("b3", &[("b3", &format!("{TRACE}-{SPAN}"))], false);
}

#[test]
fn b3_trace_ids_of_64_bits_are_filled_with_zeros() {
    let found = read("b3", &[("b3", &format!("64fe8b2a57d3eff7-{SPAN}-1"))]).unwrap();
    assert_eq!(found.0, "000000000000000064fe8b2a57d3eff7");
}

#[test]
fn b3_that_is_malformed_is_refused() {
    for header in [
        "",
        "0",
        "1",
        "d",
        "-",
        "80f198ee56343ba864fe8b2a57d3eff7",
        "80f198ee56343ba864fe8b2a57d3eff7-",
        "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-",
        "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-2",
        "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-",
        "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90-1",
        "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-5e3ac9a4f6e3b90",
        "80F198EE56343BA864FE8B2A57D3EFF7-e457b5a2e4d86bd1-1",
        "80f198ee56343ba864fe8b2a57d3eff7-457b5a2e4d86bd1-1",
        "0f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1",
        "00000000000000000000000000000000-e457b5a2e4d86bd1-1",
        "80f198ee56343ba864fe8b2a57d3eff7-0000000000000000-1",
    ] {
        refused("b3", &[("b3", header)]);
    }
}

#[test]
fn b3_in_several_headers() {
    let headers =
        |sampled| [("X-B3-TraceId", TRACE), ("x-b3-spanid", SPAN), ("X-B3-Sampled", sampled)];
    for (sampled, is_sampled) in [("1", true), ("true", true), ("0", false), ("false", false)] {
        understood("b3multi", &headers(sampled), is_sampled);
        understood("b3", &headers(sampled), is_sampled);
    }
    understood("b3", &[("X-B3-TraceId", TRACE), ("X-B3-SpanId", SPAN), ("X-B3-Flags", "1")], true);
    refused("b3", &[("X-B3-TraceId", TRACE), ("X-B3-Sampled", "1")]);
    refused("b3", &[("X-B3-SpanId", SPAN), ("X-B3-Sampled", "1")]);
    refused("b3", &[("X-B3-TraceId", TRACE), ("X-B3-TraceId", TRACE), ("X-B3-SpanId", SPAN)]);
}

#[test]
fn of_both_forms_the_one_header_is_believed() {
    let header = format!("{TRACE}-{SPAN}-1");
    understood("b3", &[("b3", &header), ("X-B3-TraceId", "1"), ("X-B3-Sampled", "0")], true);
    understood(
        "b3",
        &[("b3", "broken"), ("X-B3-TraceId", TRACE), ("X-B3-SpanId", SPAN), ("X-B3-Sampled", "1")],
        true,
    );
}

#[test]
fn b3_is_sent_in_the_form_that_was_chosen() {
    let received = b3(&format!("{TRACE}-{SPAN}-1"));
    let received: Vec<_> = received.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let sent = send("b3", &received);
    assert_eq!(sent.get("b3"), Some(format!("{TRACE}-{}-1", sent.span).as_str()));
    let sent = send("b3multi", &received);
    assert_eq!(sent.get("b3"), None);
    assert_eq!(sent.get("x-b3-traceid"), Some(TRACE));
    assert_eq!(sent.get("x-b3-spanid"), Some(sent.span.as_str()));
    assert_eq!(sent.get("x-b3-sampled"), Some("1"));
    assert_eq!(sent.get("x-b3-flags"), None);
}

#[test]
fn whoever_debugs_a_trace_goes_on_debugging_it() {
    let header = format!("{TRACE}-{SPAN}-d");
    let sent = send("b3", &[("b3", &header)]);
    assert_eq!(sent.get("b3"), Some(format!("{TRACE}-{}-d", sent.span).as_str()));
    let sent = send("b3multi", &[("b3", &header)]);
    assert_eq!((sent.get("x-b3-flags"), sent.get("x-b3-sampled")), (Some("1"), None));
    let sent = send("jaeger", &[("uber-trace-id", &format!("{TRACE}:{SPAN}:0:3"))]);
    assert!(sent.get("uber-trace-id").unwrap().ends_with(":03"));
}

#[test]
fn a_caller_that_left_the_decision_to_us_is_no_caller_that_said_no() {
    // The sampler of a capture keeps whatever begins here, and follows those that decided.
    assert_eq!(send("b3", &[("b3", &format!("{TRACE}-{SPAN}-0"))]).span, "");
    let sent = send("b3", &[("b3", &format!("{TRACE}-{SPAN}"))]);
    assert_eq!(sent.get("b3"), Some(format!("{TRACE}-{}-1", sent.span).as_str()));
    assert_ne!(sent.span, "");
    let undecided = [("x-datadog-trace-id", "7"), ("x-datadog-parent-id", "8")];
    assert_ne!(send("datadog", &undecided).span, "");
}

#[test]
fn jaeger_is_understood() {
    for (flags, is_sampled) in
        [("1", true), ("01", true), ("0", false), ("3", true), ("2", false), ("8", false)]
    {
        understood(
            "jaeger",
            &[("uber-trace-id", &format!("{TRACE}:{SPAN}:0:{flags}"))],
            is_sampled,
        );
    }
    understood("jaeger", &[("Uber-Trace-Id", &format!("{TRACE}%3A{SPAN}%3a5e3%3A1"))], true);
    understood("jaeger", &[("uber-trace-id", &format!("{TRACE}:{SPAN}::1"))], true);
    let short = read("jaeger", &[("uber-trace-id", "abc:de:0:1")]).unwrap();
    assert_eq!(short.0, format!("{:032x}", 0xabc));
    assert_eq!(short.1, format!("{:016x}", 0xde));
}

#[test]
fn jaeger_that_is_malformed_is_refused() {
    for header in [
        "",
        ":::",
        "abc:de:0",
        "abc:de:0:1:2",
        "abc:de:0:",
        "abc:de:0:001",
        "0:de:0:1",
        "abc:0:0:1",
        "ABC:de:0:1",
        "abc:de:x:1",
        "+bc:de:0:1",
        "180f198ee56343ba864fe8b2a57d3eff7:de:0:1",
        "abc:1e457b5a2e4d86bd1:0:1",
    ] {
        refused("jaeger", &[("uber-trace-id", header)]);
    }
}

#[test]
fn jaeger_is_sent() {
    let sent = send("jaeger", &[("uber-trace-id", &format!("{TRACE}:{SPAN}:0:1"))]);
    assert_eq!(sent.get("uber-trace-id"), Some(format!("{TRACE}:{}:0:01", sent.span).as_str()));
}

fn datadog(tags: &'static str, priority: &'static str) -> [(&'static str, &'static str); 4] {
    [
        ("X-Datadog-Trace-Id", "7277407061855694839"),
        ("x-datadog-parent-id", "16453819474850114513"),
        ("x-datadog-sampling-priority", priority),
        ("x-datadog-tags", tags),
    ]
}

#[test]
fn datadog_is_understood() {
    for (priority, is_sampled) in [("-1", false), ("0", false), ("1", true), ("2", true)] {
        understood(
            "datadog",
            &datadog("_dd.p.dm=-0,_dd.p.tid=80f198ee56343ba8", priority),
            is_sampled,
        );
    }
}

#[test]
fn datadog_without_a_good_upper_half_is_a_trace_of_64_bits() {
    for tags in
        ["", "_dd.p.dm=-0", "_dd.p.tid=80F198EE56343BA8", "_dd.p.tid=8", "_dd.p.tid", "=,,="]
    {
        let found = read("datadog", &datadog(tags, "1")).unwrap();
        assert_eq!(found.0, "000000000000000064fe8b2a57d3eff7", "{tags:?}");
    }
}

#[test]
fn datadog_that_is_malformed_is_refused() {
    for (trace, parent) in [
        ("", "8"),
        ("7", ""),
        ("0", "8"),
        ("7", "0"),
        ("+7", "8"),
        ("-7", "8"),
        (" 7", "8"),
        ("7f", "8"),
        ("18446744073709551616", "8"),
        ("7", "18446744073709551616"),
    ] {
        refused("datadog", &[("x-datadog-trace-id", trace), ("x-datadog-parent-id", parent)]);
    }
    refused("datadog", &[("x-datadog-trace-id", "7")]);
}

#[test]
fn datadog_is_sent() {
    let sent = send("datadog", &datadog("_dd.p.tid=80f198ee56343ba8", "1"));
    let span = u64::from_str_radix(&sent.span, 16).unwrap().to_string();
    assert_eq!(sent.get("x-datadog-trace-id"), Some("7277407061855694839"));
    assert_eq!(sent.get("x-datadog-parent-id"), Some(span.as_str()));
    assert_eq!(sent.get("x-datadog-sampling-priority"), Some("1"));
    assert_eq!(sent.get("x-datadog-tags"), Some("_dd.p.tid=80f198ee56343ba8"));
    let sent = send("datadog", &datadog("", "1"));
    assert_eq!(sent.get("x-datadog-tags"), None);
}
