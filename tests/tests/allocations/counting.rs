//! The system's allocator, and what each thread asks of it; the collector's thread has counts of its own.

#![allow(
    unsafe_code,
    reason = "`GlobalAlloc` is an unsafe trait; every call is handed on to `System`"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// How often this thread has allocated.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    /// What this thread holds, and the most that it did.
    static HELD: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

fn note(taken: usize, given: usize) {
    // Constant initializers without a destructor: this neither allocates nor fails.
    let (held, most) = HELD.get();
    let held = (held + taken).saturating_sub(given);
    HELD.set((held, most.max(held)));
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every method forwards its arguments unchanged to `System`, which keeps the contract of the trait,
// and touches no memory of the block besides. `realloc` is the trait's own, which goes by these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        note(layout.size(), 0);
        // SAFETY: what the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(0, layout.size());
        // SAFETY: what the caller promises; the pointer came from the same allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// How often this work allocates.
pub(crate) fn allocations_of(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

/// The most memory that this work held at a time, beside what was held before.
pub(crate) fn most_of<R>(work: impl FnOnce() -> R) -> usize {
    let (held, _) = HELD.get();
    HELD.set((held, held));
    drop(work());
    HELD.get().1 - held
}
