//! `#[derive(Redact)]`, by what it records.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use traced::data::Attribute;
use traced::test::capture;
use traced::{Public, Redact, SafeDebug};

/// Implements nothing at all, and is never asked for anything.
struct Opaque;

/// What a value records under the name `it`.
fn recorded(value: &dyn Redact) -> Vec<(String, Attribute)> {
    let spans = capture(|| drop(traced::span!("it", it = value).enter()));
    let attributes = spans.named("it").attributes.iter();
    attributes.map(|(key, value)| (key.to_string(), value.clone())).collect()
}

fn all(expected: &[(&str, &str)]) -> Vec<(String, Attribute)> {
    expected.iter().map(|(key, value)| ((*key).to_owned(), Attribute::from(*value))).collect()
}

#[derive(Redact, SafeDebug)]
struct Address {
    #[public]
    city: String,
    #[redact]
    street: String,
}

#[derive(Redact, SafeDebug)]
struct Card {
    #[redact(last = 4)]
    number: String,
    #[redact]
    cvv: Opaque,
    #[public(rename = "scheme")]
    brand: &'static str,
    #[redact(len, class = "pii.holder")]
    holder: String,
    #[skip]
    #[allow(dead_code, reason = "that is the test")]
    client: Opaque,
    address: Address,
    #[public]
    count: u64,
}

fn card() -> Card {
    Card {
        number: "4242424242424242".into(),
        cvv: Opaque,
        brand: "visa",
        holder: "Jane Doe".into(),
        client: Opaque,
        address: Address { city: "Bern".into(), street: "Secret Street 1".into() },
        count: 3,
    }
}

#[test]
fn fields_are_told_by_their_attributes() {
    let mut expected = all(&[
        ("it.number", "…4242"),
        ("it.cvv", "[redacted]"),
        ("it.scheme", "visa"),
        ("it.address.city", "Bern"),
        ("it.address.street", "[redacted]"),
    ]);
    expected.insert(3, ("it.holder".into(), 8.into()));
    expected.push(("it.count".into(), 3.into()));
    assert_eq!(recorded(&card()), expected);
}

#[test]
fn safe_debug_tells_the_same() {
    let shown = format!("{:?}", card());
    assert_eq!(
        shown,
        "Card { number: \"…4242\", cvv: \"[redacted]\", scheme: \"visa\", holder: 8, \
         address.city: \"Bern\", address.street: \"[redacted]\", count: 3, .. }"
    );
}

