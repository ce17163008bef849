//! What is recorded of errors: variant, message template, fields under their policies, causes; never text that
//! nobody declared.

use std::error::Error;
use std::fmt;
use std::io;
use traced::data::{Attribute, Span, Status};
use traced::test::capture;
use traced::{Redact, traced};

/// The one span of `work`.
fn span_of<R>(work: impl FnOnce() -> R) -> Span {
    let spans = capture(|| drop(work()));
    spans.iter().next().unwrap().clone()
}

fn told(span: &Span, key: &str) -> Option<String> {
    span.attribute(key).map(|value| match value {
        Attribute::Text(text) => text.clone(),
        other => format!("{other:?}"),
    })
}

fn description(span: &Span) -> Option<&str> {
    match &span.status {
        Status::Error(description) => Some(description),
        _ => None,
    }
}

#[derive(Debug, thiserror::Error, Redact)]
enum PayError {
    #[error("card declined by {issuer}: {number}")]
    Declined {
        #[public]
        issuer: String,
        #[redact]
        number: String,
    },
    #[error("no such order")]
    #[expected]
    NotFound,
    #[error("{0:?} of {{{1}}} at {length}", length = 3)]
    Counted(#[redact(len)] String, #[public] u64),
    #[error("storage: {0}")]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Other(#[from] io::Error),
    #[error("hidden by its author {0}")]
    #[redact]
    Hidden(String),
}

#[derive(Debug, thiserror::Error, Redact)]
#[error("disk {name} is full")]
struct StorageError {
    #[public]
    name: &'static str,
    source: io::Error,
}

#[traced]
fn fails<E>(error: E) -> Result<(), E>
where
    E: Redact,
{
    Err(error)
}

#[test]
fn variant_and_message_with_each_field_under_its_policy() {
    let error = PayError::Declined { issuer: "visa".into(), number: "4242".into() };
    let span = span_of(|| fails(error));
    assert!(told(&span, "error.type").unwrap().ends_with("errors::PayError::Declined"));
    assert_eq!(description(&span), Some("card declined by visa: [redacted]"));
    assert_eq!(told(&span, "error.fields").as_deref(), Some("Declined"));
    assert_eq!(told(&span, "error.fields.issuer").as_deref(), Some("visa"));
    assert_eq!(told(&span, "error.fields.number").as_deref(), Some("[redacted]"));
}

#[test]
fn an_expected_error_is_recorded_and_no_failure() {
    let span = span_of(|| fails(PayError::NotFound));
    assert_eq!(span.status, Status::Unset);
    assert!(told(&span, "error.type").unwrap().ends_with("PayError::NotFound"));
    assert_eq!(told(&span, "error.message").as_deref(), Some("no such order"));
}

#[test]
fn a_hole_that_is_no_field_is_the_marker() {
    let span = span_of(|| fails(PayError::Counted("secret".into(), 7)));
    assert_eq!(description(&span), Some("6 of {7} at [redacted]"));
}

#[test]
fn causes_are_told_by_their_own_policies() {
    let source = io::Error::new(io::ErrorKind::StorageFull, "secret path");
    let span = span_of(|| fails(PayError::Storage(StorageError { name: "c", source })));
    assert_eq!(description(&span), Some("storage: disk c is full"));
    let chain = Attribute::Texts(vec!["StorageError".into(), "io:StorageFull".into()]);
    assert_eq!(span.attribute("error.chain"), Some(&chain));
}

#[test]
fn a_transparent_error_says_what_its_source_says() {
    let source = io::Error::new(io::ErrorKind::NotFound, "secret path");
    let span = span_of(|| fails(PayError::Other(source)));
    assert_eq!(description(&span), Some("NotFound"));
    assert_eq!(span.attribute("error.chain"), Some(&Attribute::Texts(vec!["io:NotFound".into()])));
}

#[test]
fn a_redacted_variant_says_nothing() {
    let span = span_of(|| fails(PayError::Hidden("secret".into())));
    assert!(told(&span, "error.type").unwrap().ends_with("errors::PayError"));
    assert_eq!(description(&span), Some(""));
    assert_eq!(told(&span, "error.fields").as_deref(), Some("[redacted]"));
}

/// What a database says: the value is in the text.
#[derive(Debug)]
struct DuplicateKey;

impl fmt::Display for DuplicateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("duplicate key (email)=(jane@example.org)")
    }
}

impl Error for DuplicateKey {}

#[traced]
fn by_name() -> Result<(), DuplicateKey> {
    Err(DuplicateKey)
}

#[test]
fn an_error_without_policy_is_told_by_its_type_alone() {
    let span = span_of(by_name);
    assert!(told(&span, "error.type").unwrap().ends_with("errors::DuplicateKey"));
    assert_eq!(description(&span), Some(""));
    assert_eq!(span.attributes.len(), 1);
}

#[traced]
fn io_error() -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::ConnectionReset, "secret address"))
}

