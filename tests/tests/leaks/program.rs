//! A program that has secrets wherever a program may have them.

#![allow(
    dead_code,
    unused_variables,
    clippy::needless_pass_by_value,
    reason = "what is recorded is the test"
)]

use crate::secret::Secret;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use traced::propagation::Baggage;
use traced::{Context, Redact, SpanId, TraceId, traced};

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
    // As any panic, but that nobody prints it.
    std::panic::resume_unwind(Box::new(text.to_owned()));
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

/// What travels with a request, and another trace that is mentioned.
#[traced(links = from)]
fn called(#[skip] from: &Context) {
    traced::link(from);
    traced::event!("called", baggage = from.baggage().as_str());
}

fn calls(text: &str) {
    let baggage = Baggage::EMPTY.with("user", text).unwrap_or_default();
    let from = Context::remote(TraceId::from_u128(7), SpanId::from_u64(7), true);
    let from = from.with_baggage(baggage);
    called(&from);
    from.in_scope(|| called(&from));
}

/// One root, and one of each shape below it.
#[traced]
pub(crate) fn program(#[skip] secret: &Secret) {
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
    calls(text);
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