#[derive(Redact, Clone)]
struct Email(#[redact(len)] String);

#[derive(Redact)]
struct Pair(#[public] u64, #[redact] Opaque);

#[derive(Redact)]
struct Unit;

#[test]
fn a_newtype_is_told_under_the_name_of_what_it_is_in() {
    assert_eq!(recorded(&Email("a@b.ch".into())), [("it".to_owned(), 6.into())]);
    assert_eq!(recorded(&Unit), []);
    let pair = [("it.0".to_owned(), 7.into()), ("it.1".to_owned(), "[redacted]".into())];
    assert_eq!(recorded(&Pair(7, Opaque)), pair);
}

#[derive(Redact)]
#[allow(dead_code, reason = "what is redacted is not read")]
enum Method {
    #[public]
    Cash,
    #[public(rename = "card")]
    Card(Email),
    #[public]
    Bank {
        #[redact]
        iban: String,
        #[public]
        instant: bool,
    },
    #[redact]
    Secret(Opaque),
    #[redact]
    OtherSecret,
    #[skip]
    Nothing(Opaque),
}

#[test]
fn the_name_of_a_variant_is_data() {
    assert_eq!(recorded(&Method::Cash), all(&[("it", "Cash")]));
    let told = [("it".to_owned(), "card".into()), ("it.card".to_owned(), 3.into())];
    assert_eq!(recorded(&Method::Card(Email("abc".into()))), told);
    let bank = Method::Bank { iban: "CH93".into(), instant: true };
    let mut expected = all(&[("it", "Bank"), ("it.iban", "[redacted]")]);
    expected.push(("it.instant".into(), true.into()));
    assert_eq!(recorded(&bank), expected);
    assert_eq!(recorded(&Method::Secret(Opaque)), all(&[("it", "[redacted]")]));
    assert_eq!(recorded(&Method::OtherSecret), all(&[("it", "[redacted]")]));
    assert_eq!(recorded(&Method::Nothing(Opaque)), []);
}

#[derive(Redact)]
#[redact(rest)]
struct Login {
    #[public]
    attempt: u64,
    user: String,
    password: Opaque,
}

#[derive(Redact)]
#[public(rest)]
struct Counts {
    hits: u64,
    label: &'static str,
    address: Address,
    #[skip]
    #[allow(dead_code, reason = "that is the test")]
    cache: Opaque,
}

#[derive(Redact)]
#[public(rest)]
#[allow(dead_code, reason = "one is enough")]
enum Color {
    Red,
    Green,
}

#[test]
fn rest_decides_for_what_is_undecided() {
    let login = Login { attempt: 2, user: "jane".into(), password: Opaque };
    let mut expected = vec![("it.attempt".to_owned(), 2.into())];
    expected.extend(all(&[("it.user", "[redacted]"), ("it.password", "[redacted]")]));
    assert_eq!(recorded(&login), expected);
    let address = Address { city: "Bern".into(), street: "secret".into() };
    let counts = Counts { hits: 7, label: "x", address, cache: Opaque };
    let mut expected = vec![("it.hits".to_owned(), 7.into())];
    expected.extend(all(&[
        ("it.label", "x"),
        ("it.address.city", "Bern"),
        ("it.address.street", "[redacted]"),
    ]));
    assert_eq!(recorded(&counts), expected);
    assert_eq!(recorded(&Color::Green), all(&[("it", "Green")]));
}

#[derive(Redact)]
struct Page<'a, T, U: Redact, const N: usize>
where
    T: Clone,
{
    #[redact]
    secret: T,
    items: [U; N],
    first: Option<&'a U>,
    #[public]
    title: &'a str,
}

#[test]
fn generics_are_bound_only_where_they_are_told() {
    let email = Email("abc".into());
    let page = Page { secret: 7, items: [Email("a".into())], first: Some(&email), title: "t" };
    let expected = [
        ("it.secret".to_owned(), "[redacted]".into()),
        ("it.items".to_owned(), 1.into()),
        ("it.first".to_owned(), 3.into()),
        ("it.title".to_owned(), "t".into()),
    ];
    assert_eq!(recorded(&page), expected);
}

#[derive(Redact)]
struct Order {
    #[public(each, max = 2)]
    tags: Vec<String>,
    #[public(each)]
    addresses: Vec<Address>,
    #[public(each)]
    headers: BTreeMap<String, String>,
    #[public(each)]
    emails: BTreeMap<String, Email>,
    hidden: HashMap<Email, Email>,
    #[redact(len)]
    raw: HashMap<String, Opaque>,
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Email {}

impl std::hash::Hash for Email {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

#[test]
fn collections_tell_how_many_unless_each_is_told() {
    let email = |text: &str| Email(text.into());
    let order = Order {
        tags: vec!["a".into(), "b".into(), "c".into()],
        addresses: vec![Address { city: "Bern".into(), street: "s".into() }],
        headers: [("k".to_owned(), "v".to_owned())].into(),
        emails: [("k".to_owned(), email("abc"))].into(),
        hidden: [(email("a"), email("b"))].into(),
        raw: [("secret key".to_owned(), Opaque)].into(),
    };
    let mut expected = all(&[
        ("it.tags.0", "a"),
        ("it.tags.1", "b"),
        ("it.addresses.0.city", "Bern"),
        ("it.addresses.0.street", "[redacted]"),
        ("it.headers.0.key", "k"),
        ("it.headers.0.value", "v"),
        ("it.emails.0.key", "k"),
    ]);
    expected.push(("it.emails.0.value".into(), 3.into()));
    expected.push(("it.hidden".into(), 1.into()));
    expected.push(("it.raw".into(), 1.into()));
    assert_eq!(recorded(&order), expected);
}

struct Foreign;

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("shown")
    }
}

impl std::fmt::Debug for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("debugged")
    }
}

fn made(_: &Foreign) -> String {
    "made".into()
}

fn first_letter(text: &str) -> String {
    text.chars().take(1).collect()
}

#[derive(Redact)]
struct Vouched {
    #[public(display, reason = "a test")]
    display: Foreign,
    #[public(debug, reason = "a test")]
    debug: Foreign,
    #[public(with = made, reason = "a test")]
    with: Foreign,
    #[redact(with = first_letter)]
    masked: String,
}

#[test]
fn what_somebody_vouches_for_is_told() {
    let vouched =
        Vouched { display: Foreign, debug: Foreign, with: Foreign, masked: "secret".into() };
    let expected = all(&[
        ("it.display", "shown"),
        ("it.debug", "debugged"),
        ("it.with", "made"),
        ("it.masked", "s"),
    ]);
    assert_eq!(recorded(&vouched), expected);
}

