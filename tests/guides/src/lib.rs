//! See `tests/guides`: what the pages show is there, and is compiled.
