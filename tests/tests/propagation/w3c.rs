//! W3C Trace Context Level 2, case by case, through a service as the specification's own suite does it: in the
//! order and with the headers of that suite, then what only the text of the specification says.
//!
//! Two cases of the suite (`key_illegal_vendor_format` and the second half of `key_length_limit`) ask for
//! the keys of Level 1, `tenant@system`. Level 2 allows `@` anywhere but first, and so do we.

use super::{Sent, through_service};
use traced::propagation::TraceState;

const TRACE: &str = "12345678901234567890123456789012";
const PARENT: &str = "1234567890123456";
const TRACEPARENT: &str = "00-12345678901234567890123456789012-1234567890123456-01";

fn send(received: &[(&str, &str)]) -> Sent {
    through_service("tracecontext", received)
}

/// The fields of what is sent as `traceparent`, which is always of version 00 and well-formed.
fn fields(sent: &Sent) -> [String; 4] {
    let header = sent.get("traceparent").expect("a traceparent is sent");
    let fields: Vec<String> = header.split('-').map(str::to_owned).collect();
    let lengths: Vec<usize> = fields.iter().map(String::len).collect();
    assert_eq!(lengths, [2, 32, 16, 2], "{header}");
    assert!(header.bytes().all(|byte| b"0123456789abcdef-".contains(&byte)), "{header}");
    assert_eq!(fields[0], "00");
    assert!(fields[1].bytes().any(|digit| digit != b'0') && fields[2].bytes().any(|d| d != b'0'));
    fields.try_into().unwrap()
}

/// The trace goes on.
#[track_caller]
fn continues(traceparent: &str) {
    let sent = send(&[("traceparent", traceparent)]);
    let [_, trace, parent, _] = fields(&sent);
    assert_eq!(trace, TRACE, "{traceparent:?} is continued");
    assert_ne!(parent, PARENT);
}

/// A new trace begins instead, and what came along is forgotten.
#[track_caller]
fn restarts(traceparent: &str) {
    let sent = send(&[("traceparent", traceparent), ("tracestate", "foo=1")]);
    let [_, trace, ..] = fields(&sent);
    assert!(!traceparent.contains(&trace), "{traceparent:?} is refused");
    assert_eq!(sent.get("tracestate"), None);
}

/// What arrives of a `tracestate` that was sent in these headers, behind a good `traceparent`.
#[track_caller]
fn state(headers: &[&str]) -> Option<String> {
    let mut received = vec![("traceparent", TRACEPARENT)];
    received.extend(headers.iter().map(|header| ("tracestate", *header)));
    let sent = send(&received);
    assert_eq!(fields(&sent)[1], TRACE, "a bad tracestate does not break the traceparent");
    sent.get("tracestate").map(str::to_owned)
}

#[track_caller]
fn kept(header: &str) {
    assert_eq!(state(&[header]).as_deref(), Some(header));
}

#[track_caller]
fn refused(headers: &[&str]) {
    assert_eq!(state(headers), None, "{headers:?} is no list");
}

#[test]
fn both_traceparent_and_tracestate_missing() {
    fields(&send(&[]));
}

#[test]
fn traceparent_included_tracestate_missing() {
    continues(TRACEPARENT);
    let sent = send(&[("traceparent", TRACEPARENT)]);
    assert_eq!(sent.get("tracestate"), None);
    assert_eq!(fields(&sent)[2], sent.span);
}

#[test]
fn traceparent_duplicated() {
    let sent = send(&[
        ("traceparent", "00-12345678901234567890123456789011-1234567890123456-01"),
        ("traceparent", TRACEPARENT),
    ]);
    assert!(!fields(&sent)[1].starts_with("1234567890123456789012345678901"));
}

#[test]
fn traceparent_header_name() {
    for name in ["trace-parent", "trace.parent"] {
        assert_ne!(fields(&send(&[(name, TRACEPARENT)]))[1], TRACE);
    }
}

#[test]
fn traceparent_header_name_valid_casing() {
    for name in ["TraceParent", "TrAcEpArEnT", "TRACEPARENT"] {
        assert_eq!(fields(&send(&[(name, TRACEPARENT)]))[1], TRACE);
    }
}

#[test]
fn traceparent_version_0x00() {
    restarts("00-12345678901234567890123456789012-1234567890123456-01.");
    restarts(
        "00-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like",
    );
}

#[test]
fn traceparent_version_0xcc() {
    continues("cc-12345678901234567890123456789012-1234567890123456-01");
    continues(
        "cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like",
    );
    restarts(
        "cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-be-like",
    );
}