#[derive(Redact)]
struct Other {
    #[traced(public)]
    told: u64,
    #[traced(redact(len), rename = "how_long")]
    #[allow(dead_code, reason = "its length is")]
    text: String,
    #[traced(skip)]
    #[allow(dead_code, reason = "that is the test")]
    skipped: Opaque,
}

#[test]
fn each_attribute_can_be_spelled_under_traced() {
    let other = Other { told: 1, text: "four".into(), skipped: Opaque };
    assert_eq!(
        recorded(&other),
        [("it.told".to_owned(), 1.into()), ("it.how_long".to_owned(), 4.into())]
    );
}

#[derive(Public)]
struct OrderId(u64);

#[derive(Public)]
struct Currency<'a> {
    code: &'a str,
}

#[test]
fn a_public_newtype_is_told_as_its_content() {
    assert_eq!(recorded(&OrderId(7)), [("it".to_owned(), 7.into())]);
    assert_eq!(recorded(&Currency { code: "EUR" }), all(&[("it", "EUR")]));
}

#[derive(Redact)]
struct Hidden(#[redact] Opaque);

#[derive(Redact)]
struct Account {
    hidden: Option<Hidden>,
    address: Option<Address>,
    boxed: Option<Box<Hidden>>,
    shared: Arc<Option<Hidden>>,
    #[redact]
    optional: Option<String>,
    next: Option<Box<Account>>,
}

#[test]
fn nothing_and_something_differ_in_what_is_public_alone() {
    let none = Account {
        hidden: None,
        address: None,
        boxed: None,
        shared: Arc::new(None),
        optional: None,
        next: None,
    };
    let address = Address { city: "Bern".into(), street: "s".into() };
    let some = Account {
        hidden: Some(Hidden(Opaque)),
        address: Some(address),
        boxed: Some(Box::new(Hidden(Opaque))),
        shared: Arc::new(Some(Hidden(Opaque))),
        optional: Some("secret".into()),
        next: None,
    };
    let mut told = recorded(&some);
    told.retain(|(key, _)| key != "it.address.city");
    assert_eq!(recorded(&none), told);
}

#[derive(Redact)]
struct Wrapped<'a> {
    borrowed: &'a Address,
    boxed: Box<Address>,
    counted: std::rc::Rc<Address>,
    shared: Arc<Address>,
    cow: std::borrow::Cow<'a, Email>,
    slice: &'a [Email],
    owned_slice: Box<[Email]>,
    array: [Email; 2],
    pinned: std::pin::Pin<Box<Email>>,
    dynamic: Box<dyn Redact + Send>,
    outcome: Result<Email, Email>,
}

#[test]
fn wrappers_follow_their_content_and_collections_tell_how_many() {
    let address = || Address { city: "Bern".into(), street: "s".into() };
    let email = || Email("abc".into());
    let wrapped = Wrapped {
        borrowed: &address(),
        boxed: Box::new(address()),
        counted: address().into(),
        shared: address().into(),
        cow: std::borrow::Cow::Owned(email()),
        slice: &[email()],
        owned_slice: [email(), email(), email()].into(),
        array: [email(), email()],
        pinned: Box::pin(email()),
        dynamic: Box::new(email()),
        outcome: Err(email()),
    };
    let mut expected = Vec::new();
    for name in ["borrowed", "boxed", "counted", "shared"] {
        expected.push((format!("it.{name}.city"), "Bern".into()));
        expected.push((format!("it.{name}.street"), "[redacted]".into()));
    }
    let numbers =
        [("cow", 3), ("slice", 1), ("owned_slice", 3), ("array", 2), ("pinned", 3), ("dynamic", 3)];
    expected.extend(numbers.map(|(name, number)| (format!("it.{name}"), number.into())));
    expected.push(("it.outcome.err".into(), 3.into()));
    assert_eq!(recorded(&wrapped), expected);
}

#[derive(Redact)]
struct List {
    #[public]
    value: u64,
    next: Option<Box<List>>,
}

#[derive(Redact)]
struct Endless(Option<Box<Endless>>);

#[test]
fn types_that_hold_themselves_end() {
    let list = (0..100).fold(None, |next, value| Some(Box::new(List { value, next })));
    let told = recorded(&list);
    assert_eq!(told.len(), 6);
    let endless = (0..100).fold(Endless(None), |inner, _| Endless(Some(Box::new(inner))));
    assert_eq!(recorded(&endless), []);
}
