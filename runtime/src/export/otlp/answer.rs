//! What a collector answers: whether it took the spans, and when to come again.

use super::wire;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What an answer means for the spans of its request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    /// They were taken, but for so many; the collector may say something about it.
    Taken { rejected: u64, message: String },
    /// Another time: after so long, if the collector says so; or nobody was there to say anything.
    Later { after: Option<Duration>, why: String, nobody: bool },
    /// Never.
    Refused { why: String },
}

impl Answer {
    /// By the rules of OTLP: four answers ask for another try, all others are final.
    pub(super) fn of(status: u16, retry_after: Option<&str>, body: &[u8], now: SystemTime) -> Self {
        match status {
            200..=299 => {
                let (rejected, message) = partial_success(body);
                Self::Taken { rejected, message }
            }
            429 | 502 | 503 | 504 => {
                let after = retry_after.and_then(|value| retry_after_of(value, now));
                Self::Later { after, why: explain(status, body), nobody: false }
            }
            _ => Self::Refused { why: explain(status, body) },
        }
    }
}

/// The status, and what the body says if it is a `google.rpc.Status`.
fn explain(status: u16, body: &[u8]) -> String {
    let message = fields(body).find_map(|field| match field {
        (2, Field::Bytes(text)) => std::str::from_utf8(text).ok(),
        _ => None,
    });
    match message.filter(|message| !message.is_empty()) {
        Some(message) => format!("status {status}: {}", shown(message)),
        None => format!("status {status}"),
    }
}

/// The beginning of a text from outside, on one line.
fn shown(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What people are told of spans that were taken; nothing where all were, without a word.
pub(super) fn said_of_taken(rejected: u64, message: &str) -> Option<String> {
    match (rejected, message) {
        (0, "") => None,
        (0, message) => Some(format!("took all spans, and warns: {message}")),
        (rejected, "") => Some(format!("rejected {rejected} spans, and does not say why")),
        (rejected, message) => Some(format!("rejected {rejected} spans: {message}")),
    }
}

/// `ExportTraceServiceResponse { partial_success = 1 { rejected_spans = 1, error_message = 2 } }`.
fn partial_success(body: &[u8]) -> (u64, String) {
    let (mut rejected, mut message) = (0, String::new());
    for field in fields(body) {
        let (1, Field::Bytes(inner)) = field else { continue };
        for field in fields(inner) {
            match field {
                // It is signed, and a negative one says nothing.
                (1, Field::Number(number)) => rejected = if number >> 63 == 0 { number } else { 0 },
                (2, Field::Bytes(text)) => message = shown(&String::from_utf8_lossy(text)),
                _ => {}
            }
        }
    }
    (rejected, message)
}

enum Field<'b> {
    Number(u64),
    Bytes(&'b [u8]),
}

/// The fields of a message that are numbers or bytes; ends where the bytes make no sense.
fn fields(mut bytes: &[u8]) -> impl Iterator<Item = (u64, Field<'_>)> {
    std::iter::from_fn(move || {
        loop {
            let tag = wire::read_varint(&mut bytes)?;
            let field = match tag & 7 {
                0 => Field::Number(wire::read_varint(&mut bytes)?),
                2 => {
                    let length = usize::try_from(wire::read_varint(&mut bytes)?).ok()?;
                    let (inner, rest) = bytes.split_at_checked(length)?;
                    bytes = rest;
                    Field::Bytes(inner)
                }
                1 => {
                    bytes = bytes.get(8..)?;
                    continue;
                }
                5 => {
                    bytes = bytes.get(4..)?;
                    continue;
                }
                _ => return None,
            };
            return Some((tag >> 3, field));
        }
    })
}

/// Seconds, or a date.
fn retry_after_of(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = now.duration_since(UNIX_EPOCH).ok()?;
    Some(Duration::from_secs(unix_seconds(value)?).saturating_sub(now))
}

/// A date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn unix_seconds(date: &str) -> Option<u64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_weekday, rest) = date.split_once(", ")?;
    let mut parts = rest.split(' ');
    let day: u64 = parts.next()?.parse().ok()?;
    let name = parts.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? as u64 + 1;
    let year: u64 = parts.next()?.parse().ok()?;
    let mut time = parts.next()?.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let is_date =
        (1970..=9999).contains(&year) && (1..=31).contains(&day) && hour < 24 && minute < 60;
    if !is_date || parts.next() != Some("GMT") {
        return None;
    }
    // Days since 1970, with years that begin in March, so that a leap day is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some((days - 719_468) * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 784_111_777;

    fn of(status: u16, retry_after: Option<&str>, body: &[u8]) -> Answer {
        Answer::of(status, retry_after, body, UNIX_EPOCH + Duration::from_secs(NOW))
    }

    #[test]
    fn what_is_said_of_taken_spans_is_a_whole_sentence() {
        for (rejected, message, said) in [
            (0, "", None),
            (0, "old schema", Some("took all spans, and warns: old schema")),
            (5, "", Some("rejected 5 spans, and does not say why")),
            (5, "older", Some("rejected 5 spans: older")),
        ] {
            assert_eq!(said_of_taken(rejected, message).as_deref(), said);
        }
    }

    #[test]
    fn only_four_answers_ask_for_another_try() {
        for status in 300..600 {
            let asks = matches!(of(status, None, b""), Answer::Later { .. });
            assert_eq!(asks, [429, 502, 503, 504].contains(&status), "{status}");
        }
    }

    #[test]
    fn when_to_come_again_is_seconds_or_a_date() {
        let after = |value| match of(503, Some(value), b"") {
            Answer::Later { after, .. } => after.map(|after| after.as_secs()),
            other => panic!("{other:?}"),
        };
        assert_eq!(after("7"), Some(7));
        assert_eq!(after(" 0 "), Some(0));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(0));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:50 GMT"), Some(13));
        assert_eq!(after("Mon, 07 Nov 1994 08:49:37 GMT"), Some(86_400));
        assert_eq!(after("Wed, 01 Mar 2000 00:00:00 GMT"), Some(951_868_800 - NOW));
        assert_eq!(after("Tue, 29 Feb 2000 00:00:00 GMT"), Some(951_782_400 - NOW));
        assert_eq!(after("Sun, 06 Nov 1993 08:49:37 GMT"), Some(0), "the past is now");
        for odd in ["", "-1", "soon", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37"]
        {
            assert_eq!(after(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_partial_success_says_how_many_and_why() {
        let body = [b"\x0a\x0a\x08\x05\x12\x06".as_slice(), b"no\nway"].concat();
        assert_eq!(of(200, None, &body), Answer::Taken { rejected: 5, message: "no way".into() });
        assert_eq!(of(200, None, b""), Answer::Taken { rejected: 0, message: String::new() });
    }

    #[test]
    fn a_refusal_says_what_the_body_says() {
        let body = [b"\x08\x03\x12\x07".as_slice(), b"too big"].concat();
        assert_eq!(of(400, None, &body), Answer::Refused { why: "status 400: too big".into() });
        assert_eq!(of(404, None, b"<html>"), Answer::Refused { why: "status 404".into() });
    }

    #[test]
    fn bytes_without_sense_are_no_answer() {
        for length in 0..40 {
            for seed in 0..=255_u8 {
                let body: Vec<_> =
                    (0..length).map(|at: u8| seed.wrapping_mul(at | 1) ^ at).collect();
                let _ = of(200, None, &body);
                let _ = of(500, None, &body);
            }
        }
    }
}
