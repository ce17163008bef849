//! SIGTERM and SIGINT, for programs that ask for it: what is there is sent before the process ends by them.
//!
//! A handler may do next to nothing, so it writes the signal's number into a socket. A thread that does nothing
//! else reads it, sends what is there, gives the signal its default action back and raises it again, so that
//! whoever waits for the process sees how it ended. A signal that the program handles itself, or ignores, stays
//! as it is. A forked child has no such thread, and ends at once.
#![allow(unsafe_code, reason = "signals are the C library's")]

use crate::pipeline::install;
use crate::sync::OnceLock;
use std::ffi::c_int;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

/// The same numbers on every Unix.
const ENDING: [c_int; 2] = [2, 15];
const DEFAULT: usize = 0;

unsafe extern "C" {
    fn signal(number: c_int, action: usize) -> usize;
    fn raise(number: c_int) -> c_int;
}

/// Where the handler writes, and the process that it belongs to.
static TO_THREAD: OnceLock<(UnixStream, u32)> = OnceLock::new();

/// From now on the process sends what it has before it ends by a signal.
pub(crate) fn watch() -> std::io::Result<()> {
    if TO_THREAD.get().is_some() {
        return Ok(());
    }
    let (to_thread, mut from_handler) = UnixStream::pair()?;
    std::thread::Builder::new().name("traced-signals".into()).spawn(move || {
        let mut number = [0];
        if from_handler.read_exact(&mut number).is_ok() {
            install::shut_down_at_exit();
            end_by(number[0].into());
        }
    })?;
    let _ = TO_THREAD.set((to_thread, std::process::id()));
    for number in ENDING {
        take(number);
    }
    Ok(())
}

fn take(number: c_int) {
    let handler: extern "C" fn(c_int) = on_signal;
    // SAFETY: the signature is that of C, and the handler a function of this program, which lives as long as it
    // does and calls only what may be called in a handler. What was there before is put back as it was.
    unsafe {
        let before = signal(number, handler as usize);
        if before != DEFAULT {
            signal(number, before);
        }
    }
}

extern "C" fn on_signal(number: c_int) {
    match TO_THREAD.get() {
        // One `write` of one byte, and a look at the process's number: both may be done in a handler.
        Some((to_thread, process)) if *process == std::process::id() => {
            let mut to_thread = to_thread;
            let _ = to_thread.write(&[u8::try_from(number).unwrap_or_default()]);
        }
        _ => end_by(number),
    }
}

/// Ends the process by this signal, as if nobody had handled it.
fn end_by(number: c_int) {
    // SAFETY: both functions have the signature of C, may be called anywhere, and take any number.
    unsafe {
        signal(number, DEFAULT);
        raise(number);
    }
}