#[traced]
fn boxed(error: io::Error) -> Result<(), Box<dyn Error + Send + Sync>> {
    Err(Box::new(Wrapped(Some(error))))
}

#[traced]
fn boxed_here(error: PayError) -> Result<(), Box<dyn Error>> {
    Err(Box::new(error))
}

#[derive(Debug)]
struct Wrapped(Option<io::Error>);

impl fmt::Display for Wrapped {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("asked for its text")
    }
}

impl Error for Wrapped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_ref().map(|error| error as &(dyn Error + 'static))
    }
}

#[test]
fn known_errors_tell_their_kind_also_behind_a_box() {
    let span = span_of(io_error);
    assert!(told(&span, "error.type").unwrap().ends_with("::ConnectionReset"));
    assert_eq!(description(&span), Some(""));
    let span = span_of(|| boxed(io::ErrorKind::TimedOut.into()));
    assert_eq!(span.attribute("error.chain"), Some(&Attribute::Texts(vec!["io:TimedOut".into()])));
}

#[test]
fn a_registered_error_is_known_behind_a_box() {
    assert!(traced::redact::register_error::<PayError>());
    let error = PayError::Declined { issuer: "visa".into(), number: "4242".into() };
    let span = span_of(|| boxed_here(error));
    assert!(told(&span, "error.type").unwrap().ends_with("::Declined"));
    assert_eq!(description(&span), Some("card declined by visa: [redacted]"));
}

#[test]
fn a_cause_is_told_once_also_behind_a_box() {
    assert!(traced::redact::register_error::<PayError>());
    assert!(traced::redact::register_error::<StorageError>());
    let source = io::Error::new(io::ErrorKind::StorageFull, "secret path");
    let error = PayError::Storage(StorageError { name: "c", source });
    let span = span_of(|| boxed_here(error));
    let chain = Attribute::Texts(vec!["StorageError".into(), "io:StorageFull".into()]);
    assert_eq!(span.attribute("error.chain"), Some(&chain));
}

#[traced]
fn chained() -> anyhow::Result<()> {
    use anyhow::Context as _;
    Err(io::Error::from(io::ErrorKind::BrokenPipe)).context("secret context")
}

#[test]
fn anyhow_is_walked_along_its_chain() {
    let span = span_of(chained);
    assert!(told(&span, "error.type").unwrap().starts_with("anyhow::Error"));
    assert_eq!(description(&span), Some(""));
    assert_eq!(
        span.attribute("error.chain"),
        Some(&Attribute::Texts(vec!["io:BrokenPipe".into()]))
    );
}

#[test]
fn a_handled_error_is_an_event() {
    let error = PayError::Declined { issuer: "visa".into(), number: "4242".into() };
    let span = span_of(|| {
        let _span = traced::span!("it").enter();
        traced::record_error!(&error);
        traced::record_error!(DuplicateKey);
    });
    assert_eq!(span.status, Status::Unset);
    let [declined, duplicate] = &span.events[..] else { panic!("not two events") };
    let message = declined.attributes.iter().find(|(key, _)| key == "error.message").unwrap();
    assert_eq!(message.1, "card declined by visa: [redacted]".into());
    assert_eq!(duplicate.name, "error");
    assert_eq!(duplicate.attributes.len(), 1);
}

#[traced]
fn panics() {
    std::panic::panic_any("secret payload".to_owned());
}

#[test]
fn the_payload_of_a_panic_is_not_told() {
    let spans = capture(|| {
        let _ = std::panic::catch_unwind(panics);
    });
    let span = spans.named("errors::panics");
    assert_eq!(told(span, "error.type").as_deref(), Some("panic"));
    assert!(!format!("{spans:?}").contains("secret"));
}

#[traced(err(expected = |_| true))]
fn expected_here() -> Result<(), PayError> {
    Err(PayError::Declined { issuer: "visa".into(), number: "4242".into() })
}

#[test]
fn a_place_may_say_that_an_error_is_expected() {
    let span = span_of(expected_here);
    assert_eq!(span.status, Status::Unset);
    assert!(told(&span, "error.type").unwrap().ends_with("::Declined"));
}

#[test]
fn the_whole_error_goes_to_whoever_asked_for_it() {
    use std::sync::Mutex;
    static SEEN: Mutex<Vec<(String, bool)>> = Mutex::new(Vec::new());
    let seen = |error: &dyn Error, span: &traced::Context| {
        SEEN.lock().unwrap().push((format!("{error:?}"), span.trace_id().is_valid()));
        panic!("contained");
    };
    assert!(traced::redact::on_error(seen));
    assert!(!traced::redact::on_error(|_, _| {}));
    span_of(by_name);
    span_of(chained);
    span_of(|| boxed_here(PayError::NotFound));
    let seen = SEEN.lock().unwrap();
    for part in ["DuplicateKey", "secret context", "NotFound"] {
        assert!(seen.iter().any(|(error, valid)| error.contains(part) && *valid), "{part}");
    }
}