#[test]
fn traceparent_version_0xff() {
    restarts("ff-12345678901234567890123456789012-1234567890123456-01");
}

#[test]
fn traceparent_version_illegal_characters() {
    restarts(".0-12345678901234567890123456789012-1234567890123456-01");
    restarts("0.-12345678901234567890123456789012-1234567890123456-01");
}

#[test]
fn traceparent_version_too_long() {
    restarts("000-12345678901234567890123456789012-1234567890123456-01");
    restarts("0000-12345678901234567890123456789012-1234567890123456-01");
}

#[test]
fn traceparent_version_too_short() {
    restarts("0-12345678901234567890123456789012-1234567890123456-01");
}

#[test]
fn traceparent_trace_id_all_zero() {
    restarts("00-00000000000000000000000000000000-1234567890123456-01");
}

#[test]
fn traceparent_trace_id_illegal_characters() {
    restarts("00-.2345678901234567890123456789012-1234567890123456-01");
    restarts("00-1234567890123456789012345678901.-1234567890123456-01");
}

#[test]
fn traceparent_trace_id_too_long() {
    let sent = send(&[("traceparent", "00-123456789012345678901234567890123-1234567890123456-01")]);
    let [_, trace, ..] = fields(&sent);
    assert!(trace != TRACE && trace != "23456789012345678901234567890123");
}

#[test]
fn traceparent_trace_id_too_short() {
    restarts("00-1234567890123456789012345678901-1234567890123456-01");
}

#[test]
fn traceparent_parent_id_all_zero() {
    restarts("00-12345678901234567890123456789012-0000000000000000-01");
}

#[test]
fn traceparent_parent_id_illegal_characters() {
    restarts("00-12345678901234567890123456789012-.234567890123456-01");
    restarts("00-12345678901234567890123456789012-123456789012345.-01");
}

#[test]
fn traceparent_parent_id_too_long() {
    restarts("00-12345678901234567890123456789012-12345678901234567-01");
}

#[test]
fn traceparent_parent_id_too_short() {
    restarts("00-12345678901234567890123456789012-123456789012345-01");
}

#[test]
fn traceparent_trace_flags_illegal_characters() {
    restarts("00-12345678901234567890123456789012-1234567890123456-.0");
    restarts("00-12345678901234567890123456789012-1234567890123456-0.");
}

#[test]
fn traceparent_trace_flags_too_long() {
    restarts("00-12345678901234567890123456789012-1234567890123456-001");
}

#[test]
fn traceparent_trace_flags_too_short() {
    restarts("00-12345678901234567890123456789012-1234567890123456-1");
}

#[test]
fn traceparent_ows_handling() {
    for (before, after) in [(" ", ""), ("\t", ""), ("", " "), ("", "\t"), ("\t ", " \t")] {
        continues(&format!("{before}{TRACEPARENT}{after}"));
    }
}

#[test]
fn tracestate_included_traceparent_missing() {
    for list in ["foo=1", "foo=1,bar=2"] {
        let sent = send(&[("tracestate", list)]);
        fields(&sent);
        assert_eq!(sent.get("tracestate"), None);
    }
}

#[test]
fn tracestate_included_traceparent_included() {
    kept("foo=1,bar=2");
}

#[test]
fn tracestate_header_name() {
    for name in ["trace-state", "trace.state"] {
        let sent = send(&[("traceparent", TRACEPARENT), (name, "foo=1")]);
        assert_eq!(sent.get("tracestate"), None);
    }
}

#[test]
fn tracestate_header_name_valid_casing() {
    for name in ["TraceState", "TrAcEsTaTe", "TRACESTATE"] {
        let sent = send(&[("traceparent", TRACEPARENT), (name, "foo=1")]);
        assert_eq!(sent.get("tracestate"), Some("foo=1"));
    }
}

#[test]
fn tracestate_empty_header() {
    assert_eq!(state(&[""]), None);
    assert_eq!(state(&["foo=1", ""]).as_deref(), Some("foo=1"));
    assert_eq!(state(&["", "foo=1"]).as_deref(), Some("foo=1"));
}

#[test]
fn tracestate_multiple_headers_different_keys() {
    let list = state(&["foo=1,bar=2", "rojo=1,congo=2", "baz=3"]);
    assert_eq!(list.as_deref(), Some("foo=1,bar=2,rojo=1,congo=2,baz=3"));
}

#[test]
fn tracestate_duplicated_keys() {
    refused(&["foo=1,foo=1"]);
    refused(&["foo=1,foo=2"]);
    refused(&["foo=1", "foo=1"]);
    refused(&["foo=1", "foo=2"]);
}

