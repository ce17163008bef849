//! Every diagnostic, as a user reads it; the cases are in `tests/ui`.
