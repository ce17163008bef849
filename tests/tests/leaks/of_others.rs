//! What other crates let out, or were made to: each a test.

use crate::output::exported;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::rc::Rc;
use std::sync::Arc;
use traced::{Redact, SafeDebug, traced};

#[derive(Redact, SafeDebug)]
struct Creds {
    #[redact]
    user: String,
    #[redact]
    password: String,
}

#[derive(Redact, SafeDebug)]
struct Masked<'a> {
    #[redact]
    whole: &'a str,
    #[redact(last = 4)]
    end: &'a str,
}

#[traced]
fn masked(#[redact(last = 4)] secret: &str, #[redact] whole: &str, masked: &Masked<'_>) {}

fn masked_everywhere(secret: &str) -> String {
    let masked_value = Masked { whole: secret, end: secret };
    output(|| masked(secret, secret, &masked_value)) + &format!("{masked_value:?}")
}

fn output(work: impl FnOnce()) -> String {
    exported(work).iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
}

/// Masks that keep what is no letter or digit show all of this.
#[test]
fn a_password_of_symbols_is_masked_like_any_other() {
    for secret in ["!#$%&/()=?", "@@@@@@@@@@@@@@@@", "-_-_-_-_-_-_-_-"] {
        let found = masked_everywhere(secret);
        let told: String = secret.chars().take(5).collect();
        assert!(found.contains("[redacted]") && !found.contains(&told), "{secret} in {found}");
    }
}

/// Masks that know letters by ASCII, or cut between bytes, leave these.
#[test]
fn emoji_do_not_survive_a_mask() {
    let key = "\u{1f511}";
    for count in [1, 3, 10] {
        let found = masked_everywhere(&format!("\u{1f469}\u{200d}{}", key.repeat(count - 1)));
        assert!(!found.contains(key) && !found.contains("\u{1f469}"), "{found}");
    }
    let found = masked_everywhere(&format!("{key}{}", "x".repeat(12)));
    assert!(found.contains("\u{2026}xxxx") && !found.contains(key), "{found}");
}

#[derive(Redact, SafeDebug)]
struct Optional {
    #[redact]
    text: Option<String>,
    #[redact(last = 4)]
    end: Option<String>,
    inner: Option<Creds>,
    boxed: Option<Box<Creds>>,
    shared: Rc<Option<Arc<Creds>>>,
}

#[traced]
fn present(
    #[redact] text: Option<&str>,
    optional: &Optional,
    left_out: Option<String>,
    borrowed: Option<&Creds>,
    list: &List,
) {
}

/// As many as its secret says.
#[derive(Redact)]
struct List {
    #[redact]
    value: String,
    next: Option<Box<List>>,
}

/// `None` printed as such says that there is no second factor, no middle name, no debt.
#[test]
fn nothing_looks_like_something() {
    let told = |text: Option<&str>| {
        let own = || text.map(String::from);
        let creds = |user| Creds { user, password: "p".into() };
        let optional = Optional {
            text: own(),
            end: own(),
            inner: own().map(creds),
            boxed: own().map(creds).map(Box::new),
            shared: Rc::new(own().map(creds).map(Arc::new)),
        };
        let shown = format!("{optional:?}");
        let list = text
            .unwrap_or_default()
            .chars()
            .fold(None, |next, c| Some(Box::new(List { value: c.to_string(), next })));
        let list = List { value: String::new(), next: list };
        let work = || present(text, &optional, own(), optional.boxed.as_deref(), &list);
        (exported(work), shown)
    };
    assert_eq!(told(None), told(Some("secret")));
}

#[traced]
fn flag(#[redact] is_member: bool, masked: &Flag) {}

#[derive(Redact, SafeDebug)]
struct Flag(#[redact] bool);

/// Four stars are `true` and five are `false`; `ui/derive_redact/not_what_it_takes.rs` asks for the length of a bool.
#[test]
fn true_and_false_have_no_length() {
    let told = |is| (exported(|| flag(is, &Flag(is))), format!("{:?}", Flag(is)));
    assert_eq!(told(true), told(false));
}

/// Of a number of nine digits, a mask that shows the first two and the last four leaves a thousand to try.
#[test]
fn of_nine_digits_none_is_shown() {
    for digits in ["123456789", "123-45-6789", "12345678901"] {
        let found = masked_everywhere(digits);
        for three in digits.as_bytes().windows(3) {
            assert!(!found.contains(std::str::from_utf8(three).unwrap()), "{digits} in {found}");
        }
    }
}

#[traced]
fn destructured(Creds { user, password }: Creds) {}

/// Instrumenting a function by the names that its patterns bind goes around the type's own `Debug`.
#[test]
fn a_parameter_that_is_taken_apart_stays_redacted() {
    let creds = || Creds { user: "jane-doe".into(), password: "hunter2-hunter2".into() };
    let found = output(|| destructured(creds()));
    assert!(!found.contains("jane") && !found.contains("hunter2"));
    let shown = format!("{:?}", creds());
    assert_eq!(shown, "Creds { user: \"[redacted]\", password: \"[redacted]\", .. }");
}

/// An error of somebody else, whose text has data in it.
#[derive(Debug)]
struct Foreign(String);

impl Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Foreign {}

#[traced]
fn fails(#[skip] text: String) -> Result<(), Foreign> {
    Err(Foreign(text))
}

#[traced]
fn fails_in_a_box(#[skip] text: String) -> Result<(), Box<dyn Error + Send + Sync>> {
    Err(Foreign(text).into())
}

#[traced]
fn fails_with_context(#[skip] text: String) -> anyhow::Result<()> {
    use anyhow::Context as _;
    Err(Foreign(text.clone())).context(text)
}

fn failed(text: &str) -> String {
    output(|| {
        let own = || text.to_owned();
        assert!(fails(own()).is_err() && fails_in_a_box(own()).is_err());
        assert!(fails_with_context(own()).is_err());
        traced::record_error!(Foreign(own()));
    })
}

#[test]
fn the_key_of_a_row_stays_in_the_error_of_a_database() {
    let found =
        failed("duplicate key value violates unique constraint: (email)=(jane@example.org)");
    assert!(found.contains("Foreign") && !found.contains("jane") && !found.contains("duplicate"));
}

/// What `reqwest` and `sqlx` themselves say is tried where their features are, in `runtime/src/redact/known/`.
#[test]
fn the_url_of_a_request_stays_in_the_error_of_a_client() {
    let found =
        failed("error sending request for url (https://api.example/?key=sk-live-0123456789)");
    assert!(
        found.contains("Foreign") && !found.contains("sk-live") && !found.contains("api.example")
    );
}

/// Features are joined: what one crate turns on holds for all. Each of these adds something to be called, or facts
/// of foreign values that hold no text of anybody; none is asked where a declared policy is obeyed.
const FEATURES: &str = "default app init console off sdk grpc zipkin otel tokio otlp manifest hash serde_json reqwest \
    tonic anyhow eyre sqlx uuid url http chrono jiff secrecy";

#[test]
fn no_feature_of_a_dependency_switches_redaction_off() {
    let manifest = include_str!("../../../runtime/Cargo.toml");
    let (_, features) = manifest.split_once("[features]").unwrap();
    let (features, _) = features.split_once("\n[").unwrap();
    let lines = features.lines().filter(|line| !line.starts_with('#'));
    let found: Vec<&str> = lines.filter_map(|line| Some(line.split_once(" = ")?.0)).collect();
    let known: Vec<&str> = FEATURES.split_whitespace().collect();
    assert_eq!(found, known, "a new feature: does it loosen a policy that somebody declared?");
    for (file, source) in [
        ("mod.rs", include_str!("../../../runtime/src/redact/mod.rs")),
        ("absent.rs", include_str!("../../../runtime/src/redact/absent.rs")),
        ("cap.rs", include_str!("../../../runtime/src/redact/cap.rs")),
        ("debug.rs", include_str!("../../../runtime/src/redact/debug.rs")),
        ("fields.rs", include_str!("../../../runtime/src/redact/fields.rs")),
        ("masks.rs", include_str!("../../../runtime/src/redact/masks.rs")),
        ("publish.rs", include_str!("../../../runtime/src/redact/publish.rs")),
        ("wrappers.rs", include_str!("../../../runtime/src/redact/wrappers.rs")),
        ("probe.rs", include_str!("../../../runtime/src/probe.rs")),
        ("policy.rs", include_str!("../../../macros/src/expand/policy.rs")),
        ("arguments.rs", include_str!("../../../macros/src/analyze/arguments.rs")),
    ] {
        let mut code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        assert!(!code.any(|line| line.contains("feature =")), "{file} asks for a feature");
    }
}