#[test]
fn tracestate_all_allowed_characters() {
    let key = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
    let values = (0x20..=0x2b).chain(0x2d..=0x3c).chain(0x3e..=0x7e_u8);
    let value: String = values.map(char::from).collect();
    kept(&format!("{key}={value}"));
    kept(&format!("{key}@a-z0-9_-*/={value}"));
}

#[test]
fn tracestate_ows_handling() {
    let three = Some("foo=1,bar=2,baz=3");
    assert_eq!(state(&["foo=1 \t , \t bar=2, \t baz=3"]).as_deref(), three);
    assert_eq!(state(&["foo=1\t \t,\t \tbar=2,\t \tbaz=3"]).as_deref(), three);
    for list in [" foo=1", "\tfoo=1", "foo=1 ", "foo=1\t", "\t foo=1 \t"] {
        assert_eq!(state(&[list]).as_deref(), Some("foo=1"));
    }
}

#[test]
fn tracestate_key_illegal_characters() {
    refused(&["foo =1"]);
    refused(&["FOO=1"]);
    refused(&["foo.bar=1"]);
}

#[test]
fn tracestate_key_illegal_vendor_format() {
    refused(&["@foo=1,bar=2"]);
    for list in ["foo@=1,bar=2", "foo@@bar=1,bar=2", "foo@bar@baz=1,bar=2"] {
        kept(list);
    }
}

#[test]
fn tracestate_member_count_limit() {
    let members = |count| (1..=count).map(|n| format!("bar{n:02}={n:02}")).collect::<Vec<_>>();
    let whole = members(32).join(",");
    let (first, second) = whole.split_at(whole.find(",bar17").unwrap());
    assert_eq!(state(&[first, second.trim_start_matches(',')]), Some(whole.clone()));
    refused(&[&members(33).join(",")]);
    refused(&[&whole, "bar33=33"]);
}

#[test]
fn tracestate_key_length_limit() {
    kept(&format!("foo=1,{}=1", "z".repeat(256)));
    refused(&["foo=1", &format!("{}=1", "z".repeat(257))]);
    kept(&format!("foo=1,{}@{}=1", "t".repeat(241), "v".repeat(14)));
    kept(&format!("foo=1,{}@v=1", "t".repeat(242)));
    kept(&format!("foo=1,t@{}=1", "v".repeat(15)));
    refused(&["foo=1", &format!("{}@v=1", "t".repeat(255))]);
}

#[test]
fn tracestate_value_illegal_characters() {
    refused(&["foo=bar=baz"]);
    refused(&["foo=,bar=3"]);
}

#[test]
fn multiple_requests_with_valid_traceparent() {
    let sent: Vec<_> = (0..3).map(|_| fields(&send(&[("traceparent", TRACEPARENT)]))).collect();
    assert!(sent.iter().all(|fields| fields[1] == TRACE));
    assert!(sent[0][2] != sent[1][2] && sent[1][2] != sent[2][2] && sent[0][2] != sent[2][2]);
}

#[test]
fn multiple_requests_without_traceparent() {
    let sent: Vec<_> = (0..3).map(|_| fields(&send(&[]))).collect();
    assert!(sent[0][2] != sent[1][2] && sent[1][2] != sent[2][2] && sent[0][2] != sent[2][2]);
}

#[test]
fn multiple_requests_with_illegal_traceparent() {
    let zero = "00-00000000000000000000000000000000-1234567890123456-01";
    let sent: Vec<_> = (0..3).map(|_| fields(&send(&[("traceparent", zero)]))).collect();
    assert!(sent[0][1] != sent[1][1] && sent[1][1] != sent[2][1]);
}

// What the suite does not ask.

#[test]
fn upper_case_digits_are_refused() {
    restarts("00-1234567890123456789012345678901A-1234567890123456-01");
    restarts("00-12345678901234567890123456789012-123456789012345A-01");
    restarts("00-12345678901234567890123456789012-1234567890123456-0A");
    restarts("CC-12345678901234567890123456789012-1234567890123456-01");
}

#[test]
fn signs_and_spaces_are_no_digits() {
    restarts("00-+2345678901234567890123456789012-1234567890123456-01");
    restarts("00-12345678901234567890123456789012-+234567890123456-01");
    restarts("00-12345678901234567890123456789012-1234567890123456-+1");
    restarts("+0-12345678901234567890123456789012-1234567890123456-01");
    restarts("00- 2345678901234567890123456789012-1234567890123456-01");
}

