//! What is allocated where nothing should be, or little, by an allocator that counts for each thread.
//!
//! - `counting`: the allocator. `redaction`: nothing. `headers`: however much a caller sends.

#![allow(missing_docs)]

mod counting;
mod headers;
mod redaction;
