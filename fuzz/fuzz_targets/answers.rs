//! What something that is no collector may answer.
//!
//! Two bytes are the status, a line is `Retry-After`, the rest is the body. Nothing panics, and no wait is longer than
//! the clock can bear.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::time::{Duration, SystemTime};
use traced::__fuzz::answer;

fuzz_target!(|bytes: &[u8]| {
    let Some((status, rest)) = bytes.split_first_chunk::<2>() else { return };
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (line, body) = rest.split_at(end);
    let retry_after = std::str::from_utf8(line).ok();
    let status = match u16::from_le_bytes(*status) {
        // Those that mean something come up often.
        any if any % 4 == 0 => any,
        any => [200, 400, 429, 502, 503, 504][usize::from(any) % 6],
    };
    for now in [SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 31)] {
        let understood = answer(status, retry_after, body, now);
        assert_eq!(understood, answer(status, retry_after, body, now));
    }
});
