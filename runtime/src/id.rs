//! Identifiers: derived where they can be, random where they must be.
//!
//! A span's id is not stored. A [`SpanRef`] names a span within this process by its place in memory,
//! and [`SpanRef::id`] turns it into the eight bytes that go out, by a bijection with a random base:
//! two spans of one process never share an id, and nothing is computed for a span that nobody asks about.

use crate::sync::{AtomicU64, LazyLock, Relaxed, thread_local};
use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

/// The sixteen bytes that all spans of one trace share.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct TraceId(u128);

impl TraceId {
    /// No trace.
    pub const INVALID: Self = Self(0);

    /// An id from its number; zero is the invalid one.
    pub const fn from_u128(id: u128) -> Self {
        Self(id)
    }

    /// The id as a number.
    pub const fn to_u128(self) -> u128 {
        self.0
    }

    /// Whether this names a trace at all.
    pub const fn is_valid(self) -> bool {
        self.0 != 0
    }

    /// A new id with 128 random bits, so that it also satisfies the randomness flag of W3C Level 2.
    pub(crate) fn random() -> Self {
        let high = u128::from(random()) << 64;
        // The low half alone is what samplers look at; it is never zero.
        Self(high | u128::from(random() | u64::from(high == 0)))
    }

    #[allow(clippy::cast_possible_truncation, reason = "the halves of a u128")]
    pub(crate) const fn halves(self) -> (u64, u64) {
        ((self.0 >> 64) as u64, self.0 as u64)
    }

    pub(crate) const fn from_halves(high: u64, low: u64) -> Self {
        Self(((high as u128) << 64) | low as u128)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceId({self})")
    }
}

/// The eight bytes that name one span of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SpanId(u64);

impl SpanId {
    /// No span.
    pub const INVALID: Self = Self(0);

    /// An id from its number; zero is the invalid one.
    pub const fn from_u64(id: u64) -> Self {
        Self(id)
    }

    /// The id as a number.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// Whether this names a span at all.
    pub const fn is_valid(self) -> bool {
        self.0 != 0
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpanId({self})")
    }
}

/// A span's name within this process: `flags:4 | nonce:40 | position:20`.
///
/// The nonce is drawn once per chunk (see `segment`), the position is the record's first word in it.
/// Equality of two references means the same span, on any thread. The flag bits belong to guards; a
/// reference that is stored or compared as a name carries none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct SpanRef(pub(crate) u64);

impl SpanRef {
    pub(crate) const POSITION_BITS: u32 = 20;
    const POSITION: u64 = (1 << Self::POSITION_BITS) - 1;
    const FLAGS: u64 = 0xf << 60;

    /// Names no span: no chunk has nonce zero.
    pub(crate) const NONE: Self = Self(0);

    /// A fresh chunk's reference, at position zero: the place of its header.
    pub(crate) fn fresh() -> Self {
        Self(fresh_nonce() << Self::POSITION_BITS)
    }

    #[inline(always)]
    pub(crate) const fn at(self, position: usize) -> Self {
        Self((self.0 & !Self::POSITION) | position as u64)
    }

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "twenty bits")]
    pub(crate) const fn position(self) -> usize {
        (self.0 & Self::POSITION) as usize
    }

    /// The chunk that this span was recorded in, as its reference at position zero.
    #[inline(always)]
    pub(crate) const fn chunk(self) -> Self {
        Self(self.0 & !Self::POSITION & !Self::FLAGS)
    }

    /// The same, flags included: equal to a chunk only where the span carries none.
    #[inline(always)]
    pub(crate) const fn chunk_with_flags(self) -> Self {
        Self(self.0 & !Self::POSITION)
    }

    #[inline(always)]
    pub(crate) const fn with_flag(self, flag: u64) -> Self {
        Self(self.0 | flag)
    }

    #[inline(always)]
    pub(crate) const fn without_flags(self) -> Self {
        Self(self.0 & !Self::FLAGS)
    }

    #[inline(always)]
    pub(crate) const fn has(self, flag: u64) -> bool {
        self.0 & flag != 0
    }

    #[inline(always)]
    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The id that leaves the process.
    pub(crate) fn id(self) -> SpanId {
        self.id_from(id_base())
    }

    /// The id under a base that was in force when the span was recorded.
    pub(crate) fn id_from(self, base: u64) -> SpanId {
        let id = mix(base.wrapping_add(self.without_flags().0));
        // Zero means "no span" on the wire. One span in 2^64 shares this stand-in.
        SpanId(if id == 0 { 0x9e37_79b9_7f4a_7c15 } else { id })
    }
}

static ID_BASE: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(random()));

/// Where this process's span ids start in the space of ids.
pub(crate) fn id_base() -> u64 {
    ID_BASE.load(Relaxed)
}

/// How many nonces a thread takes from the process at once.
const NONCE_BLOCK: u64 = 1 << 12;
const NONCES: u64 = 1 << 40;

static NEXT_NONCE_BLOCK: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static NONCE: Cell<u64> = const { Cell::new(0) };
    static RANDOM: Cell<u64> = const { Cell::new(0) };
}

/// Forty bits that no other chunk of this process has, for 2^40 chunks (12 days at a million a second);
/// after that a reference repeats one of a chunk that is long gone.
fn fresh_nonce() -> u64 {
    NONCE.with(|next| {
        let mut nonce = next.get();
        if nonce % NONCE_BLOCK == 0 {
            nonce = NEXT_NONCE_BLOCK.fetch_add(NONCE_BLOCK, Relaxed) % NONCES;
            // Zero is kept for "none".
            nonce += u64::from(nonce == 0);
        }
        next.set(nonce + 1);
        nonce
    })
}

/// The finaliser of splitmix64: a bijection on 64 bits that leaves no visible order.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A random number: splitmix64 per thread, seeded by the operating system through the standard library.
pub(crate) fn random() -> u64 {
    RANDOM.with(|state| {
        let mut seed = state.get();
        if seed == 0 {
            seed = RandomState::new().build_hasher().finish() | 1;
        }
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        state.set(seed);
        mix(seed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_reference_keeps_nonce_position_and_flags_apart() {
        let chunk = SpanRef::fresh();
        let span = chunk.at(12).with_flag(1 << 62);
        assert_eq!(span.position(), 12);
        assert_eq!(span.chunk(), chunk);
        assert_eq!(span.without_flags(), chunk.at(12));
        assert!(span.has(1 << 62) && !span.has(1 << 61));
        assert!(!span.is_none() && SpanRef::NONE.is_none());
    }

    #[test]
    fn ids_of_many_chunks_and_positions_are_distinct_and_never_zero() {
        let mut seen = HashSet::new();
        for _ in 0..3 * NONCE_BLOCK {
            let chunk = SpanRef::fresh();
            for position in [8, 12, 16] {
                let id = chunk.at(position).id();
                assert!(id.is_valid());
                assert!(seen.insert(id));
            }
        }
    }

    #[test]
    fn nonces_of_two_threads_never_meet() {
        let draw = || (0..2 * NONCE_BLOCK).map(|_| fresh_nonce()).collect::<Vec<_>>();
        let other = std::thread::spawn(draw);
        let mut all = draw();
        all.extend(other.join().unwrap());
        let distinct: HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn ids_are_printed_as_lower_case_hex_of_full_width() {
        assert_eq!(SpanId::from_u64(0xab).to_string(), "00000000000000ab");
        assert_eq!(TraceId::from_u128(0xab).to_string(), format!("{:032x}", 0xab));
    }
}
