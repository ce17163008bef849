//! What of arguments and other values is recorded, by attributes, by the list, and by type.

#![allow(
    unused_variables,
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    reason = "what is recorded is the test"
)]
#![allow(clippy::ptr_arg, clippy::unused_async, reason = "functions as people write them")]

use std::fmt::{self, Debug, Display};
use traced::data::Attribute;
use traced::test::capture;
use traced::{Redact, traced};

/// What `work` records on its one span.
fn recorded(work: impl FnOnce()) -> Vec<(String, Attribute)> {
    let spans = capture(work);
    let [span] = &spans[..] else { panic!("not one span") };
    span.attributes.iter().map(|(key, value)| (key.to_string(), value.clone())).collect()
}

fn told<const N: usize>(expected: [(&str, Attribute); N]) -> Vec<(String, Attribute)> {
    expected.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn text(text: &str) -> Attribute {
    text.into()
}

/// Goes off when anything at all is asked of it.
struct Bomb;

impl Debug for Bomb {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("Debug was called")
    }
}

impl Display for Bomb {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("Display was called")
    }
}

impl Clone for Bomb {
    fn clone(&self) -> Self {
        panic!("Clone was called")
    }
}

impl std::hash::Hash for Bomb {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {
        panic!("Hash was called")
    }
}

impl std::ops::Deref for Bomb {
    type Target = str;
    fn deref(&self) -> &str {
        panic!("Deref was called")
    }
}

impl AsRef<str> for Bomb {
    fn as_ref(&self) -> &str {
        panic!("AsRef was called")
    }
}

#[derive(Redact)]
struct Guarded(#[redact] Bomb);

#[derive(Redact)]
struct User {
    #[public]
    id: u64,
    #[redact]
    name: Bomb,
}

fn user() -> User {
    User { id: 7, name: Bomb }
}

#[traced]
fn attributes(
    #[public] currency: &str,
    #[redact] token: Bomb,
    #[redact(len)] note: &String,
    #[redact(last = 4)] number: Option<String>,
    #[redact(hash)] email: &str,
    #[skip] database: Bomb,
    #[public(rename = "order.id")] order: u64,
) {
}

#[test]
fn arguments_are_told_by_their_attributes() {
    let number = Some("4242424242424242".to_owned());
    let work = || attributes("EUR", Bomb, &"four".to_owned(), number, "a@b.ch", Bomb, 7);
    let expected = told([
        ("currency", text("EUR")),
        ("token", text("[redacted]")),
        ("note", 4.into()),
        ("number", text("…4242")),
        ("email", text("[redacted]")),
        ("order.id", 7.into()),
    ]);
    assert_eq!(recorded(work), expected);
}

#[traced(
    public(currency),
    redact(token, len(note), last(number, 2), hash(email, class = "pii.email")),
    skip(database),
    rename(order = "order.id")
)]
fn list(
    currency: &str,
    token: Bomb,
    note: String,
    number: &str,
    email: &str,
    database: Bomb,
    order: u64,
) {
}

#[test]
fn the_list_says_the_same() {
    let work = || list("EUR", Bomb, "four".into(), "4242424242424242", "a@b.ch", Bomb, 7);
    let expected = told([
        ("currency", text("EUR")),
        ("token", text("[redacted]")),
        ("note", 4.into()),
        ("number", text("…42")),
        ("email", text("[redacted]")),
        ("order.id", 7.into()),
    ]);
    assert_eq!(recorded(work), expected);
}

#[traced]
async fn later(#[redact] token: Bomb, user: &User, #[redact(len)] note: String) {
    drop((token, note));
}

#[test]
fn async_arguments_are_told_the_same() {
    let work = || {
        let user = user();
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(later(
            Bomb,
            &user,
            "four".into(),
        ));
    };
    let expected = told([
        ("token", text("[redacted]")),
        ("user.id", 7.into()),
        ("user.name", text("[redacted]")),
        ("note", 4.into()),
    ]);
    assert_eq!(recorded(work), expected);
}

#[traced]
fn by_type<T>(
    number: u64,
    truth: Option<bool>,
    user: &User,
    text: String,
    slice: &str,
    bytes: &[u8],
    bomb: Bomb,
    generic: T,
    anything: impl Sized,
) {
}

#[test]
fn numbers_and_policies_are_told_and_everything_else_is_left_out() {
    let work =
        || by_type(1, Some(true), &user(), "secret".into(), "secret", b"secret", Bomb, 7, user());
    let expected = told([
        ("number", 1.into()),
        ("truth", true.into()),
        ("user.id", 7.into()),
        ("user.name", text("[redacted]")),
    ]);
    assert_eq!(recorded(work), expected);
}

#[traced]
fn bounded<T: Redact>(generic: T, guarded: impl Redact, dynamic: &dyn Redact) {}

#[test]
fn a_bound_makes_a_generic_known() {
    let expected = told([
        ("generic.id", 7.into()),
        ("generic.name", text("[redacted]")),
        ("guarded", text("[redacted]")),
        ("dynamic", text("[redacted]")),
    ]);
    assert_eq!(recorded(|| bounded(user(), Guarded(Bomb), &Guarded(Bomb))), expected);
}

