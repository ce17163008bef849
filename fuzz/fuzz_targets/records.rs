//! Records that somebody broke on their way: whoever reads them neither panics nor hangs.
//!
//! Six bytes break one word: which, how, and with what. The rest decides what the program does that is recorded.

#![no_main]

#[path = "../../tests/tests/otlp/program.rs"]
#[expect(dead_code, reason = "bytes decide, nothing is seeded")]
mod program;

use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use traced::data::{Limits, Resource};
use traced::otlp::proof::{Reused, record};

thread_local! {
    static ENCODER: RefCell<Reused> =
        RefCell::new(Reused::new(Limits::default(), true, Resource::new()));
}

fuzz_target!(|bytes: &[u8]| {
    let Some((count, rest)) = bytes.split_first() else { return };
    let breaks = usize::from(count % 8) * 6;
    let Some((breaks, program)) = rest.split_at_checked(breaks) else { return };
    let mut recording =
        record(|| program::run(&mut program::Random::Led(program.to_vec().into_iter()), 2));
    let mut words: Vec<_> = recording.words().collect();
    for broken in breaks.chunks_exact(6) {
        let &[low, high, how, shift, first, second] = broken else { unreachable!() };
        let position = usize::from(u16::from_le_bytes([low, high])) % words.len();
        let value = u64::from(u16::from_le_bytes([first, second])).rotate_left(shift.into());
        let word = &mut *words[position];
        *word = match how % 3 {
            0 => *word ^ value,
            1 => word.wrapping_add(value),
            _ => value,
        };
    }
    drop(recording.spans());
    ENCODER.with_borrow_mut(|encoder| recording.encode(encoder).len());
});
