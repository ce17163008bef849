//! A naked function has no prologue, and nothing else of its own.

use traced::traced;

#[traced]
#[unsafe(naked)]
extern "C" fn nothing() {
    core::arch::naked_asm!("ret")
}

fn main() {
    let _ = nothing;
}
