//! Two runs that differ in nothing but what is redacted export identical bytes; and what is told of a secret gives
//! none of it away, in no encoding.
//!
//! The exporters of other people see spans as they are decoded here, which `memory` holds.

#![allow(
    missing_docs,
    dead_code,
    unused_variables,
    clippy::needless_pass_by_value,
    reason = "what is recorded is the test"
)]

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use traced::console::{Style, render};
use traced::data::{Limits, Resource, Span};
use traced::otlp::proof::{Recording, Reused, record};
use traced::{Redact, traced};

/// What must not come out.
#[derive(Clone)]
struct Secret {
    text: String,
    number: i64,
    optional: Option<String>,
    many: Vec<String>,
    variant: bool,
}

impl Secret {
    fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            number: -1,
            optional: Some(text.to_owned()),
            many: vec![text.to_owned(); 3],
            variant: true,
        }
    }

    fn other() -> Self {
        Self {
            text: String::new(),
            number: 7_000_000,
            optional: None,
            many: vec![],
            variant: false,
        }
    }
}

#[derive(Redact)]
struct Inner {
    #[redact]
    text: String,
    #[redact]
    optional: Option<String>,
    #[skip]
    number: i64,
}

#[derive(Redact)]
struct Outer<T> {
    #[redact]
    secret: Secret,
    inner: Inner,
    hidden: Option<Hidden>,
    shared: Arc<Inner>,
    boxed: Box<dyn Redact + Send + Sync>,
    #[redact]
    generic: T,
    #[redact]
    many: Vec<String>,
    #[redact]
    map: BTreeMap<String, String>,
    choice: Choice,
    pair: Pair,
}

