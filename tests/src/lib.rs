//! Behaviour of `traced` through its public API; the tests are in `tests/`.
