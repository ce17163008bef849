//! Headers that anybody may send.
//!
//! Each line is a header, `:` and its value; a name that no header has stands for any of them. Nothing panics, what is
//! kept is bounded, and what was understood is understood again when it is sent on.

#![no_main]

use libfuzzer_sys::fuzz_target;
use traced::propagation::{Format, Propagators};

fuzz_target!(|bytes: &[u8]| {
    let names: Vec<_> = Format::ALL.iter().flat_map(|format| format.fields()).collect();
    let text = String::from_utf8_lossy(bytes);
    let headers: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            let any = name.bytes().map(usize::from).sum::<usize>() % names.len();
            let known = names.iter().position(|known| **known == name);
            Some((*names[known.unwrap_or(any)], value))
        })
        .collect();
    let context = Propagators::new(Format::ALL).extract(&headers);
    assert!(context.trace_state().as_str().len() <= 16 * 1024);
    assert!(context.baggage().as_str().len() <= 8192);
    let mut sent = Vec::<(String, String)>::new();
    Propagators::default().inject(&context, &mut sent);
    let again = Propagators::default().extract(&sent);
    assert_eq!(again.trace_id(), context.trace_id());
    assert_eq!(again.span_id(), context.span_id());
    assert_eq!(again.trace_state(), context.trace_state());
    assert_eq!(again.baggage(), context.baggage());
});
