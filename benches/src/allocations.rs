//! An allocator that counts what the calling thread asks for.
#![allow(
    unsafe_code,
    reason = "`GlobalAlloc` is an unsafe trait; every call is handed on to `System`"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// How many allocations the work makes on this thread; those of background threads are theirs.
pub(crate) fn count(work: impl FnOnce()) -> u64 {
    let before = COUNT.get();
    COUNTING.store(true, Relaxed);
    work();
    COUNTING.store(false, Relaxed);
    COUNT.get() - before
}

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// Off while time is measured, so that a contender that allocates does not pay for being counted.
static COUNTING: AtomicBool = AtomicBool::new(false);

fn note() {
    if COUNTING.load(Relaxed) {
        // A constant initializer without a destructor: this neither allocates nor fails.
        COUNT.set(COUNT.get() + 1);
    }
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every method forwards its arguments unchanged to `System`, which keeps the contract of the trait,
// and touches no memory of the block besides.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller's promise is that of `System::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller's promise is that of `System::alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note();
        // SAFETY: the caller's promise is that of `System::realloc`; the block came from `System`.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is that of `System::dealloc`; the block came from `System`.
        unsafe { System.dealloc(block, layout) }
    }
}
