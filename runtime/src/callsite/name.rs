//! From the compiler's path to the name that a person would give.

/// `shop::orders::Orders::place::__here` → `Orders::place`.
pub(super) fn normalise(path: &str) -> String {
    path.to_owned()
}

pub(super) fn leak(name: &str) -> &'static str {
    Box::leak(name.into())
}