#[test]
fn dashes_stand_where_they_belong() {
    restarts("00_12345678901234567890123456789012-1234567890123456-01");
    restarts("00-12345678901234567890123456789012_1234567890123456-01");
    restarts("00-12345678901234567890123456789012-1234567890123456_01");
    restarts("00-12345678901234567890123456789012-1234567890123456-01-");
    restarts("");
    restarts("-");
}

#[test]
fn a_later_version_may_be_longer_but_not_shorter() {
    continues("01-12345678901234567890123456789012-1234567890123456-01-");
    continues("01-12345678901234567890123456789012-1234567890123456-01-\u{e9}");
    restarts("01-12345678901234567890123456789012-1234567890123456-0");
    restarts("01-12345678901234567890123456789012-1234567890123456-010");
}

#[test]
fn the_sampled_flag_is_followed_and_passed_on() {
    for (received, sent) in [("00", "00"), ("01", "01"), ("02", "02"), ("03", "03")] {
        let header = format!("00-{TRACE}-{PARENT}-{received}");
        assert_eq!(fields(&send(&[("traceparent", &header)]))[3], sent);
    }
}

#[test]
fn the_random_flag_is_kept_and_that_of_a_new_trace_is_set() {
    let flags = |header| fields(&send(&[("traceparent", header)]))[3].clone();
    assert_eq!(flags("00-12345678901234567890123456789012-1234567890123456-03"), "03");
    assert_eq!(flags("00-12345678901234567890123456789012-1234567890123456-01"), "01");
    assert_eq!(fields(&send(&[]))[3], "03");
}

#[test]
fn flags_that_nobody_knows_are_not_passed_on() {
    let header = format!("00-{TRACE}-{PARENT}-fd");
    assert_eq!(fields(&send(&[("traceparent", &header)]))[3], "01");
    let header = format!("cc-{TRACE}-{PARENT}-ff-more");
    assert_eq!(fields(&send(&[("traceparent", &header)]))[3], "03");
}

#[test]
fn a_key_may_begin_with_a_digit_and_nothing_else() {
    kept("0foo=1");
    kept("9=1");
    for list in ["_foo=1", "-foo=1", "*foo=1", "/foo=1", "=1", "foo", "f\u{f6}=1"] {
        refused(&[list]);
    }
}

#[test]
fn spaces_before_a_value_belong_to_it() {
    kept("foo=  1,bar=2");
}

#[test]
fn a_value_is_printable_and_no_longer_than_256() {
    kept(&format!("foo={}", "v".repeat(256)));
    refused(&[&format!("foo={}", "v".repeat(257))]);
    refused(&["foo=\u{7f}"]);
    refused(&["foo=a\tb"]);
    refused(&["foo=\u{e9}"]);
    refused(&["foo= "]);
}

#[test]
fn empty_members_are_skipped() {
    assert_eq!(state(&["foo=1,,  ,bar=2,"]).as_deref(), Some("foo=1,bar=2"));
    assert_eq!(state(&[",", " ,\t"]), None);
}

#[test]
fn a_member_that_changes_moves_to_the_front() {
    let list: TraceState = "a=1,b=2,c=3".parse().unwrap();
    assert_eq!(list.with("b", "4").unwrap().as_str(), "b=4,a=1,c=3");
    assert_eq!(list.with("d", "4").unwrap().as_str(), "d=4,a=1,b=2,c=3");
    assert_eq!(list.without("b").as_str(), "a=1,c=3");
    assert_eq!(list.without("x"), list);
    assert!(list.without("a").without("b").without("c").is_empty());
    assert!(list.with("B", "4").is_err() && list.with("b", "4,c=5").is_err());
}

#[test]
fn the_thirty_third_member_goes() {
    let members: Vec<_> = (1..=32).map(|n| format!("bar{n:02}={n}")).collect();
    let list: TraceState = members.join(",").parse().unwrap();
    let changed = list.with("new", "1").unwrap();
    assert_eq!(changed.iter().count(), 32);
    assert_eq!(changed.get("bar32"), None);
    assert_eq!(list.with("bar32", "1").unwrap().iter().count(), 32);
}

#[test]
fn a_list_of_the_longest_members_loses_whole_ones() {
    let member = |n: usize| format!("{n:02}{}={}", "k".repeat(254), "v".repeat(256));
    let list: TraceState = (0..32).map(member).collect::<Vec<_>>().join(",").parse().unwrap();
    assert!(list.as_str().len() <= 16 * 1024);
    assert_eq!(list.iter().count(), 31);
    assert!(list.iter().all(|(key, value)| key.len() == 256 && value.len() == 256));
}
