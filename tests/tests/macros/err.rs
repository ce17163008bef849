//! `err`: how an `Err` is described, and which ones are no failure.

use super::failed;
use std::fmt;
use traced::data::{Span, Status};
use traced::test::capture;
use traced::traced;
use traced_tests::block_on;

#[derive(Debug)]
enum PayError {
    Declined,
    NotFound,
}

impl fmt::Display for PayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Declined => "the card was declined",
            Self::NotFound => "no such order",
        })
    }
}

impl PayError {
    fn code(&self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::NotFound => "not_found",
        }
    }

    fn is_expected(&self) -> bool {
        matches!(self, Self::NotFound)
    }
}

type Paid<T> = Result<T, PayError>;

/// The only span of what `work` does.
fn span(work: impl FnOnce()) -> Span {
    let spans = capture(work);
    assert_eq!(spans.len(), 1, "{spans}");
    spans[0].clone()
}

fn text<'s>(span: &'s Span, key: &str) -> Option<&'s str> {
    match span.attribute(key) {
        Some(traced::data::Attribute::Text(text)) => Some(text),
        None => None,
        other => panic!("{other:?}"),
    }
}

fn failed_with(span: &Span, error_type: &str, message: &str) {
    assert_eq!(span.status, Status::Error(message.to_owned().into()), "{span:?}");
    let found = text(span, "error.type").expect("an error.type");
    assert!(found.ends_with(error_type), "{found}");
    assert_eq!(span.attribute("error.message"), None, "it is the description of the status");
}

#[test]
fn an_error_is_described_by_its_type_unless_somebody_asks_for_more() {
    #[traced]
    fn pays() -> Paid<u8> {
        Err(PayError::Declined)
    }
    #[traced(err)]
    fn pays_as_in_tracing() -> Paid<u8> {
        Err(PayError::Declined)
    }
    #[traced(err = type)]
    fn pays_by_type() -> Paid<u8> {
        Err(PayError::Declined)
    }
    for pays in [pays, pays_as_in_tracing, pays_by_type] {
        failed_with(&span(|| drop(pays())), "PayError", "");
    }
}

#[test]
fn display_and_debug_become_the_description_of_the_status() {
    #[traced(err = display)]
    fn displayed(order: u64) -> Paid<u8> {
        if order == 0 {
            Err(PayError::Declined)?
        }
        Ok(1)
    }
    #[traced(err(Debug))]
    async fn debugged() -> Paid<u8> {
        Err(PayError::Declined)
    }
    let span_of_sync = span(|| drop(displayed(0)));
    failed_with(&span_of_sync, "PayError", "the card was declined");
    failed_with(&span(|| drop(block_on(debugged()))), "PayError", "Declined");
    assert_eq!(span(|| drop(displayed(1))).status, Status::Unset);
}

#[test]
fn off_makes_an_error_a_value_like_others() {
    #[traced(err = off)]
    fn pays() -> Paid<u8> {
        Err(PayError::Declined)?
    }
    let span = span(|| drop(pays()));
    assert_eq!(span.status, Status::Unset);
    assert_eq!(span.attributes, []);
}

#[test]
fn map_says_what_the_error_is_called() {
    #[traced(err(map = PayError::code))]
    fn by_path() -> Paid<u8> {
        Err(PayError::Declined)
    }
    #[traced(err(map = |error| error.code().to_uppercase()))]
    async fn by_closure() -> Paid<u8> {
        Err(PayError::Declined)
    }
    failed_with(&span(|| drop(by_path())), "declined", "");
    failed_with(&span(|| drop(block_on(by_closure()))), "DECLINED", "");
}

#[test]
fn an_expected_error_is_described_and_no_failure() {
    #[traced(err(display, expected = PayError::is_expected))]
    fn finds(order: u64) -> Paid<u8> {
        match order {
            0 => Err(PayError::NotFound),
            _ => Err(PayError::Declined),
        }
    }
    #[traced(err(expected = PayError::is_expected, map = PayError::code))]
    async fn finds_later() -> Paid<u8> {
        Err(PayError::NotFound)
    }
    let expected = span(|| drop(finds(0)));
    assert_eq!(expected.status, Status::Unset);
    assert_eq!(text(&expected, "error.message"), Some("no such order"));
    failed_with(&span(|| drop(finds(1))), "PayError", "the card was declined");
    let later = span(|| drop(block_on(finds_later())));
    assert_eq!(later.status, Status::Unset);
    assert_eq!(text(&later, "error.type"), Some("not_found"));
}

#[test]
fn results_are_known_by_type_and_errors_are_seen_wherever_they_leave() {
    type Renamed = std::io::Result<u8>;
    #[traced]
    fn aliased() -> Renamed {
        Err(std::io::ErrorKind::NotFound.into())
    }
    #[traced]
    fn questioned() -> std::io::Result<u8> {
        let number = aliased()?;
        Ok(number)
    }
    #[traced]
    fn returned(early: bool) -> Result<u8, String> {
        if early {
            return Err(String::new());
        }
        Ok(1)
    }
    macro_rules! leave {
        ($error:expr) => {
            return Err($error)
        };
    }
    #[traced]
    fn hidden() -> Result<u8, String> {
        leave!(String::new());
    }
    #[traced]
    async fn later() -> std::io::Result<u8> {
        let number = aliased()?;
        Ok(number)
    }
    let all = capture(|| {
        let _ = questioned();
        let _ = returned(true);
        let _ = hidden();
        let _ = block_on(later());
    });
    assert!(all.iter().all(|span| failed(span)), "{all}");
    assert_eq!(all.len(), 6);
    assert_eq!(span(|| drop(returned(false))).status, Status::Unset);
}
