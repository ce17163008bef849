//! W3C Baggage, from its specification.

use traced::propagation::{Baggage, Propagators};

fn read(headers: &[(&str, &str)]) -> Baggage {
    Propagators::default().extract(headers).baggage()
}

fn pairs(header: &str) -> Vec<(String, String)> {
    let baggage = read(&[("baggage", header)]);
    baggage.iter().map(|(key, value)| (key.to_owned(), value.into_owned())).collect()
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[test]
fn members_keys_values_and_properties() {
    let header =
        "key1=value1,key2 = value2;property1;property2, key3\t=\tvalue3; propertyKey=propertyValue";
    let expected = [pair("key1", "value1"), pair("key2", "value2"), pair("key3", "value3")];
    assert_eq!(pairs(header), expected);
    let sent = read(&[("baggage", header)]);
    assert_eq!(
        sent.as_str(),
        "key1=value1,key2=value2;property1;property2,key3=value3; propertyKey=propertyValue"
    );
}

#[test]
fn values_are_percent_encoded() {
    assert_eq!(
        pairs("userId=Am%C3%A9lie,serverNode=DF%2028"),
        [pair("userId", "Am\u{e9}lie"), pair("serverNode", "DF 28"),]
    );
    assert_eq!(
        pairs("a=%,b=%4,c=%zz,d=%41"),
        [pair("a", "%"), pair("b", "%4"), pair("c", "%zz"), pair("d", "A"),]
    );
    assert_eq!(
        pairs("a=%ff"),
        [pair("a", "\u{fffd}")],
        "no text becomes the replacement character"
    );
}

#[test]
fn several_headers_are_one_list() {
    let baggage = read(&[("Baggage", "a=1"), ("baggage", "b=2"), ("BAGGAGE", "a=3")]);
    assert_eq!(baggage.as_str(), "a=3,b=2", "a later value replaces an earlier one");
}

#[test]
fn an_empty_value_is_a_value() {
    assert_eq!(pairs("a=,b=1"), [pair("a", ""), pair("b", "1")]);
}

#[test]
fn a_value_may_hold_equal_signs() {
    assert_eq!(pairs("a=b=c"), [pair("a", "b=c")]);
}

#[test]
fn bad_members_are_left_out_and_the_others_stay() {
    for bad in
        ["", "x", "=1", "k y=1", "k\"=1", "k=\"1\"", "k=a b", "k=\\", "k=\u{e9}", "k=1;p q", "k=1;"]
    {
        assert_eq!(pairs(&format!("a=1,{bad},b=2")), [pair("a", "1"), pair("b", "2")], "{bad:?}");
    }
}

#[test]
fn sixty_four_members_are_read() {
    let header = |count| (0..count).map(|n| format!("k{n}={n}")).collect::<Vec<_>>().join(",");
    assert_eq!(pairs(&header(64)).len(), 64);
    let read = pairs(&header(65));
    assert_eq!((read.len(), read.last().unwrap().0.as_str()), (64, "k63"));
}

#[test]
fn eight_kibibytes_are_read() {
    let fits = format!("a={}", "x".repeat(8190));
    assert_eq!(pairs(&fits).len(), 1);
    let exceeds = format!("a={},b=1", "x".repeat(8191));
    assert_eq!(pairs(&exceeds), [pair("b", "1")]);
}

#[test]
fn any_text_can_be_added() {
    let value = "\u{e9}, \"quoted\"; 100 %\\\u{0}";
    let baggage = Baggage::EMPTY.with("key", value).unwrap().with("other", "").unwrap();
    assert_eq!(read(&[("baggage", baggage.as_str())]), baggage);
    assert_eq!(baggage.get("key").as_deref(), Some(value));
    assert_eq!(baggage.without("key").as_str(), "other=");
    assert!(baggage.without("key").without("other").is_empty());
}

#[test]
fn what_is_no_key_or_has_no_room_is_refused() {
    assert!(Baggage::EMPTY.with("", "1").is_err());
    assert!(Baggage::EMPTY.with("k y", "1").is_err());
    assert!(Baggage::EMPTY.with("k", &"x".repeat(8191)).is_err());
    let mut full = Baggage::EMPTY;
    for n in 0..64 {
        full = full.with(&format!("k{n}"), "1").unwrap();
    }
    assert!(full.with("more", "1").is_err());
    assert!(full.with("k7", "2").is_ok());
}

#[test]
fn values_are_not_in_the_debug_output() {
    let baggage = Baggage::EMPTY.with("key", "secret").unwrap();
    assert_eq!(format!("{baggage:?}"), "[\"key\"]");
}
