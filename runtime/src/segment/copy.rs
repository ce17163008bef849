//! One copy of a chunk's words, which leaves its thread only once.
//!
//! A loop of atomic loads is not made into a block copy by the compiler: it costs eleven instructions per
//! span more than this, a fifth of the whole span (`cargo run --release -p traced-benches`, first table).
#![allow(unsafe_code, reason = "a block copy out of atomic words")]

use crate::sync::AtomicU64;

/// Appends the words. The caller is their only writer.
///
/// "Only writer" is the rule of the whole pool (see `block`): a block belongs to one chunk, a chunk to the
/// thread or the future that holds it, and is handed on with everything that could write to it.
#[cfg(all(target_has_atomic = "64", not(loom)))]
pub(super) fn append(words: &[AtomicU64], out: &mut Vec<u64>) {
    // SAFETY:
    // - `AtomicU64` has the size, alignment and bit validity of `u64`, says its documentation, so that the
    //   pointer is valid for `words.len()` reads of initialized `u64`s, inside one allocation.
    // - Nothing writes to the words while the slice exists: the caller is their only writer, and does
    //   nothing else until this returns; `extend_from_slice` of `u64` runs no foreign code but the allocator,
    //   which knows nothing of the block.
    let plain = unsafe { std::slice::from_raw_parts(words.as_ptr().cast::<u64>(), words.len()) };
    out.extend_from_slice(plain);
}

#[cfg(not(all(target_has_atomic = "64", not(loom))))]
pub(super) fn append(words: &[AtomicU64], out: &mut Vec<u64>) {
    out.extend(words.iter().map(|word| word.load(crate::sync::Relaxed)));
}
