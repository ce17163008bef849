//! What an application does once: it says where spans go, and keeps a guard.
//!
//! - [`builder`]: what code says; [`said`]: the same as plain data.
//! - [`settle`]: code, variables and defaults become what is installed; `settle_bare` without feature `init`.
//! - [`resource`]: who sends the spans. [`privacy`]: what they may tell at most.
//! - [`exporters`]: where they go; [`start_line`]: that, told in one line.
//! - [`init`]: the short way.

pub(crate) mod builder;
#[cfg(feature = "init")]
mod exporters;
#[cfg(feature = "init")]
pub(crate) mod init;
mod privacy;
mod resource;
mod said;
#[cfg(feature = "init")]
pub(crate) mod settle;
#[cfg(not(feature = "init"))]
#[path = "settle_bare.rs"]
mod settle;
#[cfg(feature = "init")]
mod start_line;
