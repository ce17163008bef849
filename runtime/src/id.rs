//! Identifiers: derived where they can be, random where they must be.
//!
//! A span's id is not stored. A [`SpanRef`] names a span within this process by its place in memory,
//! and [`SpanRef::id`] turns it into the eight bytes that go out, by a bijection with a random base:
//! two spans of one process never share an id, and nothing is computed for a span that nobody asks about.

use crate::sync::{AtomicU64, LazyLock, Relaxed, thread_local};
use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::SystemTime;

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
        let (high, low) = random_pair();
        // The low half alone is what samplers look at; it is never zero.
        Self::from_halves(high, low | u64::from(high == 0))
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

/// A span's name within this process: `flags:4 | chunk:28 | part:12 | size:3 | position:17`.
///
/// The chunk's number is drawn when it begins, the part counts how often a part of it was sent (see
/// `segment`), the position is the record's first word in it. Two names are the same span if they are
/// equal; they lie in the same storage if their chunks are.
///
/// What a guard holds says more than the name: its flags, and the size of the block that the record lay in,
/// so that a guard whose chunk has moved to a larger block since is not taken for the innermost one, and
/// does not write to where the record was. A reference that is stored or compared as a name is stripped of
/// both, see [`Self::name`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct SpanRef(pub(crate) u64);

impl SpanRef {
    const POSITION_BITS: u32 = 17;
    const SIZE_BITS: u32 = 3;
    const PART_BITS: u32 = 12;
    const PART_SHIFT: u32 = Self::POSITION_BITS + Self::SIZE_BITS;
    const CHUNK_SHIFT: u32 = Self::PART_SHIFT + Self::PART_BITS;
    const POSITION: u64 = (1 << Self::POSITION_BITS) - 1;
    const SIZE: u64 = ((1 << Self::SIZE_BITS) - 1) << Self::POSITION_BITS;
    const PART: u64 = ((1 << Self::PART_BITS) - 1) << Self::PART_SHIFT;
    const UNTOLD: usize = 0;
    /// The same of another library's span.
    #[cfg(feature = "otel")]
    const UNTOLD_FOREIGN: usize = 1;
    /// Where the bits of guards are.
    pub(crate) const FLAG_SHIFT: u32 = 60;
    const FLAGS: u64 = 0xf << Self::FLAG_SHIFT;

    /// Names no span: no chunk has nonce zero.
    pub(crate) const NONE: Self = Self(0);

    /// A fresh chunk's reference, at position zero: the place of its header.
    pub(crate) fn fresh() -> Self {
        Self(fresh_chunk() << Self::CHUNK_SHIFT)
    }

    /// The same chunk after another part of it was sent. After 4,096 parts ids begin to repeat, in a trace
    /// that is a day old at the least.
    pub(crate) const fn next_part(self) -> Self {
        let part = (self.0 & Self::PART).wrapping_add(1 << Self::PART_SHIFT) & Self::PART;
        Self((self.0 & !Self::PART) | part)
    }

    #[inline(always)]
    pub(crate) const fn at(self, position: usize) -> Self {
        Self((self.0 & !Self::POSITION) | position as u64)
    }

    /// What lies so many words behind; never more than a block has.
    #[inline(always)]
    pub(crate) const fn behind(self, words: usize) -> Self {
        Self(self.0.wrapping_add(words as u64))
    }

    /// What lies so many words before.
    #[inline(always)]
    pub(crate) const fn before(self, words: usize) -> Self {
        Self(self.0.wrapping_sub(words as u64))
    }

    /// The same position of a chunk that lies in a block of this class now.
    pub(crate) const fn in_block(self, class: usize) -> Self {
        Self((self.0 & !Self::SIZE) | (class as u64) << Self::POSITION_BITS)
    }

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "seventeen bits")]
    pub(crate) const fn position(self) -> usize {
        (self.0 & Self::POSITION) as usize
    }

    /// The chunk that this span was recorded in.
    #[inline(always)]
    pub(crate) const fn chunk(self) -> u32 {
        ((self.0 & !Self::FLAGS) >> Self::CHUNK_SHIFT) as u32
    }

    /// The part of the chunk, as its reference at position zero; with flags, it equals none.
    #[inline(always)]
    pub(crate) const fn part(self) -> Self {
        Self(self.0 & !(Self::POSITION | Self::SIZE))
    }

    /// Whether both are in the same part of a chunk, and were there when it lay in the same block. Neither
    /// has flags.
    #[inline(always)]
    pub(crate) const fn is_beside(self, other: Self) -> bool {
        (self.0 ^ other.0) & !Self::POSITION == 0
    }

    /// What the root of a segment in this chunk is called of which nothing is recorded, nor anything to be known but
    /// its ids: no record has this position, so that the name says so, and with it the id.
    pub(crate) const fn untold(self) -> Self {
        self.at(Self::UNTOLD)
    }

    #[inline(always)]
    pub(crate) const fn with_flag(self, flag: u64) -> Self {
        Self(self.0 | flag)
    }

    pub(crate) const fn without_flags(self) -> Self {
        Self(self.0 & !Self::FLAGS)
    }

    /// What the span is called wherever it is spoken of, and by the collector.
    #[inline(always)]
    pub(crate) const fn name(self) -> Self {
        Self(self.0 & !(Self::FLAGS | Self::SIZE))
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
        let id = mix(base.wrapping_add(self.name().0));
        // Zero means "no span" on the wire. One span in 2^64 shares this stand-in.
        SpanId(if id == 0 { 0x9e37_79b9_7f4a_7c15 } else { id })
    }
}

