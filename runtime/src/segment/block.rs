//! Storage for chunks: a bounded pool of word slices that live as long as the process.
//!
//! A block is `&'static [AtomicU64]`, so that thread-local cells hold it by copy and futures carry it
//! between threads, all in safe code. The price: a block is never freed, only used again. The pool is
//! therefore bounded over everything (threads, nested roots, suspended tasks): past the bound a chunk gets
//! no block, and its spans are counted as dropped. At the bound, blocks that nobody uses are cut into what is
//! asked for, so that a few long traces of the past do not leave tasks without room for ever.
//!
//! Each thread keeps a few blocks of each size; the rest lie on shared shelves, which are only ever tried,
//! never waited for.

use crate::sync::{AtomicU64, AtomicUsize, Mutex, Relaxed};

/// One chunk's storage.
pub(crate) type Block = &'static [AtomicU64];

/// Words in a block of each class: 512 B, 2 KiB, 8 KiB, 64 KiB, 256 KiB, 1 MiB.
pub(crate) const SIZES: [usize; 6] = [1 << 6, 1 << 8, 1 << 10, 1 << 13, 1 << 15, MAX_WORDS];
/// The largest chunk: positions have seventeen bits.
pub(crate) const MAX_WORDS: usize = 1 << 17;
/// What a task's chunk starts with.
pub(crate) const TASK: usize = 0;
/// What a thread's chunk starts with.
pub(crate) const THREAD: usize = 3;

/// All blocks together, in words: 16 MiB, beside what waits to be sent.
const LIMIT: usize = (16 << 20) / 8;
static ALLOCATED: AtomicUsize = AtomicUsize::new(0);
/// However many tasks are suspended, threads still find room: the words of blocks that are smaller than theirs.
const LIMIT_OF_SMALL: usize = LIMIT / 4 * 3;
static SMALL: AtomicUsize = AtomicUsize::new(0);
/// Every block, for those who look for open roots.
static ALL: Mutex<Vec<Block>> = Mutex::new(Vec::new());

/// Every block of the pool, used or not.
pub(crate) fn all() -> Vec<Block> {
    ALL.try_lock().map_or_else(|_| Vec::new(), |all| all.clone())
}

/// The block is no chunk until somebody makes it one.
fn clear(block: Block) {
    if let Some(first) = block.first() {
        first.store(0, Relaxed);
    }
}

const SHELVES: usize = 8;
static SHELF: [[Mutex<Vec<Block>>; SIZES.len()]; SHELVES] =
    [const { [const { Mutex::new(Vec::new()) }; SIZES.len()] }; SHELVES];

/// The smallest class that holds so many words.
pub(crate) fn class_for(words: usize) -> Option<usize> {
    SIZES.iter().position(|size| *size >= words)
}

/// The class of a block; nothing for what is none.
pub(crate) fn class_of(block: Block) -> Option<usize> {
    SIZES.iter().position(|size| *size == block.len())
}

/// A thread's own few blocks.
pub(crate) struct Cache {
    blocks: [Vec<Block>; SIZES.len()],
    shelf: usize,
}

impl Cache {
    /// So many blocks of each class a thread keeps for itself.
    const KEEPS: [usize; SIZES.len()] = [64, 16, 8, 1, 1, 0];

    pub(crate) const fn new() -> Self {
        Self { blocks: [const { Vec::new() }; SIZES.len()], shelf: 0 }
    }

    /// A block of this class whose content is whatever was there before.
    pub(crate) fn take(&mut self, class: usize) -> Option<Block> {
        self.blocks[class]
            .pop()
            .or_else(|| from_shelves(&mut self.shelf, class))
            .or_else(|| allocate(class))
            .or_else(|| cut(&mut self.shelf, class))
    }

    /// Gives a block back. The caller must not use it again: whoever takes it next is its only writer.
    pub(crate) fn put(&mut self, block: Block) {
        let Some(class) = class_of(block) else { return };
        clear(block);
        let own = &mut self.blocks[class];
        if own.len() < Self::KEEPS[class] || !to_shelves(&mut self.shelf, class, block) {
            own.push(block);
        }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        for (class, blocks) in self.blocks.iter_mut().enumerate() {
            for block in blocks.drain(..) {
                put_back(class, block);
            }
        }
    }
}

/// Gives a block back where no cache is at hand.
pub(crate) fn release(block: Block) {
    if let Some(class) = class_of(block) {
        clear(block);
        put_back(class, block);
    }
}