#[traced(fields(otp = code, phone.number = code + 1, checks = code))]
fn secrets(code: u64, pin: u32, card_number: u64, lat: f64, card: &User, #[public] zip: u32) {}

#[test]
fn a_number_under_a_name_that_sounds_secret_is_left_out_and_a_policy_is_not() {
    let expected = told([
        ("code", 1.into()),
        ("card.id", 7.into()),
        ("card.name", text("[redacted]")),
        ("zip", 3000.into()),
        ("checks", 1.into()),
    ]);
    assert_eq!(recorded(|| secrets(1, 2, 3, 4.0, &user(), 3000)), expected);
}

#[traced(strict)]
fn strict(user: &User, #[public] order: u64, #[redact] text: &str, #[skip] rest: u64) {}

#[test]
fn strict_asks_for_a_policy_everywhere() {
    let expected = told([
        ("user.id", 7.into()),
        ("user.name", text("[redacted]")),
        ("order", 7.into()),
        ("text", text("[redacted]")),
    ]);
    assert_eq!(recorded(|| strict(&user(), 7, "secret", 1)), expected);
}

struct Json<T>(T);

#[derive(Redact)]
struct Creds {
    #[public]
    user: u64,
    #[redact]
    inner: Inner,
}

#[derive(Redact)]
struct Inner {
    #[public]
    id: u64,
}

#[traced]
fn destructured(
    Json(mut request): Json<User>,
    Json(number): Json<u64>,
    Json(secret): Json<Bomb>,
    Json(Json(nested)): Json<Json<&User>>,
    Creds { inner, .. }: Creds,
    (a, b): (u64, u64),
    #[redact] Json(hidden): Json<User>,
) {
    request.id += 1;
    assert_eq!(request.id, 8);
}

#[test]
fn what_a_wrapper_holds_is_walked_and_nothing_else_that_a_pattern_binds() {
    let user = &user();
    let work = || {
        let creds = Creds { user: 1, inner: Inner { id: 2 } };
        destructured(
            Json(self::user()),
            Json(1),
            Json(Bomb),
            Json(Json(user)),
            creds,
            (1, 2),
            Json(self::user()),
        );
    };
    let expected = told([
        ("request.id", 7.into()),
        ("request.name", text("[redacted]")),
        ("nested.id", 7.into()),
        ("nested.name", text("[redacted]")),
    ]);
    assert_eq!(recorded(work), expected);
}

fn initials(name: &str) -> String {
    name.split(' ').filter_map(|word| word.chars().next()).collect()
}

#[traced]
fn functions(
    #[redact(with = initials)] name: &str,
    #[public(with = initials, reason = "a test")] other: &str,
    #[public(display, reason = "a test")] shown: std::net::Ipv4Addr,
    #[public(debug, reason = "a test")] debugged: Option<char>,
    #[public(each, max = 2)] tags: &[String],
    #[public(each)] users: Vec<User>,
) {
}

#[test]
fn functions_formats_and_elements() {
    let tags = ["a", "b", "c"].map(String::from);
    let work = || {
        functions("Jane Doe", "John Roe", [127, 0, 0, 1].into(), Some('x'), &tags, vec![user()]);
    };
    let expected = told([
        ("name", text("JD")),
        ("other", text("JR")),
        ("shown", text("127.0.0.1")),
        ("debugged", text("Some('x')")),
        ("tags.0", text("a")),
        ("tags.1", text("b")),
        ("users.0.id", 7.into()),
        ("users.0.name", text("[redacted]")),
    ]);
    assert_eq!(recorded(work), expected);
}

#[test]
fn one_rule_for_every_place() {
    let (token, note, secret, user) = (Bomb, "four".to_owned(), Bomb, user());
    let expected = told([
        ("token", text("[redacted]")),
        ("note", 4.into()),
        ("made", 8.into()),
        ("user.id", 7.into()),
        ("user.name", text("[redacted]")),
        ("brand", text("visa")),
        ("literal", text("text")),
    ]);
    let work = || {
        drop(
            traced::span!(
                "it",
                #[redact]
                token = token,
                #[redact(len)]
                note = note,
                #[redact(len)]
                made = note.repeat(2),
                secret,
                user,
                #[public]
                brand = "visa",
                literal = "text",
                pin = 1 + 1
            )
            .enter(),
        );
    };
    assert_eq!(recorded(work), expected);
    let work = || {
        let _span = traced::span!("it").enter();
        traced::record!(
            #[redact]
            token = token,
            #[redact(len)]
            note,
            #[redact(len)]
            made = note.repeat(2),
            secret,
            user,
            #[public]
            brand = "visa",
            literal = "text",
            pin = 1 + 1
        );
    };
    assert_eq!(recorded(work), expected);
    let spans = capture(|| {
        let _span = traced::span!("it").enter();
        traced::event!(
            "it",
            #[redact]
            token = token,
            #[redact(len)]
            note,
            #[redact(len)]
            made = note.repeat(2),
            secret,
            user,
            #[public]
            brand = "visa",
            literal = "text",
            pin = 1 + 1
        );
    });
    let event = &spans.named("it").events[0];
    let told: Vec<_> = event.attributes.iter().map(|(k, v)| (k.to_string(), v.clone())).collect();
    assert_eq!(told, expected);
}

#[test]
fn where_nothing_is_recorded_nothing_is_asked() {
    attributes("EUR", Bomb, &"four".to_owned(), None, "a@b.ch", Bomb, 7);
}