impl SpanRef {
    /// The name that an id was made of in this process; of one from elsewhere nothing, or once in a hundred
    /// a name that has this id.
    #[cfg(feature = "otel")]
    pub(crate) fn of_id(id: SpanId) -> Option<Self> {
        let reference = Self(unmix(id.0).wrapping_sub(id_base()));
        (reference == reference.name() && reference.chunk() != 0).then_some(reference)
    }

    /// Whether a chunk's first part has this name at this position. One in 2^36 of all numbers is such a name.
    #[cfg(feature = "otel")]
    pub(crate) const fn begins_chunk_at(self, position: usize) -> bool {
        self.0 == (self.chunk() as u64) << Self::CHUNK_SHIFT | position as u64
    }

    /// Whether this names an [untold](Self::untold) root, or another library's span that is as little known. One in 2^35
    /// of all numbers is such a name.
    #[cfg(feature = "otel")]
    pub(crate) const fn is_untold(self) -> bool {
        self.begins_chunk_at(Self::UNTOLD) || self.begins_chunk_at(Self::UNTOLD_FOREIGN)
    }

    /// Whether this names the root of a segment, and not another library's span.
    #[cfg(feature = "otel")]
    pub(crate) const fn is_untold_root(self) -> bool {
        self.begins_chunk_at(Self::UNTOLD)
    }

    /// A name for a span of another library of which nothing is to be known but its ids.
    #[cfg(feature = "otel")]
    pub(crate) fn untold_foreign() -> Self {
        Self::fresh().at(Self::UNTOLD_FOREIGN)
    }

    /// A name for a span of another library, which lies in no chunk.
    #[cfg(feature = "otel")]
    pub(crate) fn foreign() -> Self {
        NEXT_FOREIGN.with(|next| {
            let mut reference = Self(next.get());
            if reference.position() as u64 == Self::POSITION || reference.is_none() {
                reference = Self::untold_foreign();
            }
            let reference = reference.at(reference.position() + 1);
            next.set(reference.0);
            reference
        })
    }
}

static ID_BASE: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(random()));

/// Where this process's span ids start in the space of ids.
pub(crate) fn id_base() -> u64 {
    ID_BASE.load(Relaxed)
}

/// How many numbers for chunks a thread takes from the process at once.
const CHUNK_BLOCK: u64 = 1 << 12;
const CHUNKS: u64 = 1 << 28;

static NEXT_CHUNK_BLOCK: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static NEXT_CHUNK: Cell<u64> = const { Cell::new(0) };
    #[cfg(feature = "otel")]
    static NEXT_FOREIGN: Cell<u64> = const { Cell::new(0) };
    static RANDOM: Cell<u64> = const { Cell::new(0) };
}

/// A number that no other chunk of this process has, for 268 million chunks; after that a reference repeats
/// one of a chunk that is long gone, in another trace.
fn fresh_chunk() -> u64 {
    NEXT_CHUNK.with(|next| {
        let mut chunk = next.get();
        if chunk % CHUNK_BLOCK == 0 {
            chunk = NEXT_CHUNK_BLOCK.fetch_add(CHUNK_BLOCK, Relaxed) % CHUNKS;
            // Zero is kept for "none".
            chunk += u64::from(chunk == 0);
        }
        next.set(chunk + 1);
        chunk
    })
}

/// The finaliser of splitmix64: a bijection on 64 bits that leaves no visible order.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A forked child must not draw what its parent draws.
fn of_this_process() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    mix(u64::from(std::process::id()) << 32 ^ u64::from(now.subsec_nanos()))
}

/// Draws what is drawn once, so that nobody is drawing it while the process forks.
#[cfg(all(unix, not(loom)))]
pub(crate) fn settle() {
    id_base();
}

/// In a forked child: other random numbers than the parent's, and other ids.
#[cfg(all(unix, not(loom)))]
pub(crate) fn begin_again() {
    RANDOM.with(|state| state.set(0));
    ID_BASE.store(random(), Relaxed);
}

