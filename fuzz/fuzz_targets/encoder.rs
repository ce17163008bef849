//! Programs, and what leaves the process about them: what is encoded straight from records, is what is decoded from
//! them.
//!
//! The bytes decide what the program does.

#![no_main]

#[path = "../../tests/tests/otlp/compare.rs"]
mod compare;
#[path = "../../tests/tests/otlp/program.rs"]
#[expect(dead_code, reason = "bytes decide, nothing is seeded")]
mod program;

use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use traced::data::{Limits, Resource};
use traced::otlp::proof::{Reused, record};

fn encoder(code: bool) -> Reused {
    Reused::new(Limits::default(), code, Resource::new().with("service.name", "shop"))
}

thread_local! {
    static ENCODERS: RefCell<[Reused; 2]> = RefCell::new([encoder(true), encoder(false)]);
}

fuzz_target!(|bytes: &[u8]| {
    let recording =
        record(|| program::run(&mut program::Random::Led(bytes.to_vec().into_iter()), 4));
    let spans = recording.spans();
    ENCODERS.with_borrow_mut(|[with_code, bare]| {
        compare::assert_same(&spans, recording.encode(with_code), true);
        compare::assert_same(&spans, recording.encode(bare), false);
    });
});
