//! All places by number: appended under a lock, read without one.
//!
//! Shelf `n` holds `64 << n` places and is made when the first of them comes, so that numbers never move
//! and eighteen shelves hold more places than any program has.

use super::Callsite;
use crate::sampling::Bucket;
use crate::sync::{AtomicU32, OnceLock, Relaxed};

const FIRST_SHELF: u32 = 64;
const SHELVES: usize = 18;

type Shelf = Box<[Known]>;

/// A place, and what was found out about it.
#[derive(Default)]
pub(super) struct Known {
    site: OnceLock<&'static Callsite>,
    /// What its spans are called.
    pub(super) name: OnceLock<&'static str>,
    /// What its calls take from, where they are limited.
    pub(super) limit: OnceLock<Bucket>,
}

pub(super) struct Table {
    shelves: [OnceLock<Shelf>; SHELVES],
    length: AtomicU32,
}

impl Table {
    pub(super) const fn new() -> Self {
        Self { shelves: [const { OnceLock::new() }; SHELVES], length: AtomicU32::new(0) }
    }

    /// Adds a place and returns its number, counted from one. The caller holds the registration lock.
    pub(super) fn push(&self, site: &'static Callsite) -> Option<u32> {
        let index = self.length.load(Relaxed) + 1;
        let (shelf, at) = place(index)?;
        let shelf_size = (FIRST_SHELF as usize) << shelf;
        let sites =
            self.shelves[shelf].get_or_init(|| (0..shelf_size).map(|_| Known::default()).collect());
        sites[at].site.set(site).ok()?;
        self.length.store(index, Relaxed);
        Some(index)
    }

    pub(super) fn get(&self, index: u32) -> Option<&'static Callsite> {
        self.known(index)?.site.get().copied()
    }

    pub(super) fn known(&self, index: u32) -> Option<&Known> {
        let (shelf, at) = place(index)?;
        self.shelves[shelf].get()?.get(at)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'static Callsite> {
        (1..=self.length.load(Relaxed)).filter_map(|index| self.get(index))
    }
}

/// The shelf of a number, and its place there.
fn place(index: u32) -> Option<(usize, usize)> {
    // Shifted by the first shelf's size, each shelf begins at a power of two.
    let shifted = index.checked_sub(1)?.checked_add(FIRST_SHELF)?;
    let shelf = (shifted.ilog2() - FIRST_SHELF.ilog2()) as usize;
    let at = shifted - (FIRST_SHELF << shelf);
    (shelf < SHELVES).then_some((shelf, at as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fill_one_shelf_after_the_other() {
        assert_eq!(place(0), None);
        assert_eq!(place(1), Some((0, 0)));
        assert_eq!(place(64), Some((0, 63)));
        assert_eq!(place(65), Some((1, 0)));
        assert_eq!(place(192), Some((1, 127)));
        assert_eq!(place(193), Some((2, 0)));
        assert_eq!(place((1 << 24) - 64), Some((17, (64 << 17) - 1)));
        assert_eq!(place((1 << 24) - 63), None);
        assert_eq!(place(u32::MAX), None);
    }
}