#[derive(Redact)]
struct Hidden(#[redact] String);

#[derive(Redact)]
struct Pair(#[redact] String, #[skip] i64);

#[derive(Redact)]
enum Choice {
    #[redact]
    A(String),
    #[redact]
    B { text: Option<String> },
}

#[derive(Debug, thiserror::Error, Redact)]
#[error("refused: {text}")]
struct Refused {
    #[redact]
    text: String,
    source: io::Error,
}

#[derive(Debug, thiserror::Error)]
#[error("duplicate key (email)=({0})")]
struct Foreign(String);

fn inner(secret: &Secret) -> Inner {
    let Secret { text, number, optional, .. } = secret.clone();
    Inner { text, optional, number }
}

fn outer(secret: &Secret) -> Outer<String> {
    let text = secret.text.clone();
    Outer {
        secret: secret.clone(),
        inner: inner(secret),
        hidden: secret.optional.clone().map(Hidden),
        shared: Arc::new(inner(secret)),
        boxed: Box::new(inner(secret)),
        generic: text.clone(),
        many: secret.many.clone(),
        map: secret.many.iter().map(|text| (text.clone(), text.clone())).collect(),
        choice: if secret.variant {
            Choice::A(text.clone())
        } else {
            Choice::B { text: secret.optional.clone() }
        },
        pair: Pair(text, secret.number),
    }
}

struct Json<T>(T);

#[traced]
#[allow(clippy::too_many_arguments, reason = "one of each")]
fn arguments<T, U: Redact>(
    text: String,
    slice: &str,
    bytes: &[u8],
    cow: Cow<'_, str>,
    #[redact] marked: &str,
    #[redact] number: i64,
    #[redact] optional: Option<String>,
    #[skip] skipped: &str,
    pin: i64,
    card: i64,
    generic: T,
    bounded: U,
    outer: &Outer<String>,
    dynamic: &dyn Redact,
    rc: Rc<Inner>,
    many: Vec<String>,
    closure: impl Fn() -> String,
    Json(request): Json<Inner>,
    Inner { text: taken, .. }: Inner,
) -> String {
    closure()
}

#[traced(ret)]
fn returned(secret: &Secret) -> String {
    secret.text.clone()
}

#[traced]
async fn later(#[redact] text: String, inner: Inner, left_out: String) -> Result<(), Refused> {
    tokio::task::yield_now().await;
    let source = io::Error::other(left_out);
    Err(Refused { text, source })
}

#[traced]
fn foreign(text: &str) -> Result<(), Foreign> {
    Err(Foreign(text.to_owned()))
}

#[traced]
fn boxed(text: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    Err(text.into())
}

#[traced]
fn chained(text: &str) -> anyhow::Result<()> {
    use anyhow::Context as _;
    Err(io::Error::other(text.to_owned())).context(text.to_owned())
}

#[traced]
fn panics(text: &str) {
    std::panic::panic_any(text.to_owned());
}

struct Service {
    password: String,
}

impl Service {
    #[traced]
    fn method(&self, token: &str) {
        let token = token.to_owned();
        traced::event!(
            "in a method",
            self_ = self.password,
            token,
            #[redact]
            marked = token
        );
    }
}

/// One root, and one of each shape below it.
#[traced]
fn program(#[skip] secret: &Secret) {
    let text = secret.text.as_str();
    let outer = outer(secret);
    arguments(
        text.to_owned(),
        text,
        text.as_bytes(),
        Cow::Borrowed(text),
        text,
        secret.number,
        secret.optional.clone(),
        text,
        secret.number,
        secret.number,
        secret.clone(),
        inner(secret),
        &outer,
        &inner(secret),
        Rc::new(inner(secret)),
        secret.many.clone(),
        || text.to_owned(),
        Json(inner(secret)),
        inner(secret),
    );
    returned(secret);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _ = runtime.block_on(later(text.to_owned(), inner(secret), text.to_owned()));
    let (_, _, _) = (foreign(text), boxed(text), chained(text));
    let _ = std::panic::catch_unwind(|| panics(text));
    Service { password: text.to_owned() }.method(text);
    let owned = text.to_owned();
    let _section = traced::section!(
        "section",
        owned,
        outer,
        #[redact]
        marked = owned
    );
    traced::event!("event", owned, outer, password = owned.clone(), pin = secret.number);
    traced::record!(owned, outer, later = owned.clone());
    traced::record_error!(Foreign(text.to_owned()));
    traced::record_error!(Refused { text: text.to_owned(), source: io::Error::other(text) });
}

/// Everything that leaves the process, by each way, without ids and times.
fn exported(work: impl FnOnce()) -> Vec<Vec<u8>> {
    let recording = record(work);
    let spans: Vec<Span> = recording.spans();
    vec![memory(&spans), console(spans), otlp(&recording, true), otlp(&recording, false)]
}

fn memory(spans: &[Span]) -> Vec<u8> {
    let lines = spans.iter().map(|span| {
        let events: Vec<_> = span.events.iter().map(|e| (&e.name, &e.attributes)).collect();
        let Span { name, kind, attributes, status, dropped_attributes, .. } = span;
        format!("{name} {kind:?} {attributes:?} {events:?} {status:?} {dropped_attributes}\n")
    });
    lines.collect::<String>().into_bytes()
}

fn console(mut spans: Vec<Span>) -> Vec<u8> {
    let ids: Vec<String> = spans
        .iter()
        .flat_map(|span| [span.trace_id.to_string(), span.span_id.to_string()])
        .collect();
    for span in &mut spans {
        span.start_unix_ns = 0;
        span.end_unix_ns = 0;
        span.events.iter_mut().for_each(|event| event.unix_ns = 0);
    }
    let drawn = render(&spans, &Style::detect());
    ids.iter().fold(drawn, |drawn, id| drawn.replace(id.as_str(), "id")).into_bytes()
}

fn otlp(recording: &Recording, code: bool) -> Vec<u8> {
    let resource = Resource::new().with("service.name", "leaks");
    let mut encoder = Reused::new(Limits::default(), code, resource);
    let mut body = ExportTraceServiceRequest::decode(recording.encode(&mut encoder)).unwrap();
    for scope in body.resource_spans.iter_mut().flat_map(|spans| &mut spans.scope_spans) {
        for span in &mut scope.spans {
            span.trace_id.clear();
            span.span_id.clear();
            span.parent_span_id.clear();
            span.trace_state.clear();
            (span.start_time_unix_nano, span.end_time_unix_nano) = (0, 0);
            span.events.iter_mut().for_each(|event| event.time_unix_nano = 0);
        }
        scope.spans.sort_by_cached_key(Message::encode_to_vec);
    }
    body.encode_to_vec()
}

fn payloads() -> Vec<String> {
    let mut all: Vec<String> = [
        "correct horse battery staple",
        "!#$%&()*+,-./:;<=>?@[]^_`{|}~",
        "\u{1f980}\u{1f511}\u{1f469}\u{200d}\u{1f4bb}\u{1f980}\u{1f511}\u{1f469}\u{200d}\u{1f4bb}",
        "e\u{301}a\u{308}o\u{302}u\u{303}e\u{301}a\u{308}o\u{302}u\u{303}",
        "\u{5e1}\u{5d5}\u{5d3} \u{633}\u{631}\u{64a}\u{202e}abc",
        "before\0after\0\0",
        "\"},{\"key\":\"x\" '; DROP TABLE users;-- ?a=b&c=%2F#d",
        "true",
        "false",
        "4242424242424242",
        "123456789",
        "jane.doe@example.org",
    ]
    .map(String::from)
    .into();
    all.extend((1..=13).map(|length| "Zq7!Wj3?Xv5%K"[..length].to_owned()));
    all.push("Zq7!Wj3?Xv5%Kp".repeat((1 << 20) / 14));
    all
}

#[test]
fn runs_that_differ_in_secrets_alone_export_identical_bytes() {
    let reference = exported(|| program(&Secret::other()));
    assert!(String::from_utf8_lossy(&reference[0]).contains("[redacted]"));
    for payload in payloads() {
        let found = exported(|| program(&Secret::of(&payload)));
        for (way, (found, reference)) in found.iter().zip(&reference).enumerate() {
            if found != reference {
                let shown = &payload[..payload.len().min(40).min(payload.floor_char())];
                panic!(
                    "{shown:?} shows in way {way}:\n{}\ninstead of\n{}",
                    String::from_utf8_lossy(found),
                    String::from_utf8_lossy(reference)
                );
            }
        }
    }
}

trait FloorChar {
    fn floor_char(&self) -> usize;
}

impl FloorChar for String {
    /// The greatest length up to 40 bytes that ends between characters.
    fn floor_char(&self) -> usize {
        (0..=self.len().min(40)).rev().find(|end| self.is_char_boundary(*end)).unwrap_or(0)
    }
}

/// What tells something of a secret, but none of it.
#[derive(Redact)]
struct Told {
    #[redact(len)]
    length: String,
    #[redact(hash)]
    hash: String,
    #[redact(hash, class = "leaks.class")]
    classed: String,
    #[redact(last = 4)]
    end: String,
}

#[traced]
fn tells(
    #[redact(len)] length: &str,
    #[redact(hash)] hash: &str,
    #[redact(hash, class = "leaks.class")] classed: &str,
    told: &Told,
) {
}

fn tell(text: &str) {
    let own = || text.to_owned();
    let told = Told { length: own(), hash: own(), classed: own(), end: own() };
    tells(text, text, text, &told);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut letters = String::new();
    for three in bytes.chunks_exact(3) {
        let all = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        for shift in [18, 12, 6, 0] {
            letters.push(char::from(LETTERS[(all >> shift & 63) as usize]));
        }
    }
    letters
}

fn percent(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

/// Every way in which a secret could be written down, and its substrings of four.
fn traces_of(secret: &str) -> HashSet<Vec<u8>> {
    use md5::Digest as _;
    let bytes = secret.as_bytes();
    let mut all: HashSet<Vec<u8>> = HashSet::new();
    let mut add = |text: &[u8]| {
        if text.len() >= 4 {
            all.insert(text.to_vec());
        }
    };
    let reversed: String = secret.chars().rev().collect();
    for text in [secret, &reversed] {
        add(text.as_bytes());
        add(format!("{text:?}").trim_matches('"').as_bytes());
        text.as_bytes().windows(4).for_each(&mut add);
    }
    add(hex(bytes).as_bytes());
    add(hex(bytes).to_uppercase().as_bytes());
    add(percent(bytes).as_bytes());
    for skipped in 0..3.min(bytes.len()) {
        add(base64(&bytes[skipped..]).as_bytes());
    }
    for digest in [
        md5::Md5::digest(bytes).to_vec(),
        sha1::Sha1::digest(bytes).to_vec(),
        sha2::Sha256::digest(bytes).to_vec(),
    ] {
        add(&digest);
        add(&hex(&digest).as_bytes()[..16]);
        add(&base64(&digest).as_bytes()[..8]);
    }
    all
}

#[test]
fn what_is_told_of_a_secret_gives_none_of_it_away() {
    // The key of the process; other tests of this binary ask for no hash.
    traced::redact::set_key(b"0123456789abcdef0123456789abcdef").unwrap();
    let nothing = exported(|| tell(""));
    for payload in payloads().iter().filter(|payload| payload.len() < 1000) {
        let outputs = exported(|| tell(payload));
        let end: String =
            payload.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
        let is_long = payload.chars().count() >= 12;
        for (output, without) in outputs.iter().zip(&nothing) {
            for trace in traces_of(payload) {
                let is_end =
                    is_long && end.as_bytes().windows(trace.len()).any(|part| part == trace);
                let is_in = |output: &[u8]| output.windows(trace.len()).any(|part| part == trace);
                let found = is_in(output) && !is_in(without);
                assert!(
                    !found || is_end,
                    "{payload:?}: {:?} is in {}",
                    String::from_utf8_lossy(&trace),
                    String::from_utf8_lossy(output)
                );
            }
        }
        let text = String::from_utf8_lossy(&outputs[0]).into_owned();
        let shown = format!("{:?}", format!("…{end}"));
        assert!(text.contains(&shown) == is_long, "{text}");
    }
}

/// Asked by nobody.
struct Bomb;

macro_rules! goes_off {
    ($($trait:ident),*) => {$(
        impl $trait for Bomb {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("asked")
            }
        }
    )*};
}

goes_off!(Debug, Display);

impl Error for Bomb {}

#[traced]
fn bomb(bomb: Bomb, #[redact] marked: &Bomb, #[skip] skipped: &Bomb) -> Result<(), Bomb> {
    Err(bomb)
}

#[test]
fn an_error_is_not_asked_for_its_text() {
    let recording = record(|| assert!(bomb(Bomb, &Bomb, &Bomb).is_err()));
    let spans = recording.spans();
    assert!(!String::from_utf8(memory(&spans)).unwrap().contains("panicked"));
}

mod of_others {
    //! What other crates let out, or were made to.

    use super::*;
    use traced::SafeDebug;

    #[derive(Redact, SafeDebug)]
    struct Creds {
        #[redact]
        user: String,
        #[redact]
        password: String,
    }

    #[traced]
    fn destructured(Creds { user, password }: Creds) {}

    #[traced]
    fn masked(#[redact(last = 4)] secret: &str) {}

    #[traced]
    fn flag(#[redact] is_member: bool) {}

    #[derive(Debug)]
    struct Client(String);

    impl Display for Client {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "error sending request for url (https://api.example/?key={})", self.0)
        }
    }

    impl Error for Client {}

    #[traced]
    fn request(key: &str) -> Result<(), Client> {
        Err(Client(key.to_owned()))
    }

    fn output(work: impl FnOnce()) -> String {
        exported(work).iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    #[test]
    fn a_parameter_that_is_taken_apart_stays_redacted() {
        let creds = || Creds { user: "jane-doe".into(), password: "hunter2-hunter2".into() };
        let found = output(|| destructured(creds()));
        assert!(!found.contains("jane") && !found.contains("hunter2"));
        let shown = format!("{:?}", creds());
        assert_eq!(shown, "Creds { user: \"[redacted]\", password: \"[redacted]\", .. }");
    }

    #[test]
    fn a_password_of_symbols_or_emoji_is_masked_like_any_other() {
        for secret in ["!#$%&/()=?", "\u{1f980}\u{1f511}\u{1f980}", "123-45-6789", "abcdefghijk"] {
            let found = output(|| masked(secret));
            assert!(found.contains("[redacted]") && !found.contains(secret), "{secret}");
        }
    }

    #[test]
    fn true_and_false_have_no_length() {
        assert_eq!(exported(|| flag(true)), exported(|| flag(false)));
    }

    #[test]
    fn the_url_of_a_client_stays_in_its_error() {
        let found = output(|| assert!(request("sk-live-0123456789").is_err()));
        assert!(!found.contains("sk-live"));
    }
}