fn put_back(class: usize, block: Block) {
    // Some shelf is free unless eight threads are each inside a push at this instant. Then the block is
    // lost to the pool, and says so, so that a new one may take its place.
    if !to_shelves(&mut 0, class, block) {
        ALLOCATED.fetch_sub(block.len(), Relaxed);
        if class < THREAD {
            SMALL.fetch_sub(block.len(), Relaxed);
        }
    }
}

/// Tries the shelves in turn, the one that served last first.
fn from_shelves(shelf: &mut usize, class: usize) -> Option<Block> {
    for _ in 0..SHELVES {
        if let Some(block) = SHELF[*shelf][class].try_lock().ok().and_then(|mut all| all.pop()) {
            return Some(block);
        }
        *shelf = (*shelf + 1) % SHELVES;
    }
    None
}

fn to_shelves(shelf: &mut usize, class: usize, block: Block) -> bool {
    for _ in 0..SHELVES {
        if let Ok(mut blocks) = SHELF[*shelf][class].try_lock() {
            blocks.push(block);
            return true;
        }
        *shelf = (*shelf + 1) % SHELVES;
    }
    false
}

#[cold]
fn allocate(class: usize) -> Option<Block> {
    let words = SIZES[class];
    let limit = if class < THREAD { LIMIT_OF_SMALL } else { LIMIT };
    if !reserve(&ALLOCATED, words, limit) {
        return None;
    }
    if class < THREAD {
        SMALL.fetch_add(words, Relaxed);
    }
    let block: Block = Box::leak((0..words).map(|_| AtomicU64::new(0)).collect());
    // Whoever finds it locked is not seen in reports, and does not wait.
    if let Ok(mut all) = ALL.try_lock() {
        all.push(block);
    }
    Some(block)
}

/// Cuts the smallest block that nobody uses. The pieces are never one again: what was needed once will be needed
/// again, and a thread that finds no larger block sends its trace in parts.
#[cold]
fn cut(shelf: &mut usize, class: usize) -> Option<Block> {
    let mut all = ALL.try_lock().ok()?;
    let larger = class + 1..SIZES.len();
    let (found, block) =
        larger.into_iter().find_map(|class| Some((class, from_shelves(shelf, class)?)))?;
    let becomes_small = class < THREAD && found >= THREAD;
    if becomes_small && !reserve(&SMALL, SIZES[THREAD], LIMIT_OF_SMALL) {
        put_back(found, block);
        return None;
    }
    Some(into_pieces(block, found, class, &mut all))
}

/// The first piece; the others are given back.
fn into_pieces(block: Block, found: usize, class: usize, all: &mut Vec<Block>) -> Block {
    all.retain(|one| one.as_ptr() != block.as_ptr());
    let mut rest = block;
    for class in (class..found).rev() {
        let (first, others) = rest.split_at(SIZES[class]);
        rest = first;
        for piece in others.chunks_exact(SIZES[class]) {
            clear(piece);
            all.push(piece);
            put_back(class, piece);
        }
    }
    clear(rest);
    all.push(rest);
    rest
}

/// Adds to a sum, unless it would pass its limit.
fn reserve(sum: &AtomicUsize, words: usize, limit: usize) -> bool {
    let is_within = sum.fetch_add(words, Relaxed) + words <= limit;
    if !is_within {
        sum.fetch_sub(words, Relaxed);
    }
    is_within
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_was_given_back_is_used_again() {
        let mut cache = Cache::new();
        let block = cache.take(TASK).unwrap();
        cache.put(block);
        assert_eq!(cache.take(TASK).unwrap().as_ptr(), block.as_ptr());
    }

    #[test]
    fn a_block_is_cut_without_a_gap_and_without_an_overlap() {
        let largest = SIZES.len() - 1;
        let large = Cache::new().take(largest).unwrap();
        let (piece, mut pieces) = {
            let mut all = ALL.lock().unwrap();
            let piece = into_pieces(large, largest, TASK, &mut all);
            (piece, all.clone())
        };
        assert_eq!((piece.as_ptr(), piece.len()), (large.as_ptr(), SIZES[TASK]));
        pieces.retain(|block| large.as_ptr_range().contains(&block.as_ptr()));
        pieces.sort_by_key(|block| block.as_ptr());
        let mut end = large.as_ptr();
        for block in &pieces {
            assert_eq!(block.as_ptr(), end);
            assert!(class_of(block).is_some());
            end = block.as_ptr_range().end;
        }
        assert_eq!(end, large.as_ptr_range().end);
        release(piece);
    }

    #[test]
    fn a_class_is_the_smallest_that_fits() {
        assert_eq!(class_for(1), Some(0));
        assert_eq!(class_for(65), Some(1));
        assert_eq!(class_for(MAX_WORDS), Some(5));
        assert_eq!(class_for(MAX_WORDS + 1), None);
    }
}
