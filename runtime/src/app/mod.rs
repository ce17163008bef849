//! What an application does once: it says where spans go, and keeps a guard.
//!
//! - [`builder`]: what code says.

pub(crate) mod builder;
