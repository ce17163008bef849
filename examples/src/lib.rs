//! Numbered programs in `examples/`, each under a minute to read.