/// What [`mix`] made this number of.
#[cfg(feature = "otel")]
const fn unmix(mut z: u64) -> u64 {
    z = (z ^ (z >> 31) ^ (z >> 62)).wrapping_mul(0x3196_42b2_d24d_8ec3);
    z = (z ^ (z >> 27) ^ (z >> 54)).wrapping_mul(0x96de_1b17_3f11_9089);
    z ^ (z >> 30) ^ (z >> 60)
}

/// A random number: splitmix64 per thread, seeded by the operating system through the standard library.
pub(crate) fn random() -> u64 {
    random_pair().0
}

#[cold]
#[inline(never)]
fn new_seed() -> u64 {
    (RandomState::new().build_hasher().finish() ^ of_this_process()) | 1
}

fn random_pair() -> (u64, u64) {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    RANDOM.with(|state| {
        let mut seed = state.get();
        if seed == 0 {
            seed = new_seed();
        }
        let (first, second) = (seed.wrapping_add(STEP), seed.wrapping_add(STEP.wrapping_mul(2)));
        state.set(second);
        (mix(first), mix(second))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_reference_keeps_chunk_part_position_and_flags_apart() {
        let chunk = SpanRef::fresh();
        let span = chunk.at(12).with_flag(1 << 62);
        assert_eq!(span.position(), 12);
        assert_eq!(span.chunk(), chunk.chunk());
        assert_eq!(span.name(), chunk.at(12));
        let grown = span.in_block(4);
        assert_eq!(
            (grown.position(), grown.chunk(), grown.name()),
            (12, chunk.chunk(), chunk.at(12))
        );
        assert!(grown != span && grown.part() == span.part());

        assert!(span.has(1 << 62) && !span.has(1 << 61));
        assert!(!span.is_none() && SpanRef::NONE.is_none());
    }

    #[test]
    fn another_part_is_the_same_chunk_and_another_span() {
        let first = SpanRef::fresh().at(12);
        let mut next = first;
        for _ in 0..1 << SpanRef::PART_BITS {
            next = next.next_part();
            assert_eq!((next.chunk(), next.position()), (first.chunk(), 12));
            assert_eq!(next.part() == first.part(), next == first);
        }
        assert_eq!(next, first, "parts begin again");
    }

    #[test]
    fn ids_of_many_chunks_and_positions_are_distinct_and_never_zero() {
        let mut seen = HashSet::new();
        for _ in 0..3 * CHUNK_BLOCK {
            let chunk = SpanRef::fresh();
            for position in [8, 12, 16] {
                let id = chunk.at(position).id();
                assert!(id.is_valid());
                assert!(seen.insert(id));
            }
        }
    }

    #[test]
    fn chunks_of_two_threads_never_meet() {
        let draw = || (0..2 * CHUNK_BLOCK).map(|_| fresh_chunk()).collect::<Vec<_>>();
        let other = std::thread::spawn(draw);
        let mut all = draw();
        all.extend(other.join().unwrap());
        let distinct: HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[cfg(feature = "otel")]
    #[test]
    fn an_id_tells_the_name_that_it_was_made_of() {
        for _ in 0..1000 {
            let span = SpanRef::fresh().at(12);
            assert_eq!(SpanRef::of_id(span.id()), Some(span));
            let foreign = SpanRef::foreign();
            assert_eq!(SpanRef::of_id(foreign.id()), Some(foreign));
        }
        let strangers = (0..10_000).filter(|_| SpanRef::of_id(SpanId(random())).is_some());
        assert!(strangers.count() < 200);
    }

    #[cfg(feature = "otel")]
    #[test]
    fn names_of_foreign_spans_are_distinct_and_those_of_no_chunk() {
        let mut seen = HashSet::new();
        for _ in 0..300_000 {
            assert!(seen.insert(SpanRef::foreign()));
        }
        let chunk = SpanRef::fresh().chunk();
        assert!(seen.iter().all(|foreign| foreign.chunk() != chunk && foreign.position() != 0));
        assert!(!seen.iter().any(|foreign| foreign.is_untold()));
    }

    #[cfg(feature = "otel")]
    #[test]
    fn an_id_tells_that_nothing_else_is_known() {
        let header = SpanRef::fresh();
        let again = |name: SpanRef| SpanRef::of_id(name.id()).unwrap();
        let (root, foreign) = (again(header.untold()), again(SpanRef::untold_foreign()));
        assert!(root.is_untold() && root.is_untold_root());
        assert!(foreign.is_untold() && !foreign.is_untold_root());
        assert!(!header.at(8).is_untold() && !header.next_part().is_untold());
        let strangers = (0..100_000).filter_map(|_| SpanRef::of_id(SpanId(random())));
        assert_eq!(strangers.filter(|name| name.is_untold()).count(), 0);
    }

    #[test]
    fn ids_are_printed_as_lower_case_hex_of_full_width() {
        assert_eq!(SpanId::from_u64(0xab).to_string(), "00000000000000ab");
        assert_eq!(TraceId::from_u128(0xab).to_string(), format!("{:032x}", 0xab));
    }
}
